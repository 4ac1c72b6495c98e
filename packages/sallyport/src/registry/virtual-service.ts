import type {
  Destination,
  HttpRoute,
  RouteDestination,
  Routing,
  VirtualServiceObject,
  VirtualServiceSpec,
} from '../model/index.ts';
import type { Defaults } from './defaults.ts';
import { fullHost, gatewayName } from './short-name.ts';
import { exportedTo } from './visibility.ts';

type Matches = readonly { readonly gateways?: readonly string[] }[];

/**
 * A VirtualService with the short names in hosts, destinations and mirrors spelled out in lower case, and gateways as
 * `namespace/name` (spec/istio.md 2.6). A delegate is one without hosts; its names are expanded in its own namespace.
 */
export function expandRouting(object: VirtualServiceObject, defaults: Defaults): Routing {
  const { key, spec } = object;
  const names = new Names(key.namespace, defaults.clusterDomain);
  const hosts = [...new Set((spec.hosts ?? []).map((host) => names.host(host)))];
  const gateways = names.gateways(spec.gateways ?? []);
  const expanded: VirtualServiceSpec = {
    ...spec,
    hosts,
    ...(spec.gateways !== undefined && { gateways }),
    ...(spec.http !== undefined && { http: spec.http.map((route) => names.http(route)) }),
    ...(spec.tls !== undefined && { tls: spec.tls.map((route) => names.l4(route)) }),
    ...(spec.tcp !== undefined && { tcp: spec.tcp.map((route) => names.l4(route)) }),
  };
  return {
    key,
    apiVersion: object.apiVersion,
    createdAt: object.createdAt,
    namespace: key.namespace,
    hosts,
    gateways: gateways.length > 0 ? gateways : ['mesh'],
    exportTo: exportedTo(spec.exportTo, key.namespace, defaults.routingExportTo),
    spec: expanded,
  };
}

/** Spells out the names of one VirtualService. */
class Names {
  readonly #namespace: string;
  readonly #domain: string;

  constructor(namespace: string, domain: string) {
    this.#namespace = namespace;
    this.#domain = domain;
  }

  host(host: string): string {
    return fullHost(host, this.#namespace, this.#domain);
  }

  gateways(gateways: readonly string[]): readonly string[] {
    return gateways.map((gateway) => gatewayName(gateway, this.#namespace));
  }

  http(route: HttpRoute): HttpRoute {
    const { match, route: to, mirror, mirrors, delegate } = route;
    return {
      ...route,
      ...(match !== undefined && { match: this.#matches(match) }),
      ...(to !== undefined && { route: this.#routes(to) }),
      ...(mirror !== undefined && { mirror: this.#destination(mirror) }),
      ...(mirrors !== undefined && { mirrors: this.#routes(mirrors) }),
      ...(delegate !== undefined && { delegate: { ...delegate, namespace: delegate.namespace || this.#namespace } }),
    };
  }

  l4<R extends { readonly match?: Matches; readonly route?: readonly RouteDestination[] }>(route: R): R {
    return {
      ...route,
      ...(route.match !== undefined && { match: this.#matches(route.match) }),
      ...(route.route !== undefined && { route: this.#routes(route.route) }),
    };
  }

  #matches<M extends Matches>(matches: M): M {
    return matches.map((match) =>
      match.gateways === undefined ? match : { ...match, gateways: this.gateways(match.gateways) },
    ) as unknown as M;
  }

  #routes<R extends { readonly destination: Destination }>(routes: readonly R[]): readonly R[] {
    return routes.map((route) => ({ ...route, destination: this.#destination(route.destination) }));
  }

  #destination(destination: Destination): Destination {
    return { ...destination, host: this.host(destination.host) };
  }
}
