import type { Severity } from '../../model/index.ts';
import type { Rule } from '../rules/rule.ts';
import { secretRule } from '../rules/secret.ts';
import { configMap, endpointSlice, namespace, pod, secret, service } from './kubernetes.ts';
import type { ActedOn, KindRow } from './row.ts';
import type { Shape } from './shape.ts';

function acted(
  kind: string,
  plural: string,
  schema: Shape,
  more: Partial<Omit<KindRow, 'use'>> & { readonly use?: Partial<ActedOn> } = {},
): KindRow {
  const row = { kind, group: '', versions: ['v1'], plural, scope: 'Namespaced', ...more } as const;
  return { ...row, use: { acted: true, schema, ...more.use } };
}

function unread(
  group: string,
  versions: readonly string[],
  kind: string,
  because: string,
  severity: Severity = 'info',
  scope: KindRow['scope'] = 'Namespaced',
): KindRow {
  const plural = kind.endsWith('s')
    ? kind.toLowerCase()
    : kind.endsWith('y')
      ? `${kind.toLowerCase().slice(0, -1)}ies`
      : `${kind.toLowerCase()}s`;
  return { kind, group, versions, plural, scope, use: { acted: false, because, severity } };
}

const WORKLOAD = 'it runs workloads, which is for Kubernetes to do; their Pods and Services are read';
const OTHER = 'it has no effect on calls through the mesh';
const ROUTES = 'Gateway API resources are not translated yet, so its routes do not exist';
const GONE = 'Kubernetes dropped this version';

/** Kubernetes' own kinds (spec/istio.md 12) and those of the Gateway API. */
export const kubernetesKinds: readonly KindRow[] = [
  acted('Namespace', 'namespaces', namespace, { scope: 'Cluster', shortNames: ['ns'] }),
  acted('Service', 'services', service, { shortNames: ['svc'] }),
  acted('Pod', 'pods', pod, { shortNames: ['po'] }),
  acted('EndpointSlice', 'endpointslices', endpointSlice, {
    group: 'discovery.k8s.io',
    versions: ['v1', 'v1beta1'],
    use: { withoutSpec: true },
  }),
  acted('ConfigMap', 'configmaps', configMap, { shortNames: ['cm'], use: { withoutSpec: true } }),
  acted('Secret', 'secrets', secret, { use: { withoutSpec: true, rule: secretRule as Rule<never> } }),
  unread('', ['v1'], 'Endpoints', 'as in Istio only EndpointSlices are read; write an EndpointSlice', 'warning'),
  unread('', ['v1'], 'ServiceAccount', OTHER),
  unread('', ['v1'], 'Node', 'localities are read from Pods and WorkloadEntries', 'info', 'Cluster'),
  unread('', ['v1'], 'PersistentVolumeClaim', OTHER),
  unread('', ['v1'], 'ReplicationController', WORKLOAD),
  unread('apps', ['v1'], 'Deployment', WORKLOAD),
  unread('apps', ['v1'], 'StatefulSet', WORKLOAD),
  unread('apps', ['v1'], 'DaemonSet', WORKLOAD),
  unread('apps', ['v1'], 'ReplicaSet', WORKLOAD),
  unread('extensions', ['v1beta1'], 'Deployment', `${GONE}; write apps/v1. In either version ${WORKLOAD}`, 'warning'),
  unread('extensions', ['v1beta1'], 'DaemonSet', `${GONE}; write apps/v1. In either version ${WORKLOAD}`, 'warning'),
  unread('extensions', ['v1beta1'], 'ReplicaSet', `${GONE}; write apps/v1. In either version ${WORKLOAD}`, 'warning'),
  unread(
    'extensions',
    ['v1beta1'],
    'Ingress',
    `${GONE}; write networking.k8s.io/v1. In either version ingress is not served`,
    'warning',
  ),
  unread('batch', ['v1', 'v1beta1'], 'Job', WORKLOAD),
  unread('batch', ['v1', 'v1beta1'], 'CronJob', WORKLOAD),
  unread('autoscaling', ['v2', 'v1'], 'HorizontalPodAutoscaler', OTHER),
  unread('policy', ['v1'], 'PodDisruptionBudget', OTHER),
  unread('networking.k8s.io', ['v1'], 'Ingress', 'ingress is not served', 'warning'),
  unread('networking.k8s.io', ['v1'], 'NetworkPolicy', 'network policies are enforced by the cluster network'),
  unread('rbac.authorization.k8s.io', ['v1'], 'Role', OTHER),
  unread('rbac.authorization.k8s.io', ['v1'], 'RoleBinding', OTHER),
  unread('rbac.authorization.k8s.io', ['v1'], 'ClusterRole', OTHER, 'info', 'Cluster'),
  unread('rbac.authorization.k8s.io', ['v1'], 'ClusterRoleBinding', OTHER, 'info', 'Cluster'),
  unread('apiextensions.k8s.io', ['v1'], 'CustomResourceDefinition', OTHER, 'info', 'Cluster'),
  ...['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'ReferenceGrant', 'BackendTLSPolicy'].map((kind) =>
    unread('gateway.networking.k8s.io', ['v1', 'v1beta1', 'v1alpha3', 'v1alpha2'], kind, ROUTES, 'warning'),
  ),
  unread('gateway.networking.k8s.io', ['v1', 'v1beta1'], 'GatewayClass', ROUTES, 'warning', 'Cluster'),
];
