import { isWildcard } from '../../lib/host.ts';
import type { Issue, ScopedService, Service, VisibleService } from '../../model/index.ts';
import { isDynamic } from './chains.ts';
import type { ClassFacts, EgressFacts } from './facts.ts';
import { portRefused } from './issues.ts';
import {
  type DestinationFacts,
  type ImportedL4,
  placeOfAll,
  placeOfHost,
  placeOfWildcards,
  type RoutingUse,
  speaksOf,
} from './l4-routing.ts';
import type { Contribution } from './merge.ts';
import type { PartsSource, ServiceParts } from './parts.ts';
import { type ListenerPlace, portListener } from './port-listener.ts';
import { httpProxyPlace } from './proxy-listeners.ts';

/** A visible service, and by `source` the parts that stand for it. Row key: `visibleKey`. */
export interface Visit {
  readonly class: string;
  readonly egress: number;
  readonly rank: 0 | 1;
  readonly listener: EgressFacts;
  readonly source: string;
  readonly of: PartsSource;
  readonly ownAddress: string | undefined;
}

export const sameVisit = (a: Visit, b: Visit): boolean =>
  a.source === b.source && a.rank === b.rank && a.ownAddress === b.ownAddress;

/** The visit of a service, with the VirtualServices that speak of it. */
export function visitOf(
  { class: of, egress, rank, service, onlyPort }: VisibleService,
  facts: ClassFacts,
  scoped: ScopedService | undefined,
  routings: readonly RoutingUse[],
): Visit | undefined {
  const listener = facts.egress[egress];
  if (listener === undefined) return undefined;
  const { client, ownAddress } = facts;
  const rule = scoped?.rule;
  const source = [
    service,
    client.key,
    listener.key,
    onlyPort ?? '',
    rule ?? '',
    routings.length === 0 ? '' : JSON.stringify(routings),
  ];
  return {
    class: of,
    egress,
    rank,
    listener,
    source: source.join('\n'),
    of: { service, client, egress: listener, onlyPort, rule, routings },
    ownAddress,
  };
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
  return {
    host: service?.aliasOf?.toLowerCase() ?? scoped.host,
    ports: scoped.ports.map(({ number }) => number),
    rule: scoped.rule,
    dynamic: service !== undefined && isDynamic(service),
  };
}

/** A visit with its parts. Row key: `visibleKey`. */
export interface Member {
  readonly class: string;
  /** Sorts as Istio takes services: egress listener, rank, age. */
  readonly order: string;
  readonly listener: EgressFacts;
  readonly parts: ServiceParts;
  readonly places: readonly string[];
}

export const sameMember = (a: Member, b: Member): boolean =>
  a.parts === b.parts && a.order === b.order && sameTexts(a.places, b.places);

export function memberOf({ class: of, egress, rank, listener, ownAddress }: Visit, parts: ServiceParts): Member {
  const places = new Set<string>();
  for (const { bind, port, atEndpoint } of parts.parts)
    if (!atEndpoint || bind !== ownAddress) places.add(placeKey({ class: of, bind, port }));
  return {
    class: of,
    order: `${String(egress).padStart(4, '0')}\n${rank}\n${parts.age}`,
    listener,
    parts,
    places: [...places],
  };
}

export const placeKey = ({ class: of, bind, port }: ListenerPlace): string => `${of}\n${port}\n${bind}`;

export function placeOf(key: string): ListenerPlace {
  const [of, port, bind] = key.split('\n');
  return { class: of!, port: Number(port), bind: bind! };
}

/** The listener at a place from its members in any order. */
export function listenerAt(place: ListenerPlace, members: Iterable<Member>, facts: ClassFacts): ReturnType<typeof portListener> {
  const sorted = [...members].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const taken = httpProxyPlace(facts);
  if (taken?.bind === place.bind && taken.port === place.port) return { plan: undefined, issues: refused(sorted, place) };
  const contributions: Contribution[] = [];
  for (const { parts, listener } of sorted)
    for (const part of parts.parts)
      if (part.bind === place.bind && part.port === place.port)
        contributions.push({ owner: parts, part, ported: listener.port !== undefined });
  return portListener(place, contributions, facts, sorted[0]?.listener.real ?? false);
}

function refused(members: readonly Member[], { port }: ListenerPlace): readonly Issue[] {
  return members.map(({ parts }) => portRefused(parts, port, 'reserved'));
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
