import type { CallOutcome, Upstream } from './outcome.ts';

/**
 * How a call ends, in one word. A closed list, the words of `explain --expect`:
 *
 * | verdict | the call |
 * |---|---|
 * | `allowed` | reaches a destination that configuration declares |
 * | `blocked` | is turned away: nothing declares its destination and the outbound policy lets nothing else out, or an AuthorizationPolicy denies it |
 * | `passthrough` | goes where the caller wanted, and nothing declares that destination |
 * | `redirected` | gets a redirect from the proxy |
 * | `answered` | gets another answer from the proxy itself, as configuration says |
 * | `failed` | ends in an error: nothing takes it, or what it was sent to does not exist or has no endpoints |
 */
export const VERDICTS = ['allowed', 'blocked', 'passthrough', 'redirected', 'answered', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Istio's names for clusters that stand for a policy instead of a destination (spec/istio.md 4.1). */
const BLACK_HOLE = 'BlackHoleCluster';
const THROUGH: ReadonlySet<string> = new Set(['PassthroughCluster', 'InboundPassthroughCluster', 'AllowAnyDynamicDNSCluster']);
/** Virtual host of a route configuration for all hosts that nothing declares (spec/istio.md 4.3 item 7). */
const BLOCK_ALL = 'block_all';
/** Clusters of these types take their endpoints from configuration: without any, Envoy answers 503. */
const LISTED: ReadonlySet<string> = new Set(['EDS', 'STATIC', 'STRICT_DNS', 'LOGICAL_DNS']);

export function verdictOf({ error, virtualHost, detail }: Omit<CallOutcome, 'steps'>): Verdict {
  if (error === 'TLSRedirect') return 'redirected';
  if (error === 'AccessDenied') return 'blocked';
  if (error !== null || detail === undefined) return 'failed';
  if (detail.action === 'redirect') return 'redirected';
  if (detail.action === 'direct') return virtualHost === BLOCK_ALL ? 'blocked' : 'answered';
  const upstreams = detail.upstreams ?? [];
  if (upstreams.length > 0 && upstreams.every(({ cluster }) => cluster === BLACK_HOLE)) return 'blocked';
  if (detail.dynamicForwardProxyFilter === false || !upstreams.some(canServe)) return 'failed';
  return upstreams.every(({ cluster }) => THROUGH.has(cluster)) ? 'passthrough' : 'allowed';
}

/** Whether a connection to this cluster can end anywhere at all. */
export function canServe({ cluster, exists, type, endpoints = [] }: Upstream): boolean {
  return exists && cluster !== BLACK_HOLE && (endpoints.length > 0 || type === undefined || !LISTED.has(type));
}
