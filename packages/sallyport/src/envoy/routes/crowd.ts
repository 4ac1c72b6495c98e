import type { Read } from '../../collection/index.ts';
import { compareText, type VisibleService } from '../../model/index.ts';
import type { Routable, RoutablePort } from './routable.ts';
import { hostPlace, type RouteTables } from './tables.ts';

/** One of the services that have one host on one egress listener. */
export interface Candidate {
  readonly visible: VisibleService;
  readonly service: Routable;
}

type Tables = Pick<RouteTables, 'visible' | 'routables' | 'visibleByHost'>;

/** The services with this host, oldest first as listeners have them: private before public, then by age (spec/istio.md 2.2). */
export function candidatesFor(
  lane: { class: string; egress: number },
  host: string,
  read: Read,
  tables: Tables,
): readonly Candidate[] {
  return candidates(read.lookup(tables.visibleByHost, hostPlace(lane, host)), read, tables);
}

export function candidates(
  keys: Iterable<string>,
  read: Read,
  tables: Pick<RouteTables, 'visible' | 'routables'>,
): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const key of keys) {
    const visible = read.get(tables.visible, key);
    const service = visible && read.get(tables.routables, visible.service);
    if (visible !== undefined && service !== undefined) found.push({ visible, service });
  }
  return found.length < 2 ? found : found.sort(byPrecedence);
}

function byPrecedence(a: Candidate, b: Candidate): number {
  return a.visible.rank - b.visible.rank || compareText(a.service.age, b.service.age);
}

/** The service that speaks for a port of the host: the last one that has the port (spec/istio.md 2.3). */
export function speakerFor(port: number, found: readonly Candidate[]): { candidate: Candidate; port: RoutablePort } | undefined {
  for (let i = found.length - 1; i >= 0; i--) {
    const candidate = found[i]!;
    const has = portOf(candidate, port);
    if (has !== undefined) return { candidate, port: has };
  }
  return undefined;
}

function portOf({ visible, service }: Candidate, port: number): RoutablePort | undefined {
  return visible.portNumbers.includes(port) ? service.ports.find(({ number }) => number === port) : undefined;
}

/** The ports of a host on an egress listener, and those that speak HTTP. Sorted. */
export interface PortsOfHost {
  readonly host: string;
  readonly ports: readonly number[];
  readonly http: readonly number[];
}

export function portsOf(host: string, found: readonly Candidate[]): PortsOfHost {
  const ports = [...new Set(found.flatMap(({ visible }) => visible.portNumbers))]
    .filter((port) => speakerFor(port, found) !== undefined)
    .sort((a, b) => a - b);
  return { host, ports, http: ports.filter((port) => speakerFor(port, found)?.port.http) };
}

/** All hosts on an egress listener, sorted: what wildcard hosts of VirtualServices are held against. */
export interface Crowd {
  readonly hosts: readonly PortsOfHost[];
}

export function crowdOf(keys: Iterable<string>, read: Read, tables: Pick<RouteTables, 'visible' | 'routables'>): Crowd {
  const byHost = Map.groupBy(candidates(keys, read, tables), ({ service }) => service.host);
  const hosts = [...byHost].map(([host, found]) => portsOf(host, found));
  return { hosts: hosts.sort((a, b) => compareText(a.host, b.host)) };
}
