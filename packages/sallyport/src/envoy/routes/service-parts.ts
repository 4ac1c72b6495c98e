import type { Read } from '../../collection/index.ts';
import type { Routing, VisibleService } from '../../model/index.ts';
import { addressesFor, UNSPECIFIED } from '../addresses.ts';
import { virtualHostName } from '../names.ts';
import { HTTP_PROXY_ROUTES } from '../route-names.ts';
import { type Caller, type Lane, placingsOf, type RoutePlacing } from './caller.ts';
import { candidates, speakerFor } from './crowd.ts';
import { destinationsOf, destinationsOfService } from './destinations.ts';
import { domainsOf } from './domains.ts';
import { emptyPart, type KeyedPart, partOf } from './part.ts';
import type { Routable, RoutablePort } from './routable.ts';
import { hasRoutes, mostSpecific, routingOrder, sourcesOf } from './selection.ts';
import { NOTHING_SPECIAL } from './spec.ts';
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
  const seen = service.ports.filter(({ number }) => visible.portNumbers.includes(number));
  const ports = seen.filter(({ http }) => http);
  if (caller.connect && lane.serves === 'rest') yield* tunnelsOf(visible, service, seen, caller);
  const asking = seen.filter(({ http }) => (lane.serves === 'port' ? lane.speaks !== 'other' : http));
  if (ports.length === 0 && asking.length === 0) return;
  const namesakes = read.lookup(tables.visibleByHost, hostPlace(visible, service.host));
  const rivals = namesakes.size > 1 ? candidates(namesakes, read, tables) : [];
  const claims = claimsFor(visible, service.host, caller, read, tables);
  const speaks = ({ number }: RoutablePort) => rivals.length < 2 || speakerFor(number, rivals)?.candidate.service === service;
  yield* askedBy(visible, service, asking, caller, lane, (port) => port.http && speaks(port));
  for (const port of ports.filter(speaks)) {
    const askers = rivals.length < 2 ? [service] : rivals.map((rival) => rival.service);
    const alone = askers.some((asker) => isAskedAlone(asker, port.number, caller, lane));
    for (const placing of placingsOf(lane, port.number))
      yield* partsOfPort(visible, service, port, placing, { caller, claims, alone, read, tables });
  }
}

/**
 * What listeners of a service ask for has to exist, also where another service speaks for the host, where another egress
 * listener has the port, and where no service speaks HTTP on it.
 */
function* askedBy(
  visible: VisibleService,
  service: Routable,
  ports: readonly RoutablePort[],
  caller: Caller,
  lane: Lane,
  hasParts: (port: RoutablePort) => boolean,
): Generator<KeyedPart> {
  if (lane.serves === 'all' || service.aliasOf !== undefined) return;
  const by = `${visible.egress} ${service.key}`;
  for (const port of ports) {
    if (hasParts(port) && placingsOf(lane, port.number).some(({ listenPort }) => listenPort !== 0)) continue;
    yield emptyPart(caller, String(port.number), false, by);
    if (isAskedAlone(service, port.number, caller, lane))
      yield emptyPart(caller, virtualHostName(service.host, port.number), true, by);
  }
}

/** Tunnels to the ports of a service that do not speak HTTP in the open. */
function* tunnelsOf(
  visible: VisibleService,
  service: Routable,
  ports: readonly RoutablePort[],
  caller: Caller,
): Generator<KeyedPart> {
  if (service.aliasOf !== undefined) return;
  for (const { number, http } of ports) {
    if (http) continue;
    const { all } = domainsOf(service, caller, number);
    const domains = { all: all.filter((domain) => domain.endsWith(`:${number}`)), short: [] };
    const { host, key } = service;
    const what = { listenPort: 0, sources: '', destinations: NOTHING_SPECIAL, connect: 'alone' as const };
    const order = `1\n${visible.rank}\n${service.age}`;
    yield partOf(caller, HTTP_PROXY_ROUTES, false, order, { host, port: number, service: key, domains, ...what });
  }
}

interface Around {
  readonly caller: Caller;
  readonly claims: readonly Claim[];
  /** A listener asks for the routes of this host alone. */
  readonly alone: boolean;
  readonly read: Read;
  readonly tables: RouteTables;
}

function* partsOfPort(
  visible: VisibleService,
  service: Routable,
  port: RoutablePort,
  placing: RoutePlacing,
  { caller, claims, alone: asksAlone, read, tables }: Around,
): Generator<KeyedPart> {
  const { listenPort } = placing;
  const common = {
    host: service.host,
    port: port.number,
    listenPort,
    service: service.key,
    domains: domainsOf(service, caller, listenPort === 0 ? port.number : undefined),
    ...(caller.connect && port.auto && placing.name === HTTP_PROXY_ROUTES && { connect: 'too' as const }),
  };
  const routed = claims.filter(({ routing, sources }) => hasRoutes(routing, listenPort, sources));
  const alone = listenPort !== 0 && asksAlone;
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

/**
 * Whether a listener, perhaps one of a later egress listener, may ask for the routes of this host alone: one that detects
 * the protocol, on an address of its own.
 */
function isAskedAlone(service: Routable, number: number, caller: Caller, lane: Lane): boolean {
  if (lane.serves === 'all') return false;
  const detects = lane.serves === 'port' && lane.speaks === 'auto';
  const auto = detects || service.ports.some((port) => port.number === number && port.auto);
  return auto && onOwnAddress(service, caller, lane);
}

/** Whether a listener of this port may stand on an address that is not the wildcard; if in doubt, yes. */
function onOwnAddress(service: Routable, caller: Caller, lane: Lane): boolean {
  if (lane.bound || service.passthrough) return true;
  return [...service.addresses, ...addressesFor(service, caller, caller)].some(
    (address) => address !== UNSPECIFIED && address !== '::',
  );
}
