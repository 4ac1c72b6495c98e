import type {
  AccessStep,
  FilterChainStep,
  Finding,
  ListenerFilterStep,
  ListenerStep,
  RouteStep,
  Step,
  VirtualHostStep,
} from './step.ts';

/** A decision as one sentence without full stop, lower case, for people who know Envoy’s words. */
export function stepText(step: Step): string {
  switch (step.at) {
    case 'listener':
      return listenerText(step);
    case 'listenerFilter':
      return listenerFilterText(step);
    case 'filterChain':
      return filterChainText(step);
    case 'chosenChain':
      return {
        'only one left': `the chain is ${step.chains[0]}`,
        default: `no chain matches, so the default chain takes it: ${step.chains[0]}`,
        'several left': `several chains match alike, which Envoy refuses: ${step.chains.join('; ')}`,
        'none left': 'no chain matches, and there is no default chain',
      }[step.rule];
    case 'tls':
      if (!step.terminates) return `the chain leaves TLS alone, and the call is ${step.call}`;
      return `the chain ends ${step.workloadMtls ? 'mutual TLS between workloads' : 'TLS'}, ${step.ok ? 'as the call wants' : `but the call is ${step.call}`}`;
    case 'access':
      return accessText(step);
    case 'tcpProxy':
      if (step.clusters.length === 0) return 'the TCP proxy has no cluster';
      return `the TCP proxy sends it to ${step.clusters.join(', ')}${step.bySni ? ', by its server name' : ''}`;
    case 'routeConfig':
      if (step.found === 'missing') return `the route configuration ${step.name} is missing`;
      return `the route configuration is ${step.name}${step.found === 'inline' ? ', part of the listener' : ''}`;
    case 'virtualHost':
      return virtualHostText(step);
    case 'route':
      return routeText(step);
    case 'upstream':
      return step.exists
        ? `the cluster ${step.cluster} exists${step.found === undefined ? '' : FOUND[step.found]}`
        : `the cluster ${step.cluster} does not exist: the answer is 503 NC`;
  }
}

const FOUND: Readonly<Record<Finding, string>> = {
  caller: ': calls go to the address that the caller picks, which nobody compares with the name it says',
  lookup: ': the name is looked up by the proxy when it is called, and the address that the caller picks does not count',
  'guarded lookup':
    ': the name is looked up by the proxy when it is called, and the address that the caller picks does not count; private, loopback, link-local and metadata addresses are refused',
};

function listenerText({ by, listener, tried }: ListenerStep): string {
  switch (by) {
    case 'inbound':
      return `what comes in arrives at ${listener}`;
    case 'exact':
      return `the listener ${listener} is bound to exactly this address and port`;
    case 'wildcard':
    case 'any':
      return `no listener is bound to this address; ${listener} takes the port on all addresses`;
    case 'catchAll':
      return `no listener is bound to this address or port; ${listener} takes all that is captured`;
    case 'none':
      return `no listener takes it; looked for ${tried.join(', ')}`;
  }
}

function listenerFilterText({ filter, state, transport, sni, alpn }: ListenerFilterStep): string {
  const name = filter === 'tls_inspector' ? 'TLS inspector' : 'HTTP inspector';
  if (state === 'absent') return `there is no ${name}`;
  if (state === 'disabled') return `the ${name} is off for this port`;
  const seen = [transport === 'tls' ? 'TLS' : '', sni === '' ? '' : `server name ${sni}`, alpn.join(', ')];
  return `the ${name} sees ${seen.filter((part) => part !== '').join(', ') || 'nothing'}`;
}

const CRITERIA: Readonly<Record<FilterChainStep['criterion'], string>> = {
  destinationPort: 'port',
  prefixRanges: 'address',
  serverNames: 'server name',
  transportProtocol: 'transport',
  applicationProtocols: 'protocol',
  directSourcePrefixRanges: 'peer',
  sourceType: 'kind of source',
  sourcePrefixRanges: 'source',
  sourcePorts: 'source port',
};

function filterChainText({ criterion, caller, matched, before, after }: FilterChainStep): string {
  const what = `by ${CRITERIA[criterion]} (${caller === '' ? 'none' : caller})`;
  const how = matched === undefined ? 'none matches, so only those without it stay' : `${matched} matches`;
  return `${what} ${after} of ${before} ${before === 1 ? 'chain stays' : 'chains stay'}: ${how}`;
}

function accessText({ effect, allowed, policy, policies }: AccessStep): string {
  if (policy === undefined)
    return allowed
      ? `none of the ${effect} policies fits it`
      : `it is not allowed: none of the ${policies} rules that allow fits it`;
  return effect === 'DENY' ? `${policy} denies it` : effect === 'ALLOW' ? `${policy} allows it` : `${policy} marks it`;
}

function virtualHostText({ host, by, domain, virtualHost, wantsTls }: VirtualHostStep): string {
  if (by === 'none') return `no virtual host has a domain for ${host}`;
  const redirect = wantsTls ? ', which wants TLS and redirects' : '';
  return `${host || 'a call without host'} is in the virtual host ${virtualHost}, domain ${domain}${redirect}`;
}

function routeText({ index, name, holds, held, failed }: RouteStep): string {
  const route = `route ${index}${name === '' ? '' : ` (${name})`}`;
  if (holds) return `${route} fits: ${held.join(', ')}`;
  return `${route} does not fit: ${failed === undefined ? 'it has no conditions, which Envoy refuses' : `not true that ${failed}`}`;
}
