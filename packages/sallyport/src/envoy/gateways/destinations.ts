import type { Collection, Read } from '../../collection/index.ts';
import { type Routing, type Rule, type ScopedService, type Service, scopedKey } from '../../model/index.ts';
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

/** Hosts that the HTTP routes of a VirtualService lead to, as {@link knownDestinations} takes them. */
export const httpHosts = ({ spec }: Routing): Iterable<string> => hostsOf(spec.http ?? []);

/** Hosts that its tcp and tls routes lead to. */
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
