import { glooRouteKinds } from './gloo-routes.ts';
import { glooServiceKinds } from './gloo-services.ts';
import { glooV1Kinds } from './gloo-v1.ts';
import type { KindRow } from './row.ts';

const UNTRANSLATED = 'it is not translated into Istio resources, so it has no effect';
const SERVERS = 'it needs a server of Gloo Mesh that is not here';
const FILTERS = 'Istio can only express it by patches of Envoy configuration, which are not applied';
const V1_GATEWAYS =
  'what Gloo Mesh v1 makes of it was never published; write a VirtualGateway and RouteTable of v2, or a Gateway and VirtualService';

/** Why a kind is not translated, where more can be said than that it is not. */
const BECAUSE: Readonly<Record<string, string>> = {
  'networking.enterprise.mesh.gloo.solo.io/VirtualDestination':
    'what Gloo Mesh v1 makes of it was never published; write a VirtualDestination of v2',
  'networking.enterprise.mesh.gloo.solo.io/VirtualGateway': V1_GATEWAYS,
  'networking.enterprise.mesh.gloo.solo.io/VirtualHost': V1_GATEWAYS,
  'networking.enterprise.mesh.gloo.solo.io/RouteTable': V1_GATEWAYS,
  'networking.enterprise.mesh.gloo.solo.io/WasmDeployment': 'WebAssembly extensions are not loaded',
  'extensions.policy.gloo.solo.io/WasmDeploymentPolicy': 'WebAssembly extensions are not loaded',
  'discovery.mesh.gloo.solo.io/Workload':
    'workloads are read from Pods and WorkloadEntries, not from what Gloo discovered about them',
  'settings.mesh.gloo.solo.io/Settings':
    'it is about Gloo Mesh itself and about calls between Kubernetes Services, not about external services',
  'networking.gloo.solo.io/ExternalWorkload': 'workloads outside a cluster are WorkloadEntries here',
  'admin.gloo.solo.io/RootTrustPolicy': 'certificates of the mesh come from its own authority',
  'admin.gloo.solo.io/KubernetesCluster': 'one cluster is served; its name is given with --cluster',
  'admin.gloo.solo.io/ExtAuthServer': SERVERS,
  'admin.gloo.solo.io/RateLimitServerConfig': SERVERS,
  'admin.gloo.solo.io/RateLimitServerSettings': SERVERS,
  'trafficcontrol.policy.gloo.solo.io/RateLimitPolicy': SERVERS,
  'trafficcontrol.policy.gloo.solo.io/RateLimitClientConfig': SERVERS,
  'security.policy.gloo.solo.io/ExtAuthPolicy': SERVERS,
  'resilience.policy.gloo.solo.io/ActiveHealthCheckPolicy': FILTERS,
  'resilience.policy.gloo.solo.io/ListenerConnectionPolicy': FILTERS,
  'resilience.policy.gloo.solo.io/AdaptiveRequestConcurrencyPolicy': FILTERS,
  'trafficcontrol.policy.gloo.solo.io/TransformationPolicy': FILTERS,
  'trafficcontrol.policy.gloo.solo.io/HTTPBufferPolicy': FILTERS,
  'trafficcontrol.policy.gloo.solo.io/ProxyProtocolPolicy': FILTERS,
  'security.policy.gloo.solo.io/CSRFPolicy': FILTERS,
  'security.policy.gloo.solo.io/JWTPolicy': FILTERS,
  'security.policy.gloo.solo.io/WAFPolicy': FILTERS,
  'security.policy.gloo.solo.io/DLPPolicy': FILTERS,
  'observability.policy.gloo.solo.io/AccessLogPolicy': 'access logs follow the mesh configuration only',
};

/** Kinds that Sallyport translates. */
const TRANSLATED: readonly KindRow[] = [...glooV1Kinds, ...glooServiceKinds, ...glooRouteKinds];

/** Gloo Mesh kinds by API group and version (spec/gloo.md). */
const GROUPS: readonly (readonly [group: string, version: string, kinds: string])[] = [
  ['discovery.mesh.gloo.solo.io', 'v1', 'Destination Workload Mesh'],
  ['networking.mesh.gloo.solo.io', 'v1', 'TrafficPolicy AccessPolicy VirtualMesh'],
  ['settings.mesh.gloo.solo.io', 'v1', 'Settings'],
  [
    'networking.enterprise.mesh.gloo.solo.io',
    'v1beta1',
    'VirtualDestination VirtualGateway VirtualHost RouteTable ServiceDependency WasmDeployment',
  ],
  [
    'networking.gloo.solo.io',
    'v2',
    'ExternalService ExternalEndpoint ExternalWorkload RouteTable VirtualGateway VirtualDestination',
  ],
  [
    'admin.gloo.solo.io',
    'v2',
    'Workspace WorkspaceSettings RootTrustPolicy KubernetesCluster ExtAuthServer RateLimitServerConfig RateLimitServerSettings',
  ],
  [
    'resilience.policy.gloo.solo.io',
    'v2',
    'RetryTimeoutPolicy FaultInjectionPolicy ConnectionPolicy OutlierDetectionPolicy FailoverPolicy ActiveHealthCheckPolicy TrimProxyConfigPolicy ListenerConnectionPolicy AdaptiveRequestConcurrencyPolicy',
  ],
  [
    'trafficcontrol.policy.gloo.solo.io',
    'v2',
    'HeaderManipulationPolicy MirrorPolicy LoadBalancerPolicy RateLimitPolicy RateLimitClientConfig TransformationPolicy HTTPBufferPolicy ProxyProtocolPolicy',
  ],
  [
    'security.policy.gloo.solo.io',
    'v2',
    'AccessPolicy ClientTLSPolicy CORSPolicy CSRFPolicy ExtAuthPolicy JWTPolicy WAFPolicy DLPPolicy',
  ],
  ['observability.policy.gloo.solo.io', 'v2', 'AccessLogPolicy'],
  ['extensions.policy.gloo.solo.io', 'v2', 'WasmDeploymentPolicy'],
];

/** Kinds of two generations, or of two groups, that another group has, too; the older one is spelled with its group. */
const QUALIFIED = [
  'networking.mesh.gloo.solo.io/AccessPolicy',
  ...['VirtualDestination', 'VirtualGateway', 'RouteTable'].map((kind) => `networking.enterprise.mesh.gloo.solo.io/${kind}`),
];

export const glooKinds: readonly KindRow[] = [
  ...TRANSLATED,
  ...GROUPS.flatMap(([group, version, kinds]) => kinds.split(' ').map((kind) => untranslated(group, version, kind))).filter(
    ({ group, kind }) => !TRANSLATED.some((row) => row.group === group && row.kind === kind),
  ),
];

function untranslated(group: string, version: string, kind: string): KindRow {
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : lower.endsWith('s') ? lower : `${lower}s`;
  const row = { kind, group, versions: [version], plural, scope: 'Namespaced' } as const;
  const qualified = QUALIFIED.includes(`${group}/${kind}`) ? ({ qualified: true } as const) : {};
  return {
    ...row,
    ...qualified,
    use: { acted: false, because: BECAUSE[`${group}/${kind}`] ?? UNTRANSLATED, severity: 'warning' },
  };
}
