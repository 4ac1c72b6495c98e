import type { Protocol } from '../model/index.ts';
import { isHttp } from '../model/index.ts';
import { UNSPECIFIED } from './addresses.ts';

/** The one route configuration behind the mesh's HTTP proxy listener: it knows every service on every port. */
export const HTTP_PROXY_ROUTES = 'http_proxy';

/** A listener as far as the name of its route configuration depends on it. */
export interface RoutePlace {
  /** Address that the listener is bound to, e.g. `0.0.0.0`, `10.0.0.1`, `unix:///run/a.sock`. */
  readonly bind: string;
  /** 0 for a unix bind. */
  readonly port: number;
}

/**
 * Name of the route configuration that an outbound listener asks for on behalf of a service port, or undefined if the
 * protocol has no routes. HTTP ports of one number share one; a port without a protocol on an address of its own
 * (not the wildcard) has its own, for its host alone (spec/istio.md 4.1, 4.2).
 */
export function routeConfigName(place: RoutePlace, protocol: Protocol, host: string): string | undefined {
  if (protocol !== 'auto' && !isHttp(protocol)) return undefined;
  if (place.port === 0) return place.bind;
  return protocol === 'auto' && !isWildcardBind(place.bind) ? `${host}:${place.port}` : String(place.port);
}

/** Whether a bind stands for all addresses of the proxy. */
export function isWildcardBind(bind: string): boolean {
  return bind === UNSPECIFIED || bind === '::';
}
