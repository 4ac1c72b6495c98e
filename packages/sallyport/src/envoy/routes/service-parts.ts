import type { Read } from '../../collection/index.ts';
import type { Routing, VisibleService } from '../../model/index.ts';
import { addressesFor, UNSPECIFIED } from '../addresses.ts';
import { virtualHostName } from '../names.ts';
import { type Caller, type Lane, placingsOf, type RoutePlacing } from './caller.ts';
import { candidates, speakerFor } from './crowd.ts';
import { destinationsOf, destinationsOfService } from './destinations.ts';
import { domainsOf } from './domains.ts';
import { emptyPart, type KeyedPart, partOf } from './part.ts';
import type { Routable, RoutablePort } from './routable.ts';
import { hasRoutes, mostSpecific, routingOrder, sourcesOf } from './selection.ts';
import { hostPlace, lanePlace, type RouteTables } from './tables.ts';

/** A VirtualService that has the host of a service. */
interface Claim {
  readonly routing: Routing;
  readonly id: string;
  readonly order: string;
  readonly sources: string;
  /** Position of the host, exact hosts before wildcards. */
  readonly position: number;
}

/** The virtual hosts of one visible service, for every route configuration its ports stand in (spec/istio.md 4.3). */
export function* partsOfService(visible: VisibleService, read: Read, tables: RouteTables): Generator<KeyedPart> {
  const caller = read.get(tables.callers, visible.class);
  const lane = caller?.lanes[visible.egress];
  const service = read.get(tables.routables, visible.service);
  if (caller === undefined || lane === undefined || service === undefined) return;
  const ports = service.ports.filter(({ number, http }) => http && visible.portNumbers.includes(number));
  if (ports.length === 0) return;
  const namesakes = read.lookup(tables.visibleByHost, hostPlace(visible, service.host));
  const rivals = namesakes.size > 1 ? candidates(namesakes, read, tables) : [];
  const claims = claimsFor(visible, service.host, caller, read, tables);
  for (const port of ports) {
    if (rivals.length > 1 && speakerFor(port.number, rivals)?.candidate.service !== service) continue;
    const placings = placingsOf(lane, port.number);
    if (lane.serves !== 'all' && !placings.some(({ name }) => name === String(port.number)))
      yield emptyPart(caller, String(port.number), `${visible.egress} ${service.key}`);
    for (const placing of placings) yield* partsOfPort(visible, service, port, placing, { caller, lane, claims, read, tables });
  }
}

interface Around {
  readonly caller: Caller;
  readonly lane: Lane;
  readonly claims: readonly Claim[];
  readonly read: Read;
  readonly tables: RouteTables;
}

function* partsOfPort(
  visible: VisibleService,
  service: Routable,
  port: RoutablePort,
  placing: RoutePlacing,
  { caller, lane, claims, read, tables }: Around,
): Generator<KeyedPart> {
  const { listenPort } = placing;
  const common = {
    host: service.host,
    port: port.number,
    listenPort,
    service: service.key,
    domains: domainsOf(service, caller, listenPort === 0 ? port.number : undefined),
  };
  const routed = claims.filter(({ routing, sources }) => hasRoutes(routing, listenPort, sources));
  const alone = listenPort !== 0 && port.auto && onOwnAddress(service, caller, lane);
  const name = virtualHostName(service.host, port.number);
  for (const { routing, id, order, sources, position } of routed) {
    const destinations = destinationsOf(visible, routing, listenPort, read, tables, service);
    const spec = { ...common, routing: id, sources, destinations };
    const place = `0\n${order}\n1\n${String(position).padStart(6, '0')}\n${service.host}`;
    yield partOf(caller, placing.name, false, place, spec);
    if (alone && id === routed[0]!.id) yield partOf(caller, name, true, place, spec);
  }
  // An alias has no destination of its own: its names lead to the host it stands for.
  if (routed.length > 0 || service.aliasOf !== undefined) return;
  const spec = { ...common, sources: '', destinations: destinationsOfService(caller.class, service.host, read, tables) };
  const place = `1\n${visible.rank}\n${service.age}`;
  yield partOf(caller, placing.name, false, place, spec);
  if (alone) yield partOf(caller, name, true, place, spec);
}

/**
 * The VirtualServices that have this host, first one first. A wildcard counts only where no VirtualService has the host
 * itself, also if that one has no HTTP routes (spec/istio.md 2.6).
 */
function claimsFor(visible: VisibleService, host: string, caller: Caller, read: Read, tables: RouteTables): readonly Claim[] {
  const exact = read.lookup(tables.importedByHost, hostPlace(visible, host));
  if (exact.size > 0) {
    const claims = [...exact].flatMap((key) => claimOf(key, host, caller, read, tables));
    return claims.sort((a, b) => (a.order < b.order ? -1 : 1));
  }
  const patterns = read.get(tables.patterns, lanePlace(visible));
  const key = patterns && mostSpecific(host, patterns);
  return key === undefined ? [] : claimOf(key, host, caller, read, tables);
}

function claimOf(key: string, host: string, caller: Caller, read: Read, tables: RouteTables): Claim[] {
  const imported = read.get(tables.imported, key);
  const routing = imported && read.get(tables.routings, imported.routing);
  if (imported === undefined || routing === undefined) return [];
  const index = routing.hosts.findIndex((named) => named.toLowerCase() === host);
  const position = index < 0 ? routing.hosts.length : index;
  const order = routingOrder(imported, routing);
  return [{ routing, id: imported.routing, order, sources: sourcesOf(routing, caller), position }];
}

/** Whether a listener of this port may stand on an address that is not the wildcard; if in doubt, yes. */
function onOwnAddress(service: Routable, caller: Caller, lane: Lane): boolean {
  if (lane.bound || service.passthrough) return true;
  return addressesFor(service, caller, caller).some((address) => address !== UNSPECIFIED && address !== '::');
}
