import type { Call, CallOutcome, Upstream } from 'sallyport/explain/index.ts';
import { canServe } from 'sallyport/explain/verdict.ts';

/** An outcome of the walker, or `expect` of a vector, which has no steps. */
export type Outcome = Omit<CallOutcome, 'steps'>;

/** What a caller and the access log have to show for an outcome. */
export interface Expected {
  /** How it ends for the caller, as one of the words of {@link wordOf}. */
  readonly endings: readonly string[];
  /** Clusters, one of which is in the access log; empty: none is. Absent: nothing needs to be logged. */
  readonly clusters?: readonly string[];
  readonly listener?: string;
  readonly filterChain?: string;
  /** Absent for calls that get to no route. */
  readonly route?: string;
  /** Where the proxy connected to, `ip:port`; absent: not known beforehand. */
  readonly hosts?: readonly string[];
}

/** Words for endings: `status 200 from a stand-in`, `status 404`, `bytes`, `closed`, `refused`. */
const STAND_IN = 'status 200 from a stand-in';

/**
 * Translates an outcome into what shows.
 *
 * | outcome | caller | access log | because |
 * |---|---|---|---|
 * | NoListener | refused | nothing | no socket of the proxy takes the connection |
 * | NoFilterChain | closed | if anything: no cluster | Envoy closes at once, and the listener's own log has the flag NR |
 * | TLSError, MTLSError | closed | nothing | the handshake fails before any filter that logs |
 * | ProtocolError | closed, or 400 to who sent plaintext | if anything: no cluster | the HTTP codec answers 400 to bytes that it cannot read |
 * | NoVirtualHost, NoRoute | 404 | no cluster | |
 * | AccessDenied | 403, closed for TCP | | an AuthorizationPolicy; ours, the random part has none |
 * | TLSRedirect | 301 | no cluster | `require_tls` |
 * | direct, redirect | its status | no cluster, route by name | |
 * | cluster that does not exist | 503, closed for TCP | no cluster | flag NC; Envoy names no cluster that it does not find |
 * | cluster without endpoints | 503, closed for TCP | the cluster | flag UH |
 * | cluster | 200 of a stand-in; its bytes for TCP | the cluster, route by name, the address | stand-ins answer on every address |
 */
export function expectedOf(outcome: Outcome, call: Call): Expected {
  const { error, listener, filterChain, route = '', detail } = outcome;
  const at = { ...(listener !== undefined && { listener }), ...(filterChain !== undefined && { filterChain }) };
  switch (error) {
    case 'NoListener':
      return { endings: ['refused'] };
    case 'NoFilterChain':
    case 'TLSError':
    case 'MTLSError':
    case 'MultipleFilterChain':
      return { endings: ['closed'] };
    case 'ProtocolError':
      return { endings: call.tls === 'plaintext' ? ['status 400', 'closed'] : ['closed'] };
    case 'NoVirtualHost':
    case 'NoRoute':
      return { endings: ['status 404'], clusters: [], ...at };
    case 'TLSRedirect':
      return { endings: ['status 301'], clusters: [], ...at };
    case 'AccessDenied':
      return { endings: [call.protocol === 'tcp' ? 'closed' : 'status 403'], ...at };
    case null:
      break;
  }
  const isHttp = detail?.action !== 'tcp' && detail?.action !== 'tcpWeighted';
  const onRoute = { ...at, ...(isHttp && { route }) };
  switch (detail?.action) {
    case 'direct':
      return { endings: [`status ${detail.directStatus}`], clusters: [], ...onRoute };
    case 'redirect':
      return { endings: [`status ${redirectStatus(detail.redirect)}`], clusters: [], ...onRoute };
    default: {
      const upstreams = detail?.upstreams ?? [];
      const served = call.protocol === 'tcp' ? 'bytes' : STAND_IN;
      const failed = isHttp ? 'status 503' : 'closed';
      const endings = upstreams.map((upstream) => (canServe(upstream) ? served : failed));
      const hosts = hostsOf(upstreams, call);
      return {
        endings: [...new Set(endings)],
        clusters: upstreams.map(({ cluster, exists }) => (exists ? cluster : '')),
        ...onRoute,
        ...(hosts !== undefined && { hosts }),
      };
    }
  }
}

const STATUS: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

function redirectStatus(redirect: unknown): number {
  const { responseCode = 'MOVED_PERMANENTLY' } = redirect as { readonly responseCode?: string };
  return STATUS[responseCode] ?? 0;
}

/** Addresses are known where endpoints are listed, and where a connection goes on to where it was going. */
function hostsOf(upstreams: readonly Upstream[], call: Call): readonly string[] | undefined {
  const hosts = upstreams.flatMap((upstream): readonly (string | undefined)[] => {
    if (!canServe(upstream)) return [];
    if (upstream.type === 'EDS' || upstream.type === 'STATIC') return upstream.endpoints ?? [];
    if (upstream.type !== 'ORIGINAL_DST') return [undefined];
    const port = upstream.portOverride ?? call.port;
    return [call.address.includes(':') ? `[${call.address}]:${port}` : `${call.address}:${port}`];
  });
  return hosts.length === 0 || hosts.includes(undefined) ? undefined : (hosts as readonly string[]);
}
