import type { Issue, ObjectKey, Service } from '../../model/index.ts';
import type { Part, ServiceParts } from './parts.ts';

/** A port that no listener of ours may take (spec/istio.md 4.2, 9). */
export function portRefused(service: Pick<Service, 'from' | 'host'>, port: number, why: 'reserved' | 'privileged'): Issue {
  const reason =
    why === 'reserved'
      ? `port ${port} of ${service.host} has no address of its own and belongs to the proxy itself, so it is not served`
      : `port ${port} of ${service.host} is below 1024 and the proxy may not bind such ports, so it is not served`;
  const hint = why === 'reserved' ? 'give the entry an address, or use another port' : 'use a port from 1024 up';
  return { code: 'PORT_RESERVED', severity: 'warning', message: reason, hint, object: service.from };
}

/** A name that Envoy cannot match, and for which it would refuse the whole listener (spec/istio.md 4.5). */
export function unmatchableName(name: string, object: ObjectKey): Issue {
  const message = `no TLS connection is recognised by ${name}: a wildcard server name must start with "*." and have no other star`;
  return { code: 'UNSUPPORTED', severity: 'error', message, hint: 'write *.example.com, or each name', object };
}

/** The chain of an older service takes the same connections: the younger one is never reached, in Istio without a word. */
export function shadowed(winner: ServiceParts, loser: ServiceParts, { bind, port }: Part, match: string): Issue {
  const what = match === '|' ? 'every connection' : `connections for ${match.replace('|', ' ').trim()}`;
  return {
    code: 'SHADOWED',
    severity: 'warning',
    message: `${loser.host} gets no connections on port ${port}: ${winner.host} (${nameOf(winner)}) comes first and takes ${what} at ${bind}`,
    hint: 'give the entry an address of its own, another port, or protocol TLS so that server names tell the two apart',
    object: loser.from,
  };
}

/** Two chains share some connections but not all; Envoy would refuse the listener, so the later one is left out. */
export function overlapping(winner: ServiceParts, loser: ServiceParts, { port }: Part): Issue {
  return {
    code: 'PORT_CONFLICT',
    severity: 'error',
    message: `a route of ${loser.host} on port ${port} names a server or a network that a route of ${winner.host} (${nameOf(winner)}) names too; it is left out`,
    hint: 'name each server and network in one route only',
    object: loser.from,
  };
}

/** A service that another one's protocol shuts out of the listener (the table in spec/istio.md 4.2). */
export function shutOut(winner: ServiceParts, loser: ServiceParts, { bind, port, protocol }: Part): Issue {
  return {
    code: 'PORT_CONFLICT',
    severity: 'warning',
    message: `port ${port} (${protocol}) of ${loser.host} is not served at ${bind}: it cannot share the listener with ${winner.host} (${nameOf(winner)})`,
    hint: 'use another port, an address of its own, or the same protocol in both',
    object: loser.from,
  };
}

function nameOf({ from }: ServiceParts): string {
  return `${from.kind} ${from.namespace}/${from.name}`;
}
