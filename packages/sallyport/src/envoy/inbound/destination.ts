import { ipFamily } from '../../lib/ip.ts';
import type { ServedPort } from '../../model/index.ts';
import { loopbackOf } from '../listeners/facts.ts';
import type { InboundFacts } from './facts.ts';

/** Where calls to a served port go on to. */
export type InboundDestination =
  /** To the address they were made to. */
  | { readonly kind: 'original' }
  /** Port 0 for a unix socket, `unix://…`. */
  | { readonly kind: 'loopback' | 'own-address' | 'unix'; readonly address: string; readonly port: number };

/** A Sidecar's `defaultEndpoint`, else what the mesh says of all inbound calls (spec/istio.md 4.11). */
export function destinationOf({ ingress, target }: ServedPort, facts: InboundFacts): InboundDestination {
  const endpoint = ingress?.listener.defaultEndpoint ?? '';
  if (endpoint.startsWith('unix://')) return { kind: 'unix', address: endpoint, port: 0 };
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(endpoint);
  if (found !== null) return named(found[1] ?? found[2] ?? '', Number(found[3]), facts);
  if (ingress !== undefined || !facts.toLoopback) return { kind: 'original' };
  return { kind: 'loopback', address: loopbackOf(facts.families), port: target };
}

/** The unspecified address stands for the proxy's own of that family, the loopback address for that of a family that it has. */
function named(host: string, port: number, { addresses, families }: InboundFacts): InboundDestination {
  const loopback = (address: string) => ({ kind: 'loopback', address, port }) as const;
  if (host === '::1') return loopback(families === 'v4' ? loopbackOf(families) : host);
  if (host !== '::' && host !== '0.0.0.0') return loopback(loopbackOf(families));
  const own = addresses.find((address) => ipFamily(address) === (host === '::' ? 6 : 4));
  if (own === undefined) return loopback(host === '::' ? '::1' : '127.0.0.1');
  return { kind: 'own-address', address: own, port };
}
