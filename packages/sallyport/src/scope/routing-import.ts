import {
  compareText,
  type Destination,
  type HttpRoute,
  type ImportedRouting,
  type Port,
  type Routing,
  type Service,
  type Visibility,
} from '../model/index.ts';
import { type Imports, importsRouting } from './imports.ts';
import { oldestOfEach } from './listing.ts';
import { reaches } from './visibility.ts';

/** What imports read of a VirtualService: changed conditions, weights and timeouts concern nobody here. */
export interface RoutingHead {
  /** Row key of the routing. */
  readonly routing: string;
  readonly name: string;
  readonly namespace: string;
  readonly createdAt: number;
  readonly hosts: readonly string[];
  readonly exportTo: Visibility;
  readonly destinations: readonly RoutingDestination[];
}

export interface RoutingDestination {
  readonly host: string;
  /** 0: every port. */
  readonly port: number;
  /** The client namespaces that can come here; absent for all. */
  readonly onlyFrom?: readonly string[];
}

/** Nothing for VirtualServices that do not apply to the mesh (spec/istio.md 2.6). */
export function headOfRouting(routing: Routing, key: string): RoutingHead | undefined {
  const { namespace, createdAt, hosts, gateways, exportTo } = routing;
  if (gateways.length > 0 && !gateways.includes('mesh')) return undefined;
  const destinations = destinationsOf(routing);
  return { routing: key, name: routing.key.name, namespace, createdAt, hosts, exportTo, destinations };
}

function destinationsOf({ spec }: Routing): readonly RoutingDestination[] {
  const found = new Map<string, RoutingDestination>();
  const add = ({ host, port }: Destination, onlyFrom?: readonly string[]): void => {
    const destination = { host, port: port?.number ?? 0, ...(onlyFrom && { onlyFrom }) };
    found.set(JSON.stringify(destination), destination);
  };
  for (const route of spec.http ?? []) for (const to of targets(route)) add(to, sourceNamespaces(route));
  for (const route of [...(spec.tls ?? []), ...(spec.tcp ?? [])])
    for (const { destination } of route.route ?? []) add(destination);
  return [...found.values()];
}

function targets({ route, mirror, mirrors }: HttpRoute): readonly Destination[] {
  const routed = (route ?? []).map(({ destination }) => destination);
  return [...routed, ...(mirror ? [mirror] : []), ...(mirrors ?? []).map(({ destination }) => destination)];
}

/** A route is closed to other namespaces only if each of its alternatives is. */
function sourceNamespaces({ match = [] }: HttpRoute): readonly string[] | undefined {
  const named = match.flatMap(({ sourceNamespace }) => (sourceNamespace ? [sourceNamespace] : []));
  return named.length > 0 && named.length === match.length ? [...new Set(named)].sort() : undefined;
}

/** Each egress listener that imports the VirtualService, and its rank in the order of spec/istio.md 2.6. Never for routers. */
export function importsOfRouting(
  head: RoutingHead,
  imports: Imports,
): readonly { egress: number; rank: ImportedRouting['rank'] }[] {
  if (imports.role === 'router' || !reaches(head.exportTo, imports.namespace)) return [];
  const rank = rankOf(head, imports.namespace);
  return imports.egress.flatMap((listener, egress) =>
    importsRouting(listener, head.namespace, head.hosts) ? [{ egress, rank }] : [],
  );
}

/** The rank of a VirtualService for a client namespace: private, exported to it by name, public. */
export function rankOf(
  { exportTo, namespace }: Pick<RoutingHead, 'exportTo' | 'namespace'>,
  client: string,
): ImportedRouting['rank'] {
  return exportTo.kind === 'public' ? 2 : namespace === client ? 0 : 1;
}

/** The order of VirtualServices for one client: rank, age, name, namespace. */
export function byRoutingOrder(client: string): (a: RoutingHead, b: RoutingHead) => number {
  return (a, b) =>
    rankOf(a, client) - rankOf(b, client) ||
    a.createdAt - b.createdAt ||
    compareText(a.name, b.name) ||
    compareText(a.namespace, b.namespace);
}

/**
 * The ports of a service that the routing sends traffic of this client to: all of them, some, or undefined for none. On an egress
 * listener with a port it is that port, whatever the routes name.
 */
export function destinationPorts(
  head: RoutingHead,
  service: Service,
  client: string,
  listenPort: number | undefined,
): readonly Port[] | undefined {
  const reached = head.destinations.filter(({ host, onlyFrom }) => host === service.host && (onlyFrom?.includes(client) ?? true));
  if (reached.length === 0) return undefined;
  if (listenPort !== undefined) return service.ports.filter(({ number }) => number === listenPort);
  if (reached.some(({ port }) => port === 0)) return service.ports;
  const ports = service.ports.filter(({ number }) => reached.some(({ port }) => port === number));
  return ports.length === 0 ? undefined : ports;
}

/**
 * The service that a destination means which is not imported by name: the one of the client's namespace whatever it is
 * exported to, else the best visible one: Kubernetes, then the oldest (spec/istio.md 2.3). Takes services oldest first.
 */
export function serviceOfDestination(services: readonly Service[], client: string): Service | undefined {
  const byNamespace = oldestOfEach(services);
  const own = byNamespace.get(client);
  if (own !== undefined) return own;
  const visible = [...byNamespace.values()].filter((service) => reaches(service.exportTo, client));
  return visible.find(({ registry }) => registry === 'kubernetes') ?? visible[0];
}
