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
import type { ClassFacts, EgressFacts } from './facts.ts';
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
  /** The egress listener binds for real; the user says where; it has a port of its own. */
  readonly real: boolean;
  readonly given: boolean;
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
  const { source, of: made, places } = found(facts, { service, listener, onlyPort, rule, routings }, pool);
  return {
    class: of,
    egress,
    rank,
    real: listener.real,
    given: listener.given,
    ported: listener.port !== undefined,
    source,
    of: made,
    places,
    resolves: service.ports.some(({ protocol }) => isHttp(protocol)) ? dynamicName(service) : undefined,
  };
}

interface Met {
  readonly service: Service;
  readonly listener: EgressFacts;
  readonly onlyPort: number | undefined;
  readonly rule: RuleKey | undefined;
  readonly routings: readonly RoutingUse[];
}

type Found = Pick<Visit, 'source' | 'of' | 'places'>;

function found(facts: ClassFacts, met: Met, pool: () => EndpointPool | undefined): Found {
  const known = met.routings.length === 0 ? remembered(facts, met) : undefined;
  if (known !== undefined) return { ...known, places: placesOf(facts, known.sites) };
  const { client, ownAddress, class: of } = facts;
  const { service, listener, onlyPort, rule, routings } = met;
  const source: PartsSource = { service: service.key, client, egress: listener, onlyPort, rule, routings };
  let asked = false;
  const sites = sitesOf(source, service, () => {
    asked = true;
    return pool();
  }).filter(({ refusal }) => refusal === undefined);
  const uses = routings.length === 0 ? '' : JSON.stringify(routings);
  const text = `${service.key}\n${client.key}\n${listener.key}\n${onlyPort ?? ''}\n${rule ?? ''}\n${uses}`;
  if (asked || routings.length > 0) {
    const others = sites.filter(({ bind, atEndpoint }) => !atEndpoint || bind !== ownAddress);
    return {
      source: text,
      of: source,
      places: [...new Set(others.map(({ bind, port }) => placeKey({ class: of, bind, port })))],
    };
  }
  const tails = [...new Set(sites.map(({ bind, port }) => placeTail(port, bind)))];
  const made = { source: text, of: source, sites: { tails, text: tails.join('\n\n') } };
  remember(service, made);
  return { ...made, places: placesOf(facts, made.sites) };
}

/** What classes that agree on everything share, so that it is there once: the rows of classes are the bulk of what is kept. */
interface Shared {
  readonly source: string;
  readonly of: PartsSource;
  readonly sites: Tails;
}

/** Ends of place keys, and all of them as one text. */
interface Tails {
  readonly tails: readonly string[];
  readonly text: string;
}

const sharedBy = new WeakMap<Service, Shared[]>();

function remembered({ client }: ClassFacts, { service, listener, onlyPort, rule }: Met): Shared | undefined {
  return sharedBy
    .get(service)
    ?.find(
      ({ of }) => of.client.key === client.key && of.egress.key === listener.key && of.onlyPort === onlyPort && of.rule === rule,
    );
}

function remember(service: Service, shared: Shared): void {
  const present = sharedBy.get(service) ?? [];
  sharedBy.set(service, [shared, ...present.slice(0, MOST_SHARED - 1)]);
}

/** Of one service; more are of classes that are gone, or of a mesh with very many kinds of proxies. */
const MOST_SHARED = 16;

const placesByClass = new WeakMap<ClassFacts, Map<string, readonly string[]>>();

/** Most services of a class listen at the same few places. */
function placesOf(facts: ClassFacts, { tails, text }: Tails): readonly string[] {
  let known = placesByClass.get(facts);
  if (known === undefined) {
    known = new Map();
    placesByClass.set(facts, known);
  }
  let places = known.get(text);
  if (places === undefined) {
    places = tails.map((tail) => `${facts.class}\n${tail}`);
    known.set(text, places);
  }
  return places;
}

const placeTail = (port: number, bind: string): string => `${port}\n${bind}`;

export const placeKey = ({ class: of, bind, port }: ListenerPlace): string => `${of}\n${placeTail(port, bind)}`;

export function placeOf(key: string): ListenerPlace {
  const [of, port, bind] = key.split('\n');
  return { class: of!, port: Number(port), bind: bind! };
}

/** A visit and what it contributes. */
export interface Member {
  readonly visit: Pick<Visit, 'egress' | 'rank' | 'real' | 'given' | 'ported'>;
  readonly parts: ServiceParts;
}

const NOT_BOUND = { real: false, given: false };

/** The listener at a place from its members in any order. */
export function listenerAt(place: ListenerPlace, members: readonly Member[], facts: ClassFacts): ReturnType<typeof portListener> {
  const sorted = members.toSorted(byTurn);
  const taken = httpProxyPlace(facts);
  if (taken?.bind === place.bind && taken.port === place.port) return { plan: undefined, issues: refused(sorted, place) };
  const contributions: Contribution[] = [];
  for (const { parts, visit } of sorted)
    for (const part of parts.parts)
      if (part.bind === place.bind && part.port === place.port) contributions.push({ owner: parts, part, ported: visit.ported });
  return portListener(place, contributions, facts, sorted[0]?.visit ?? NOT_BOUND);
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
