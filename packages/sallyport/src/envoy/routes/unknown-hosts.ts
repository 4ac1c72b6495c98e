import type { Read } from '../../collection/index.ts';
import { isWildcard, overlaps } from '../../lib/host.ts';
import { type ImportedRouting, importedKey } from '../../model/index.ts';
import { placingsOf } from './caller.ts';
import { candidatesFor, type PortsOfHost, portsOf } from './crowd.ts';
import { destinationsOf } from './destinations.ts';
import { domainsOfUnknown } from './domains.ts';
import { type KeyedPart, partOf } from './part.ts';
import { hasRoutes, mostSpecific, routingOrder, sourcesOf } from './selection.ts';
import { hostPlace, lanePlace, type RouteTables } from './tables.ts';

const HTTP_PORT = 80;

/**
 * Virtual hosts for hosts of a VirtualService that no service has. Istio gives them one on port 80 always, and on any
 * other port on which another host of the same VirtualService has an HTTP service (spec/istio.md 4.3 items 1 and 4).
 */
export function* partsOfUnknownHosts(imported: ImportedRouting, read: Read, tables: RouteTables): Generator<KeyedPart> {
  if (plainlyKnown(imported, read, tables)) return;
  const caller = read.get(tables.callers, imported.class);
  const lane = caller?.lanes[imported.egress];
  const routing = read.get(tables.routings, imported.routing);
  if (caller === undefined || lane === undefined || routing?.spec.http === undefined) return;
  const hosts = routing.hosts.map((host) => host.toLowerCase());
  const found = new Map(hosts.map((host) => [host, servicesOf(host, imported, read, tables)]));
  const matched = new Set(
    [...found].flatMap(([host, services]) => services.flatMap((service) => portsServed(host, service, imported, read, tables))),
  );
  const sources = sourcesOf(routing, caller);
  const order = routingOrder(imported, routing);
  for (const port of new Set([HTTP_PORT, ...matched])) {
    for (const placing of placingsOf(lane, port)) {
      const { name, listenPort } = placing;
      // On a listener for all ports only port 80 can be meant: calls to it name no port.
      if (listenPort === 0 && !(port === HTTP_PORT && matched.has(port))) continue;
      if (!hasRoutes(routing, listenPort, sources)) continue;
      const unknown = [...hosts.entries()].filter(([, host]) => !isKnown(found.get(host)!, listenPort));
      if (unknown.length === 0) continue;
      const destinations = destinationsOf(imported, routing, listenPort, read, tables);
      for (const [position, host] of unknown) {
        const place = `0\n${order}\n0\n${String(position).padStart(6, '0')}\n${host}`;
        const spec = {
          host,
          port,
          listenPort,
          routing: imported.routing,
          sources,
          destinations,
          domains: domainsOfUnknown(host),
        };
        yield partOf(caller, name, false, place, spec, found.get(host)!.length > 0 ? 'here' : 'everywhere');
      }
    }
  }
}

/** The common case, told apart with as few reads as can be: one host, and a service has it on port 80. */
function plainlyKnown(imported: ImportedRouting, read: Read, tables: RouteTables): boolean {
  const [host, ...others] = imported.hosts;
  if (host === undefined || others.length > 0 || isWildcard(host)) return false;
  for (const key of read.lookup(tables.visibleByHost, hostPlace(imported, host.toLowerCase())))
    if (read.get(tables.visible, key)?.portNumbers.includes(HTTP_PORT)) return true;
  return false;
}

/** The visible hosts that a VirtualService's host means: itself, or for a wildcard all that overlap with it. */
function servicesOf(host: string, imported: ImportedRouting, read: Read, tables: RouteTables): readonly PortsOfHost[] {
  if (isWildcard(host)) {
    const crowd = read.get(tables.crowds, lanePlace(imported));
    return crowd === undefined ? [] : crowd.hosts.filter((known) => overlaps(known.host, host));
  }
  const services = candidatesFor(imported, host, read, tables);
  return services.length === 0 ? [] : [portsOf(host, services)];
}

function isKnown(services: readonly PortsOfHost[], listenPort: number): boolean {
  return services.some(({ ports }) => (listenPort === 0 ? ports.length > 0 : ports.includes(listenPort)));
}

/** The HTTP ports of a service that this VirtualService's host gives routes to; a wildcard yields to closer descriptions. */
function portsServed(
  host: string,
  service: PortsOfHost,
  imported: ImportedRouting,
  read: Read,
  tables: RouteTables,
): readonly number[] {
  if (!isWildcard(host)) return service.http;
  if (read.lookup(tables.importedByHost, hostPlace(imported, service.host)).size > 0) return [];
  const patterns = read.get(tables.patterns, lanePlace(imported));
  const closest = patterns && mostSpecific(service.host, patterns);
  return closest === importedKey(imported) ? service.http : [];
}
