import { RouteSchema, VirtualHostSchema } from '@sallyport/apis/route';
import type { Destination, HttpRetry, ObjectKey, Routing, Rule } from '../../model/index.ts';
import { encode, joined } from '../encode.ts';
import { outboundCluster, virtualHostName } from '../names.ts';
import { bracketed, type Domains } from './domains.ts';
import { hashOfDestination, hashOfPort, hashPolicy } from './hash-policy.ts';
import { defaultRoute, type RouteShape, routesOf } from './route.ts';
import type { VirtualHostSpec } from './spec.ts';

/** Field number of `VirtualHost.routes`. */
const ROUTES = 3;

/** A virtual host encoded once, for every class and route configuration that has it. Row key: its spec's. */
export interface EncodedVirtualHost {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Whether a service has this host, so that short forms of others yield to it. */
  readonly known: boolean;
  readonly domains: Domains;
  /** The `routes` field alone: what remains when domains are taken away. */
  readonly routes: Uint8Array;
  readonly bytes: Uint8Array;
  /** The object that decides what happens here. */
  readonly from?: ObjectKey;
}

/** What a virtual host is translated from. */
export interface VirtualHostSources {
  readonly routing: Routing | undefined;
  readonly ruleOf: (host: string) => Rule | undefined;
  readonly meshRetries: HttpRetry | undefined;
  /** The object that declared the service. */
  readonly service: ObjectKey | undefined;
}

export function encodeVirtualHost(spec: VirtualHostSpec, sources: VirtualHostSources): EncodedVirtualHost {
  const name = virtualHostName(bracketed(spec.host), spec.port);
  const shapes = sources.routing === undefined ? [byDefault(spec, sources)] : byRouting(spec, sources.routing, sources);
  const routes = joined(new Uint8Array(), [{ field: ROUTES, bytes: shapes.map((route) => encode(RouteSchema, route)) }]);
  const from = sources.routing?.key ?? sources.service;
  return {
    name,
    host: spec.host,
    port: spec.port,
    known: spec.service !== undefined,
    domains: spec.domains,
    routes,
    bytes: virtualHost(name, spec.domains.all, routes),
    ...(from !== undefined && { from }),
  };
}

/** The bytes of a virtual host whose routes are encoded already. */
export function virtualHost(name: string, domains: readonly string[], routes: Uint8Array): Uint8Array {
  const head = encode(VirtualHostSchema, { name, domains: [...domains], includeRequestAttemptCount: true });
  const bytes = new Uint8Array(head.length + routes.length);
  bytes.set(head);
  bytes.set(routes, head.length);
  return bytes;
}

function byRouting(spec: VirtualHostSpec, routing: Routing, sources: VirtualHostSources): RouteShape[] {
  const hashOf = (destination: Destination) => {
    const rule = sources.ruleOf(destination.host.toLowerCase());
    const hash = rule && hashOfDestination(rule, destination);
    return hash && hashPolicy(hash);
  };
  const { listenPort, destinations } = spec;
  return routesOf(routing, spec.sources, { listenPort, destinations, hashOf, meshRetries: sources.meshRetries });
}

function byDefault(spec: VirtualHostSpec, sources: VirtualHostSources): RouteShape {
  const { host, port } = spec;
  const rule = sources.ruleOf(host);
  const hash = rule && hashOfPort(rule, port);
  return defaultRoute(outboundCluster(host, port), `${host}:${port}/*`, sources.meshRetries, hash && hashPolicy(hash));
}
