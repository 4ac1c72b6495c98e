import {
  gatewayText,
  type L4Match,
  type OpenServer,
  passesThrough,
  type RouteDestination,
  type Routing,
  type Rule,
} from '../../model/index.ts';
import { toDestinations } from '../listeners/destination.ts';
import type { DestinationFacts } from '../listeners/l4-routing.ts';
import type { BoundAs } from './bound.ts';
import type { GatewayChain } from './chain.ts';
import type { RouterFacts } from './facts.ts';
import { sharedHosts } from './hosts.ts';

/** What chains are made from. */
export interface L4Reads {
  readonly boundTo: (server: OpenServer) => readonly BoundAs[];
  readonly known: (routing: Routing) => Readonly<Record<string, DestinationFacts>>;
  readonly ruleOf: (key: string) => Rule | undefined;
}

/** A chain, and the VirtualService that it comes from. */
export interface L4Chain extends GatewayChain {
  readonly routing: Routing;
}

/** The chains of a server that the proxy does not see HTTP on, in order (spec/istio.md 4.12). */
export function l4Chains(server: OpenServer, listener: string, facts: RouterFacts, reads: L4Reads): readonly L4Chain[] {
  const bound = reads.boundTo(server).filter(({ routing }) => sharedHosts(server, routing).length > 0);
  const passing = server.tls !== undefined && passesThrough(server.tls);
  const place = {
    listener,
    listenPort: server.port.number,
    client: facts.client,
    mongo: server.port.protocol === 'mongo',
    tls: passing,
  };
  const tcpTo = (routing: Routing, route: readonly RouteDestination[] = []) =>
    toDestinations(place, routing, route, reads.known(routing), reads.ruleOf);
  return passing ? passedOn(server, bound, tcpTo) : carriedOn(server, bound, tcpTo);
}

type TcpTo = (routing: Routing, route: readonly RouteDestination[] | undefined) => ReturnType<typeof toDestinations>;

/** TLS that goes through: a chain for each `tls` match, by the names in it. */
function passedOn(server: OpenServer, bound: readonly BoundAs[], tcpTo: TcpTo): readonly L4Chain[] {
  return bound.flatMap(({ routing }) =>
    (routing.spec.tls ?? []).flatMap(({ match = [], route }) => {
      const tcp = tcpTo(routing, route);
      if (tcp === undefined) return [];
      return match
        .filter((one) => fits(one, server))
        .map(({ sniHosts = [] }) => ({ routing, serverNames: sniHosts, to: { kind: 'tcp' as const, tcp } }));
    }),
  );
}

/** Bytes as they come, or out of TLS that ends here: the first `tcp` route that fits takes all of them. */
function carriedOn(server: OpenServer, bound: readonly BoundAs[], tcpTo: TcpTo): readonly L4Chain[] {
  const { tls, hosts } = server;
  for (const { routing } of bound) {
    for (const { match = [], route } of routing.spec.tcp ?? []) {
      const tcp = match.length === 0 || match.some((one) => fits(one, server)) ? tcpTo(routing, route) : undefined;
      if (tcp === undefined) continue;
      const serverNames = tls === undefined ? [] : hosts.map(({ host }) => host);
      return [{ routing, serverNames, ...(tls && { tls }), to: { kind: 'tcp', tcp } }];
    }
  }
  return [];
}

/** At a gateway a match is about the server's port and the Gateway alone. */
function fits({ port = 0, gateways = [] }: L4Match, server: OpenServer): boolean {
  return (port === 0 || port === server.port.number) && (gateways.length === 0 || gateways.includes(gatewayText(server.gateway)));
}
