import type { Call } from './call.ts';
import type { CallError, CallOutcome, Upstream } from './outcome.ts';
import { canServe, verdictOf } from './verdict.ts';

/** What becomes of a call as one plain sentence, without full stop. */
export function sentenceOf(call: Call, outcome: Omit<CallOutcome, 'steps'>): string {
  return `${subject(call)} ${predicate(call, outcome)}`;
}

function subject({ protocol, tls, method, host, path, address, port, sni }: Call): string {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  if (protocol === 'tcp') {
    const kind = { plaintext: 'a TCP connection', tls: 'a TLS connection', mtls: 'a mutual TLS connection' }[tls];
    return `${kind} to ${place}${sni === '' ? '' : ` for ${sni}`}`;
  }
  const url = `${tls === 'plaintext' ? 'http' : 'https'}://${host || place}${path}`;
  return `${method} ${url}${tls === 'mtls' ? ' in mutual TLS' : ''} at ${place}`;
}

const ERRORS: Readonly<Record<CallError, string>> = {
  NoListener: 'fails: no listener of the proxy takes it',
  NoFilterChain: 'fails: the listener closes the connection, for none of its filter chains takes it',
  MultipleFilterChain: 'fails: several filter chains match alike, and Envoy refuses such a listener',
  TLSError: 'fails: the proxy expects TLS, and the call is plaintext',
  MTLSError: 'fails: the call and the proxy do not agree on mutual TLS between workloads',
  ProtocolError: 'fails: the proxy expects HTTP in plaintext with a path without #fragment and gets something else',
  NoVirtualHost: 'fails with status 404: no virtual host is for its host',
  TLSRedirect: 'is redirected to https',
  NoRoute: 'fails with status 404: no route fits',
  AccessDenied: 'is denied by an AuthorizationPolicy',
};

function predicate({ inbound }: Call, outcome: Omit<CallOutcome, 'steps'>): string {
  const { error, detail } = outcome;
  if (error !== null) return ERRORS[error];
  const upstreams = detail?.upstreams ?? [];
  switch (verdictOf(outcome)) {
    case 'blocked':
      return 'is blocked: nothing that is declared fits it, and the outbound policy lets nothing else out';
    case 'passthrough':
      return inbound
        ? 'passes through to the workload: no service declares this port'
        : 'passes through to where the caller wants: nothing that is declared fits it, and the outbound policy lets it out';
    case 'redirected':
      return 'is answered with a redirect';
    case 'answered':
      return `is answered by the proxy itself with status ${detail?.directStatus ?? 0}`;
    case 'failed':
      if (detail?.dynamicForwardProxyFilter === false)
        return `fails: the filter that resolves names for ${outcome.cluster ?? 'its cluster'} is missing`;
      return upstreams.length === 0 ? 'fails: it is sent nowhere' : `fails with status 503: ${upstreams.map(lack).join('; ')}`;
    case 'allowed':
      return `goes to ${destination(outcome)}`;
  }
}

function lack({ cluster, exists }: Upstream): string {
  return exists ? `${cluster} has no endpoints` : `there is no cluster ${cluster}`;
}

function destination({ detail }: Omit<CallOutcome, 'steps'>): string {
  const { weighted = [], upstreams = [] } = detail ?? {};
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const parts = upstreams.map((upstream) => {
    const weight = weighted.find(({ cluster }) => cluster === upstream.cluster)?.weight;
    const share = weight === undefined || total === 0 ? '' : ` (${Math.round((weight / total) * 100)} %)`;
    return `${upstream.cluster}${share}${canServe(upstream) ? '' : ', which cannot serve it'}${at(upstream)}${over(upstream)}`;
  });
  return parts.join(', and ');
}

const MOST_ENDPOINTS = 3;

function at({ endpoints = [] }: Upstream): string {
  if (endpoints.length === 0) return '';
  const more = endpoints.length - MOST_ENDPOINTS;
  return ` at ${endpoints.slice(0, MOST_ENDPOINTS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Only TLS that the proxy itself begins, and always; what the caller encrypts is no business of the cluster. */
function over({ tls = {} }: Upstream): string {
  const ways = Object.values(tls);
  return ways.length === 0 || ways.includes('plaintext') ? '' : ' in TLS that the proxy begins';
}
