import type { Issue } from '../../model/index.ts';
import { outboundListener, PASSTHROUGH_CHAIN } from '../names.ts';
import { type ClassFacts, idleOf, otherFamily } from './facts.ts';
import type { HttpChainSpec } from './http-chain.ts';
import { MATCH_ALL } from './match.ts';
import { type Contribution, type HttpMerged, merge } from './merge.ts';
import type { TcpChain } from './parts.ts';
import { type ChainRef, type ListenerPlan, planned } from './plan.ts';

/** Where a listener stands. */
export interface ListenerPlace {
  readonly class: string;
  readonly bind: string;
  /** 0 for a unix socket. */
  readonly port: number;
}

/**
 * The listener of a class at one bind and port, from what the services there contribute in Istio's order, and what is
 * to be said about it. No plan where nothing is contributed (spec/istio.md 4.2).
 */
export function portListener(
  { bind, port }: ListenerPlace,
  contributions: readonly Contribution[],
  facts: ClassFacts,
  { real, given }: { readonly real: boolean; readonly given: boolean },
): { readonly plan: ListenerPlan | undefined; readonly issues: readonly Issue[] } {
  const { chains, http, issues } = merge(contributions);
  if (chains.length === 0) return { plan: undefined, issues };
  const name = outboundListener(bind, port);
  const refs: ChainRef[] = [];
  let fallback: ChainRef | undefined;
  for (const chain of chains) {
    const ref: ChainRef =
      chain === 'http' ? { kind: 'http', spec: httpSpec(name, http!, facts) } : { kind: 'encoded', bytes: chain.bytes };
    // The chain that takes everything is asked last, or it would be a second match for what others leave.
    if (chains.length > 1 && takesEverything(chain, http)) fallback = ref;
    else refs.push(ref);
  }
  const alone = chains.length === 1 && takesEverything(chains[0]!, http);
  const httpInspector = http?.sniffs ?? false;
  const head = {
    bind,
    furtherBinds: given ? [] : otherFamily(bind, facts.client),
    port,
    kind: real ? ('bound' as const) : ('captured' as const),
    tlsInspector: chains.some((chain) => chain !== 'http' && chain.bySni),
    httpInspector,
    filtersTimeout: httpInspector ? facts.detectionTimeout : '0s',
    logging: facts.client.logging,
  };
  return { plan: planned(name, head, refs, fallback ?? (alone ? undefined : passthrough(facts, name))), issues };
}

function takesEverything(chain: TcpChain | 'http', http: HttpMerged | undefined): boolean {
  return chain === 'http' ? http?.sniffs === false : chain.match === MATCH_ALL;
}

function httpSpec(listener: string, http: HttpMerged, facts: ClassFacts): HttpChainSpec {
  return {
    listener,
    routes: { name: http.routes },
    takes: http.sniffs ? 'plaintext' : 'everything',
    grpcWeb: http.grpcWeb,
    dynamicHosts: http.dynamicHosts,
    absoluteUrl: false,
    facts: facts.http,
  };
}

/** Connections that no chain takes go where calls to unknown addresses go. */
function passthrough({ traffic: { cluster }, client }: ClassFacts, listener: string): ChainRef {
  const tcp = { statPrefix: cluster, target: cluster, logging: client.logging, listener, ...idleOf(client) };
  return { kind: 'tcp', spec: { name: PASSTHROUGH_CHAIN, tcp }, emptyMatch: true };
}
