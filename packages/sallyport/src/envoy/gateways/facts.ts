import type { ClassAuthorization, MeshConfig, ProxyClass } from '../../model/index.ts';
import { type AuthorizationFacts, authorizationFacts } from '../authorization/facts.ts';
import { type ClientFacts, type HttpFacts, httpFactsOf } from '../listeners/facts.ts';

/** What the listeners and routes of a class of routers depend on beside its Gateways. Row key: class id. */
export interface RouterFacts {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly http: HttpFacts;
  readonly client: ClientFacts;
  /** The agent has no certificates to give: what ends mesh TLS cannot be served. */
  readonly withoutIdentity: boolean;
  /** Absent: everybody may call. */
  readonly authorization?: AuthorizationFacts;
  readonly tlsDefaults: NonNullable<MeshConfig['tlsDefaults']>;
}

/** The facts of a class; sidecars have none. */
export function routerFacts(
  proxies: ProxyClass,
  mesh: MeshConfig,
  authorized: ClassAuthorization | undefined,
): RouterFacts | undefined {
  if (proxies.role !== 'router') return undefined;
  // Nobody is resolved unasked at a gateway: it serves the hosts of its servers and no others.
  const http = httpFactsOf(proxies, mesh, false);
  return {
    namespace: proxies.namespace,
    labels: proxies.labels,
    http,
    client: { ...http, unprivileged: proxies.traits.unprivileged, reserved: [] },
    ...authorizationFacts(authorized, mesh),
    withoutIdentity: proxies.facet.withoutIdentity === true,
    tlsDefaults: mesh.tlsDefaults ?? {},
  };
}
