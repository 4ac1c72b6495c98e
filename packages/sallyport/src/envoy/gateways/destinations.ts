import type { Collection, Index, Read } from '../../collection/index.ts';
import {
  byServiceAge,
  type Routing,
  type Rule,
  type ScopedService,
  type Service,
  scopedKey,
  type VisibleService,
  visibleKey,
} from '../../model/index.ts';
import { type DestinationFacts, destinationOf } from '../listeners/l4-routing.ts';
import { hostsOf } from '../routes/destinations.ts';
import { hashesAnywhere } from '../routes/hash-policy.ts';
import type { Destinations, SpecialDestination } from '../routes/spec.ts';

/** What destinations are looked up in. */
export interface DestinationTables {
  readonly scoped: Collection<ScopedService>;
  readonly services: Collection<Service>;
  readonly rules: Collection<Rule>;
}

/** What destinations of HTTP routes are looked up in besides. */
export interface HttpDestinationTables extends DestinationTables {
  readonly visible: Collection<VisibleService>;
  /** By {@link servicePlace}. */
  readonly servicesAt: Index<Service>;
}

export const servicePlace = ({ namespace, host }: Pick<Service, 'namespace' | 'host'>): string => `${namespace}/${host}`;

/**
 * What the hosts mean that HTTP routes lead to: their ports are those of the service of the VirtualService's own namespace, where
 * routers see one, whatever other services they merge or prefer (spec/istio.md 4.12).
 */
export function httpDestinations(
  proxies: string,
  routing: Routing,
  read: Read,
  tables: HttpDestinationTables,
): Readonly<Record<string, DestinationFacts>> {
  const known = { ...knownDestinations(proxies, hostsOf(routing.spec.http ?? []), read, tables) };
  for (const [host, facts] of Object.entries(known)) {
    const own = ownService(proxies, { host, namespace: routing.namespace }, read, tables);
    if (own !== undefined)
      known[host] = { ...facts, host: own.aliasOf?.toLowerCase() ?? host, ports: own.ports.map(({ number }) => number) };
  }
  return known;
}

/** A Kubernetes Service comes before entries; of these, the oldest. */
function ownService(
  proxies: string,
  place: Pick<Service, 'namespace' | 'host'>,
  read: Read,
  { services, servicesAt, visible }: HttpDestinationTables,
): Service | undefined {
  const there = [...read.lookup(servicesAt, servicePlace(place))].flatMap((key) => read.get(services, key) ?? []);
  const ofKubernetes = there.filter(({ registry }) => registry === 'kubernetes');
  const [own] = (ofKubernetes.length > 0 ? ofKubernetes : there).sort(byServiceAge);
  const isSeen =
    own !== undefined && read.get(visible, visibleKey({ class: proxies, egress: 0, service: own.key })) !== undefined;
  return isSeen ? own : undefined;
}

/** What hosts mean to a class of routers. Hosts that it does not know are absent. */
export function knownDestinations(
  proxies: string,
  hosts: Iterable<string>,
  read: Read,
  { scoped, services }: DestinationTables,
): Readonly<Record<string, DestinationFacts>> {
  const known: Record<string, DestinationFacts> = {};
  for (const name of hosts) {
    const host = name.toLowerCase();
    const row = read.get(scoped, scopedKey({ class: proxies, host }));
    const lead = row?.services[0];
    if (row !== undefined && lead !== undefined) known[host] = destinationOf(row, read.get(services, lead));
  }
  return known;
}

/** Hosts that the tcp and tls routes of a VirtualService lead to, as {@link knownDestinations} takes them. */
export function* l4Hosts({ spec }: Routing): Generator<string> {
  for (const { route = [] } of [...(spec.tls ?? []), ...(spec.tcp ?? [])])
    for (const { destination } of route) yield destination.host;
}

/** What translating HTTP routes needs to know: aliases, the port of services that have one, rules that hash. */
export function specialDestinations(
  known: Readonly<Record<string, DestinationFacts>>,
  read: Read,
  { rules }: Pick<DestinationTables, 'rules'>,
): Destinations {
  const special: Record<string, SpecialDestination> = {};
  for (const [name, { host, ports, rule }] of Object.entries(known)) {
    const found = rule === undefined ? undefined : read.get(rules, rule);
    const hashing = rule !== undefined && found !== undefined && hashesAnywhere(found);
    const [port, ...others] = ports;
    const facts: SpecialDestination = {
      ...(host !== name && { host }),
      ...(port !== undefined && others.length === 0 && { port }),
      ...(hashing && { rule }),
    };
    if (Object.keys(facts).length > 0) special[name] = facts;
  }
  return special;
}
