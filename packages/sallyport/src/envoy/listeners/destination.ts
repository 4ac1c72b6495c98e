import { ipFamily } from '../../lib/ip.ts';
import type { RouteDestination, Routing, Rule } from '../../model/index.ts';
import type { DynamicName } from '../dynamic-name.ts';
import { CONFIG_KINDS, configPath, outboundCluster } from '../names.ts';
import type { ClientFacts } from './facts.ts';
import type { DestinationFacts } from './l4-routing.ts';
import type { TcpSpec } from './tcp-chain.ts';

/** Where the chain stands: what every TCP proxy of this listener has in common. */
export interface TcpPlace {
  readonly listener: string;
  readonly listenPort: number;
  readonly client: ClientFacts;
  readonly mongo: boolean;
  /** The port speaks TLS, so that SNI names the member of a wildcard. */
  readonly tls: boolean;
}

/** A TCP proxy to one cluster, under the rule of its service (spec/istio.md 4.4). */
export function toCluster(
  place: TcpPlace,
  destination: {
    readonly host: string;
    readonly port: number;
    readonly subset: string;
    readonly dynamic?: DynamicName | undefined;
  },
  rule: Rule | undefined,
): TcpSpec {
  const { host, port, subset, dynamic } = destination;
  const cluster = outboundCluster(host, port, subset);
  return {
    ...underRule(place, rule, subset),
    statPrefix: cluster,
    target: cluster,
    ...(dynamic !== undefined && place.tls && { sniForward: { name: dynamic, port, lookup: place.client } }),
  };
}

/** The TCP proxy of one route of a VirtualService: one destination, or weights over several under the rule of the first. */
export function toDestinations(
  place: TcpPlace,
  routing: Routing,
  routes: readonly RouteDestination[],
  known: Readonly<Record<string, DestinationFacts>>,
  ruleOf: (key: string) => Rule | undefined,
): TcpSpec | undefined {
  const targets = routes.map(({ destination, weight }) => ({ ...targetOf(place, destination, known), weight: weight ?? 0 }));
  const [first, ...others] = targets;
  if (first === undefined) return undefined;
  const rule = first.rule === undefined ? undefined : ruleOf(first.rule);
  if (others.length === 0) return toCluster(place, first, rule);
  return {
    ...underRule(place, rule, ''),
    statPrefix: `${routing.key.name}.${routing.key.namespace}`,
    target: targets
      .filter(({ weight }) => weight > 0)
      .map((t) => ({ cluster: outboundCluster(t.host, t.port, t.subset), weight: t.weight })),
  };
}

/** `istio.config` metadata of what comes from a VirtualService. */
export function configOf(routing: Routing): string {
  return configPath(routing.apiVersion, routing.key.namespace, CONFIG_KINDS.VirtualService, routing.key.name);
}

/** The port is the one given, else the service's only one, else the listener's (spec/istio.md 4.7). */
function targetOf(place: TcpPlace, to: RouteDestination['destination'], known: Readonly<Record<string, DestinationFacts>>) {
  const facts = known[to.host.toLowerCase()];
  const only = facts?.ports.length === 1 ? facts.ports[0] : undefined;
  return {
    host: facts?.host ?? to.host.toLowerCase(),
    port: to.port?.number ?? only ?? place.listenPort,
    subset: to.subset ?? '',
    rule: facts?.rule,
    dynamic: facts?.dynamic,
  };
}

function underRule({ listener, client, mongo }: TcpPlace, rule: Rule | undefined, subset: string) {
  const policy = rule?.trafficPolicy;
  const own = rule?.subsets.find(({ name }) => name === subset)?.trafficPolicy;
  const pool = policy?.connectionPool?.tcp;
  const balancer = own?.loadBalancer ?? policy?.loadBalancer;
  const tunnel = own?.tunnel ?? policy?.tunnel;
  const idleTimeout = pool?.idleTimeout ?? (client.idleTimeout === '' ? undefined : client.idleTimeout);
  return {
    listener,
    logging: client.logging,
    ...(mongo && { mongo }),
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(pool?.maxConnectionDuration !== undefined && { maxConnectionDuration: pool.maxConnectionDuration }),
    ...(balancer?.consistentHash?.useSourceIp && { hashSourceIp: true }),
    ...(tunnel?.targetHost !== undefined && {
      tunnel: { hostname: hostAndPort(tunnel.targetHost, tunnel.targetPort ?? 0), usePost: tunnel.protocol === 'POST' },
    }),
  };
}

function hostAndPort(host: string, port: number): string {
  return ipFamily(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
