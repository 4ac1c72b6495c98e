import type { ConfigObject, Endpoint, PodSpec, PodStatus } from '../model/index.ts';
import { type Defaults, spiffeId } from './defaults.ts';
import { localityOf, networkOf, withTopology } from './locality.ts';
import { addressOf, TLS_MODE, type Workload, workloadIdentity } from './workload.ts';

const WORKLOAD_NAME = 'service.istio.io/workload-name';

/** A Pod as something to be selected, or to be found behind an EndpointSlice address (spec/istio.md 1.4 and 12). */
export function workloadOfPod(object: ConfigObject<PodSpec>, defaults: Defaults): Workload {
  const { key, spec, labels } = object;
  const addresses = podAddresses((object.status ?? {}) as PodStatus);
  const locality = localityOf(undefined, labels);
  const network = networkOf(undefined, labels);
  const withPlace = withTopology(labels, { locality, network, cluster: defaults.clusterId });
  return {
    key,
    namespace: key.namespace,
    ready: isReady(object) && addresses.length > 0,
    labels: withPlace,
    addresses,
    ports: containerPorts(spec),
    endpoint: {
      address: addressOf(addresses[0]),
      labels: withPlace,
      locality,
      network,
      weight: 1,
      identity: spiffeId(defaults.trustDomain, key.namespace, spec.serviceAccountName ?? 'default'),
      tlsMode: labels[TLS_MODE] ?? 'disabled',
      health: 'healthy',
      workload: workloadIdentity(workloadName(object), key.namespace, labels, defaults.clusterId),
      ...nameOf(object),
      ...(spec.nodeName !== undefined && { node: spec.nodeName }),
      origin: 'pod',
    },
  };
}

/** What a Pod is called under a headless Service; without a subdomain it has no name of its own there (spec/istio.md 3.3). */
function nameOf({ key, spec }: ConfigObject<PodSpec>): Pick<Endpoint, 'hostname' | 'subdomain'> {
  return spec.subdomain ? { hostname: spec.hostname || key.name, subdomain: spec.subdomain } : {};
}

function podAddresses({ podIP, podIPs = [] }: PodStatus): readonly string[] {
  return [...new Set([podIP, ...podIPs.map(({ ip }) => ip)])].filter((ip) => ip !== undefined && ip !== '') as string[];
}

/** Ready and not about to end, by what its status says. */
function isReady(object: ConfigObject<PodSpec>): boolean {
  const { phase, conditions = [] } = (object.status ?? {}) as PodStatus;
  if (phase === 'Succeeded' || phase === 'Failed') return false;
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function containerPorts(spec: PodSpec): Readonly<Record<string, number>> {
  const ports = (spec.containers ?? []).flatMap((container) => container.ports ?? []);
  return Object.fromEntries(ports.flatMap(({ name, containerPort }) => (name ? [[name, containerPort]] : [])));
}

/** The name of the workload rather than of one copy of it: its label, or the Deployment that a ReplicaSet's Pod is named after. */
function workloadName({ key, labels }: ConfigObject<PodSpec>): string {
  const hash = labels['pod-template-hash'];
  const stem = hash === undefined ? -1 : key.name.lastIndexOf(`-${hash}-`);
  return labels[WORKLOAD_NAME] ?? (stem > 0 ? key.name.slice(0, stem) : key.name);
}
