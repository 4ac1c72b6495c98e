import type { L4Match, Port, Protocol, Routing, Rule, Service } from '../../model/index.ts';
import { isTls } from '../../model/index.ts';
import { dynamicName } from '../dynamic-name.ts';
import { configOf, type TcpPlace, toCluster, toDestinations } from './destination.ts';
import { fits, type RoutingUse } from './l4-routing.ts';
import { type ChainMatch, chainMatch, EVERYTHING, matchText } from './match.ts';
import type { TcpChainSpec, TcpSpec } from './tcp-chain.ts';

/** What the chains of one service port on one address are made from. */
export interface PortView {
  readonly service: Service;
  /** As the listener has it: for a Sidecar's port its number and protocol. */
  readonly listen: { readonly port: number; readonly protocol: Protocol };
  /** Ports of the service that the caller sees. */
  readonly ports: readonly Port[];
  readonly place: TcpPlace;
  /** The address is a network: connections to it are told apart by destination. */
  readonly cidr: string | undefined;
  /** The names by which a TLS connection is known to be for this service; empty where the bind alone says it. */
  readonly serverNames: readonly string[];
  readonly rule: Rule | undefined;
  readonly routings: readonly (RoutingUse & { readonly object: Routing })[];
  readonly ruleOf: (key: string) => Rule | undefined;
}

/** The TCP chains of a port that is not HTTP: those of TLS ports by server name, of all others by destination alone. */
export function tcpChainsOf(view: PortView): readonly TcpChainSpec[] {
  return unique(isTls(view.listen.protocol) ? tlsChains(view) : plainChains(view));
}

/** spec/istio.md 4.5: one chain for each fitting match of a tls route; only without any the service's own chain. */
function tlsChains(view: PortView): readonly TcpChainSpec[] {
  const chains: TcpChainSpec[] = [];
  let matched = false;
  for (const use of view.routings) {
    for (const { match, route } of use.object.spec.tls ?? []) {
      for (const block of match ?? []) {
        if (!fits(block, view.listen.port, use.caller)) continue;
        matched = true;
        // A match's own subnets hold for that match alone: in Istio they stick to the next ones (spec/istio.md 7.20).
        const destinations = subnetsOf(block, view) ?? cidrsOf(view);
        pushChain(chains, chainMatch(block.sniHosts ?? [], destinations), routed(view, use, route), configOf(use.object));
      }
    }
  }
  if (matched) return chains;
  pushChain(chains, chainMatch(view.serverNames, cidrsOf(view)), toService(view), undefined);
  return chains;
}

/**
 * spec/istio.md 4.4: the first fitting match without subnets ends the search; subnets are gathered per route; what is
 * left over goes to the service itself.
 */
function plainChains(view: PortView): readonly TcpChainSpec[] {
  const chains: TcpChainSpec[] = [];
  for (const use of view.routings) {
    for (const { match, route } of use.object.spec.tcp ?? []) {
      const blocks = (match ?? []).filter((block) => fits(block, view.listen.port, use.caller));
      if ((match ?? []).length > 0 && blocks.length === 0) continue;
      const subnets = blocks.map((block) => subnetsOf(block, view));
      const ends = subnets.every((list) => list !== undefined) === false || blocks.length === 0;
      const destinations = ends ? cidrsOf(view) : subnets.flatMap((list) => list ?? []);
      pushChain(chains, chainMatch([], destinations), routed(view, use, route), configOf(use.object));
      if (ends) return chains;
    }
  }
  pushChain(chains, chainMatch([], cidrsOf(view)), toService(view), undefined);
  return chains;
}

/** On a unix socket there is no destination to look at. */
function subnetsOf(block: L4Match, view: PortView): readonly string[] | undefined {
  const subnets = block.destinationSubnets ?? [];
  return subnets.length === 0 || view.listen.port === 0 ? undefined : subnets;
}

function cidrsOf({ cidr }: PortView): readonly string[] {
  return cidr === undefined ? [] : [cidr];
}

function routed(view: PortView, use: PortView['routings'][number], route: Parameters<typeof toDestinations>[2] | undefined) {
  return toDestinations(view.place, use.object, route ?? [], use.destinations, view.ruleOf);
}

/** The cluster of the port; a service with one port is called on that one wherever the Sidecar listens. */
function toService(view: PortView): TcpSpec {
  const port = view.ports.length === 1 ? view.ports[0]!.number : view.listen.port;
  const destination = { host: view.service.host, port, subset: '', dynamic: dynamicName(view.service) };
  return toCluster(view.place, destination, view.rule);
}

function pushChain(
  to: TcpChainSpec[],
  match: ChainMatch | undefined,
  tcp: TcpSpec | undefined,
  config: string | undefined,
): void {
  if (match === undefined || tcp === undefined) return;
  to.push({ tcp, ...(match !== EVERYTHING && { match }), ...(config !== undefined && { config }) });
}

/** Envoy refuses equal matches in one listener; the first wins. */
function unique(chains: readonly TcpChainSpec[]): readonly TcpChainSpec[] {
  const seen = new Set<string>();
  return chains.filter(({ match }) => {
    const text = matchText(match ?? EVERYTHING);
    return seen.size < seen.add(text).size;
  });
}
