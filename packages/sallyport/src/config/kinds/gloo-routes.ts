import { glooAccessPolicyRule } from '../rules/gloo-access-policy.ts';
import {
  corsPolicyRule,
  faultInjectionPolicyRule,
  headerManipulationPolicyRule,
  mirrorPolicyRule,
  retryTimeoutPolicyRule,
} from '../rules/route-policies.ts';
import { routeTableRule } from '../rules/route-table.ts';
import type { Rule } from '../rules/rule.ts';
import { virtualGatewayRule } from '../rules/virtual-gateway.ts';
import { glooAccessPolicy } from './gloo-access-policy.ts';
import { glooKind } from './gloo-kind.ts';
import {
  corsPolicy,
  faultInjectionPolicy,
  headerManipulationPolicy,
  mirrorPolicy,
  retryTimeoutPolicy,
} from './route-policies.ts';
import { routeTable } from './route-table.ts';
import type { KindRow } from './row.ts';
import type { Shape } from './shape.ts';
import { virtualGateway } from './virtual-gateway.ts';

const NETWORKING = 'networking.gloo.solo.io';
const RESILIENCE = 'resilience.policy.gloo.solo.io';
const TRAFFIC = 'trafficcontrol.policy.gloo.solo.io';
const SECURITY = 'security.policy.gloo.solo.io';
const EXTENSIONS = 'extensions.policy.gloo.solo.io';

/** RouteTable, VirtualGateway, policies on routes and AccessPolicy of Gloo Mesh v2 (spec/gloo.md 2). */
export const glooRouteKinds: readonly KindRow[] = [
  glooKind(NETWORKING, 'v2', 'RouteTable', 'routetables', routeTable, routeTableRule, { shortNames: ['rt'] }),
  glooKind(NETWORKING, 'v2', 'VirtualGateway', 'virtualgateways', virtualGateway, virtualGatewayRule, { shortNames: ['vg'] }),
  policy(RESILIENCE, 'RetryTimeoutPolicy', retryTimeoutPolicy, retryTimeoutPolicyRule),
  policy(RESILIENCE, 'FaultInjectionPolicy', faultInjectionPolicy, faultInjectionPolicyRule),
  policy(TRAFFIC, 'HeaderManipulationPolicy', headerManipulationPolicy, headerManipulationPolicyRule),
  policy(TRAFFIC, 'MirrorPolicy', mirrorPolicy, mirrorPolicyRule),
  policy(SECURITY, 'CORSPolicy', corsPolicy, corsPolicyRule),
  policy(SECURITY, 'AccessPolicy', glooAccessPolicy, glooAccessPolicyRule),
  refused(
    TRAFFIC,
    'RateLimitPolicy',
    'its limits are counted by a rate limit server, and proxies that count each for itself would let through as many times more as there are proxies',
  ),
  refused(TRAFFIC, 'RateLimitClientConfig', 'it describes requests to a rate limit server, and none is asked'),
  refused(
    TRAFFIC,
    'TransformationPolicy',
    'its templates need a filter that is only in Gloo’s own build of Envoy; a HeaderManipulationPolicy can change headers',
  ),
  refused(TRAFFIC, 'HTTPBufferPolicy', 'no Istio resource limits the size of requests'),
  refused(
    SECURITY,
    'ExtAuthPolicy',
    'its answers come from an authorization server, and none is asked: calls would pass unchecked',
  ),
  refused(
    SECURITY,
    'JWTPolicy',
    'tokens are not checked, so calls would pass without one; an AccessPolicy at an egress gateway goes by workload identities',
  ),
  refused(SECURITY, 'CSRFPolicy', 'no Istio resource checks where browsers send requests from'),
  refused(SECURITY, 'WAFPolicy', 'its rules need a filter that is only in Gloo’s own build of Envoy: calls would pass unchecked'),
  refused(SECURITY, 'DLPPolicy', 'masking needs a filter that is only in Gloo’s own build of Envoy: answers would pass unmasked'),
  refused(EXTENSIONS, 'WasmDeploymentPolicy', 'WebAssembly extensions are not loaded'),
];

function policy<S>(group: string, kind: string, schema: Shape, rule: Rule<S>): KindRow {
  return glooKind(group, 'v2', kind, pluralOf(kind), schema, rule);
}

/** A policy that somebody relies on and that does nothing is an error. */
function refused(group: string, kind: string, because: string): KindRow {
  const use = { acted: false, because, severity: 'error' } as const;
  return { kind, group, versions: ['v2'], plural: pluralOf(kind), scope: 'Namespaced', use };
}

function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  return lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
