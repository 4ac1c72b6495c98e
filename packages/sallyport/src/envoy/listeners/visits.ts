import {
  compareText,
  type EndpointPool,
  type Issue,
  isHttp,
  type RuleKey,
  type Service,
  type VisibleService,
} from '../../model/index.ts';
import { type DynamicName, dynamicName } from '../dynamic-name.ts';
import type { ClassFacts } from './facts.ts';
import { portRefused } from './issues.ts';
import type { RoutingUse } from './l4-routing.ts';
import type { Contribution } from './merge.ts';
import type { PartsSource, ServiceParts } from './parts.ts';
import { type ListenerPlace, portListener } from './port-listener.ts';
import { httpProxyPlace } from './proxy-listeners.ts';
import { sitesOf } from './sites.ts';

/** A visible service: where it listens, and the source of what it contributes there. Row key: `visibleKey`. */
export interface Visit {
  readonly class: string;
  readonly egress: number;
  readonly rank: 0 | 1;
  /** The egress listener binds for real; it has a port of its own. */
  readonly real: boolean;
  readonly ported: boolean;
  /** Text that names the content of `of`. */
  readonly source: string;
  readonly of: PartsSource;
  /** Keys of {@link ListenerPlace}. */
  readonly places: readonly string[];
  /** A wildcard with HTTP ports, whose members are resolved when called. */
  readonly resolves: DynamicName | undefined;
}

export function sameVisit(a: Visit, b: Visit): boolean {
  return a.source === b.source && a.rank === b.rank && a.resolves === b.resolves && sameTexts(a.places, b.places);
}

/** The visit of a service, with the VirtualServices that speak of it. */
export function visitOf(
  { class: of, egress, rank, onlyPort }: VisibleService,
  facts: ClassFacts,
  service: Service,
  rule: RuleKey | undefined,
  routings: readonly RoutingUse[],
  pool: () => EndpointPool | undefined,
): Visit | undefined {
  const listener = facts.egress[egress];
  if (listener === undefined) return undefined;
  const { client, ownAddress } = facts;
  const source = { service: service.key, client, egress: listener, onlyPort, rule, routings };
  const places = new Set<string>();
  for (const { bind, port, atEndpoint, refusal } of sitesOf(source, service, pool))
    if (refusal === undefined && (!atEndpoint || bind !== ownAddress)) places.add(placeKey({ class: of, bind, port }));
  const uses = routings.length === 0 ? '' : JSON.stringify(routings);
  return {
    class: of,
    egress,
    rank,
    real: listener.real,
    ported: listener.port !== undefined,
    source: `${service.key}\n${client.key}\n${listener.key}\n${onlyPort ?? ''}\n${rule ?? ''}\n${uses}`,
    of: source,
    places: [...places],
    resolves: service.ports.some(({ protocol }) => isHttp(protocol)) ? dynamicName(service) : undefined,
  };
}

export const placeKey = ({ class: of, bind, port }: ListenerPlace): string => `${of}\n${port}\n${bind}`;

export function placeOf(key: string): ListenerPlace {
  const [of, port, bind] = key.split('\n');
  return { class: of!, port: Number(port), bind: bind! };
}

/** A visit and what it contributes. */
export interface Member {
  readonly visit: Pick<Visit, 'egress' | 'rank' | 'real' | 'ported'>;
  readonly parts: ServiceParts;
}

/** The listener at a place from its members in any order. */
export function listenerAt(place: ListenerPlace, members: readonly Member[], facts: ClassFacts): ReturnType<typeof portListener> {
  const sorted = members.toSorted(byTurn);
  const taken = httpProxyPlace(facts);
  if (taken?.bind === place.bind && taken.port === place.port) return { plan: undefined, issues: refused(sorted, place) };
  const contributions: Contribution[] = [];
  for (const { parts, visit } of sorted)
    for (const part of parts.parts)
      if (part.bind === place.bind && part.port === place.port) contributions.push({ owner: parts, part, ported: visit.ported });
  return portListener(place, contributions, facts, sorted[0]?.visit.real ?? false);
}

/** Istio's order: egress listener, rank, age (spec/istio.md 2.2, 2.3). */
function byTurn(a: Member, b: Member): number {
  return a.visit.egress - b.visit.egress || a.visit.rank - b.visit.rank || compareText(a.parts.age, b.parts.age);
}

function refused(members: readonly Member[], { port }: ListenerPlace): readonly Issue[] {
  return members.map(({ parts }) => portRefused(parts, port, 'reserved'));
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
