import type { KindRow } from './row.ts';

const TRANSLATION = 'Gloo resources are not translated into Istio resources yet, so it has no effect';

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

export const glooKinds: readonly KindRow[] = GROUPS.flatMap(([group, version, kinds]) =>
  kinds.split(' ').map((kind): KindRow => {
    const lower = kind.toLowerCase();
    const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : lower.endsWith('s') ? lower : `${lower}s`;
    return {
      kind,
      group,
      versions: [version],
      plural,
      scope: 'Namespaced',
      use: { acted: false, because: TRANSLATION, severity: 'warning' },
    };
  }),
);
