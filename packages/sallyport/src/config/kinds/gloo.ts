import { glooRouteKinds } from './gloo-routes.ts';
import { glooServiceKinds } from './gloo-services.ts';
import { glooV1Kinds } from './gloo-v1.ts';
import type { KindRow } from './row.ts';

const UNTRANSLATED = 'it is not translated into Istio resources, so it has no effect';

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
  return { ...row, ...qualified, use: { acted: false, because: UNTRANSLATED, severity: 'warning' } };
}
