import { isWildcard, overlaps, selects } from '../../lib/host.ts';
import type {
  ImportedRouting,
  L4Match,
  Routing,
  RuleKey,
  ScopedService,
  Service,
  TcpRoute,
  TlsRoute,
} from '../../model/index.ts';
import { type DynamicName, dynamicName } from '../dynamic-name.ts';
import { paddedTime } from '../routes/routable.ts';
import type { ClassFacts } from './facts.ts';

/** A VirtualService that says something about TCP or TLS. Row key: the VirtualService's. */
export interface L4Routing {
  readonly routing: string;
  readonly hosts: readonly string[];
  /** Sorts VirtualServices of one rank (spec/istio.md 2.6). */
  readonly age: string;
  /** Some match asks who calls. */
  readonly asksForSource: boolean;
  /** Hosts that its tcp and tls routes lead to, each once. */
  readonly destinations: readonly string[];
}

/** An {@link L4Routing} that an egress listener of a class imports. Row key: `importedKey`. */
export interface ImportedL4 extends L4Routing {
  readonly class: string;
  readonly egress: number;
  /** Rank, then age. */
  readonly order: string;
}

/** An {@link L4Routing} as one service of one class uses it: all that the chains made from it depend on. */
export interface RoutingUse {
  readonly routing: string;
  /** Set only when some match asks for it. */
  readonly caller?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  readonly destinations: Readonly<Record<string, DestinationFacts>>;
}

/** What a destination host means to the class. Absent where the class does not know it. */
export interface DestinationFacts {
  /** The host that clusters are named after: the concrete one where the user named an alias. */
  readonly host: string;
  readonly ports: readonly number[];
  readonly rule: RuleKey | undefined;
  /** A wildcard whose members are resolved when called. */
  readonly dynamic?: DynamicName;
}

const MESH_GATEWAY = 'mesh';

/** The L4 part of a VirtualService; undefined for one that has only HTTP routes. */
export function l4Of(routing: Routing, key: string): L4Routing | undefined {
  const routes: readonly (TcpRoute | TlsRoute)[] = [...(routing.spec.tls ?? []), ...(routing.spec.tcp ?? [])];
  if (routes.length === 0) return undefined;
  const destinations = routes.flatMap((r) => (r.route ?? []).map(({ destination }) => destination.host.toLowerCase()));
  const matches = routes.flatMap((route): readonly L4Match[] => route.match ?? []);
  return {
    routing: key,
    hosts: routing.hosts.map((host) => host.toLowerCase()),
    age: [paddedTime(routing.createdAt), routing.key.name, routing.key.namespace].join('\n'),
    asksForSource: matches.some((m) => m.sourceLabels !== undefined || (m.sourceNamespace ?? '') !== ''),
    destinations: [...new Set(destinations)].sort(),
  };
}

export function importedL4(l4: L4Routing, imported: ImportedRouting): ImportedL4 {
  return { ...l4, class: imported.class, egress: imported.egress, order: `${imported.rank}\n${l4.age}` };
}

/**
 * Where an import is found: by each host, by being a wildcard, and by being there at all. A service with a plain host
 * asks for the first two, one with a wildcard for the last.
 */
export function placesOfL4({ class: of, egress, hosts }: ImportedL4): readonly string[] {
  const places = hosts.map((host) => (isWildcard(host) ? placeOfWildcards(of, egress) : placeOfHost(of, egress, host)));
  return [...new Set([placeOfAll(of, egress), ...places])];
}

export const placeOfAll = (of: string, egress: number): string => `${of}\n${egress}`;
export const placeOfWildcards = (of: string, egress: number): string => `${of}\n${egress}\n*`;
export const placeOfHost = (of: string, egress: number, host: string): string => `${of}\n${egress}\n=${host}`;

/** Whether a VirtualService speaks of the service: the match goes both ways, so `a.com` speaks of `*.com` too (spec/istio.md 2.6). */
export function speaksOf(l4: Pick<L4Routing, 'hosts'>, host: string): boolean {
  return l4.hosts.some((pattern) => overlaps(pattern, host.toLowerCase()));
}

/** Whether a match block holds for this caller on this port, as far as it is known before a call (spec/istio.md 4.4). */
export function fits(match: L4Match, listenPort: number, caller: RoutingUse['caller']): boolean {
  if (match.gateways !== undefined && match.gateways.length > 0 && !match.gateways.includes(MESH_GATEWAY)) return false;
  if ((match.port ?? 0) !== 0 && match.port !== listenPort) return false;
  if (!selects(match.sourceLabels ?? {}, caller?.labels ?? {})) return false;
  return (match.sourceNamespace ?? '') === '' || match.sourceNamespace === caller?.namespace;
}

/** Where VirtualServices stand that may speak of a host. */
export function placesForHost(of: string, egress: number, host: string): readonly string[] {
  return isWildcard(host)
    ? [placeOfAll(of, egress)]
    : [placeOfHost(of, egress, host.toLowerCase()), placeOfWildcards(of, egress)];
}

/** The VirtualServices that speak of a host, in Istio's order, each with what its destinations mean to the class. */
export function routingUses(
  host: string,
  candidates: Iterable<ImportedL4>,
  facts: Pick<ClassFacts, 'namespace' | 'labels'>,
  destination: (host: string) => DestinationFacts | undefined,
): readonly RoutingUse[] {
  const { namespace, labels } = facts;
  const found = new Map<string, ImportedL4>();
  for (const candidate of candidates) if (speaksOf(candidate, host)) found.set(candidate.routing, candidate);
  return [...found.values()]
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ routing, asksForSource, destinations }) => ({
      routing,
      ...(asksForSource && { caller: { namespace, labels } }),
      destinations: Object.fromEntries(
        destinations.flatMap((name) => {
          const meaning = destination(name);
          return meaning === undefined ? [] : [[name, meaning]];
        }),
      ),
    }));
}

/** What a destination host means: of an ExternalName the host it stands for. */
export function destinationOf(scoped: ScopedService, service: Service | undefined): DestinationFacts {
  const dynamic = service && dynamicName(service);
  return {
    host: service?.aliasOf?.toLowerCase() ?? scoped.host,
    ports: scoped.ports.map(({ number }) => number),
    rule: scoped.rule,
    ...(dynamic !== undefined && { dynamic }),
  };
}
