import { RouteSchema, VirtualHost_TlsRequirementType, VirtualHostSchema } from '@sallyport/apis/route';
import type { Destination, HttpRetry, ObjectKey, Routing, Rule } from '../../model/index.ts';
import { encode, joined } from '../encode.ts';
import { outboundCluster, virtualHostName } from '../names.ts';
import { connectRoute } from './connect.ts';
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
  const shapes = shapesOf(spec, sources);
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

function shapesOf(spec: VirtualHostSpec, sources: VirtualHostSources): RouteShape[] {
  const tunnel = spec.connect === undefined ? [] : [connectRoute(spec.host, spec.port)];
  if (spec.connect === 'alone') return tunnel;
  return [...tunnel, ...(sources.routing === undefined ? [byDefault(spec, sources)] : byRouting(spec, sources.routing, sources))];
}

/** The bytes of a virtual host whose routes are encoded already. `httpsOnly`: plain requests are redirected to https. */
export function virtualHost(name: string, domains: readonly string[], routes: Uint8Array, httpsOnly = false): Uint8Array {
  const requireTls = httpsOnly ? VirtualHost_TlsRequirementType.ALL : VirtualHost_TlsRequirementType.NONE;
  // What answers everything with 404 attempts nothing.
  const includeRequestAttemptCount = httpsOnly || routes.length > 0;
  const head = encode(VirtualHostSchema, { name, domains: [...domains], includeRequestAttemptCount, requireTls });
  const bytes = new Uint8Array(head.length + routes.length);
  bytes.set(head);
  bytes.set(routes, head.length);
  return bytes;
}

/** The routes of a VirtualService for those who meet it as `spec` says. */
export function byRouting(
  spec: Pick<VirtualHostSpec, 'listenPort' | 'destinations' | 'sources'> & { readonly overTls?: boolean },
  routing: Routing,
  sources: Pick<VirtualHostSources, 'ruleOf' | 'meshRetries'>,
): RouteShape[] {
  const hashOf = (destination: Destination) => {
    const rule = sources.ruleOf(destination.host.toLowerCase());
    const hash = rule && hashOfDestination(rule, destination);
    return hash && hashPolicy(hash);
  };
  const { listenPort, destinations, overTls = false } = spec;
  return routesOf(routing, spec.sources, { listenPort, overTls, destinations, hashOf, meshRetries: sources.meshRetries });
}

function byDefault(spec: VirtualHostSpec, sources: VirtualHostSources): RouteShape {
  const { host, port } = spec;
  const rule = sources.ruleOf(host);
  const hash = rule && hashOfPort(rule, port);
  return defaultRoute(outboundCluster(host, port), `${host}:${port}/*`, sources.meshRetries, hash && hashPolicy(hash));
}
