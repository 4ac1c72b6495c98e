import { contentHash } from '../../lib/hash.ts';
import type { ClassScope, MeshConfig, Protocol, ProxyClass, SidecarEgress } from '../../model/index.ts';
import { UNSPECIFIED, wildcardOf } from '../addresses.ts';
import { type Lookup, lookupOf } from '../dns-cache.ts';
import { BLACK_HOLE, outboundCluster, PASSTHROUGH } from '../names.ts';
import { type AccessLogging, accessLoggingOf } from './access-log.ts';

/** What the listeners of a class depend on beside its services. Row key: class id. */
export interface ClassFacts {
  readonly class: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The proxy's first address, where an endpoint has it: nobody calls himself through his own proxy. */
  readonly ownAddress: string | undefined;
  /** By index of the egress listener. */
  readonly egress: readonly EgressFacts[];
  /** Likewise: whether VirtualServices with tcp or tls routes are imported there. */
  readonly asksL4: readonly boolean[];
  readonly client: ClientFacts;
  readonly http: HttpFacts;
  readonly traffic: UnknownTraffic;
  /** Milliseconds and the like as text: how long listener filters may take. */
  readonly detectionTimeout: string;
  /** 0: no HTTP proxy listener. */
  readonly httpProxyPort: number;
  readonly capture: 'none' | 'redirect' | 'tproxy';
  readonly capturePort: number;
}

/** What the chains of one service depend on. Classes that agree on it share them. `key` names the content. */
export interface ClientFacts extends Lookup {
  readonly key: string;
  readonly logging: AccessLogging | undefined;
  /** Metadata IDLE_TIMEOUT, or empty. */
  readonly idleTimeout: string;
  readonly unprivileged: boolean;
  /** Ports of listeners that every proxy has. */
  readonly reserved: readonly number[];
}

/** An egress listener of a Sidecar, or the one that stands for none. */
export interface EgressFacts {
  readonly key: string;
  /** Address or unix socket given by the user, or the loopback address where listeners really bind. */
  readonly bind: string | undefined;
  /** The user says where. */
  readonly given: boolean;
  /** Really bound: the proxy is called at it, not by capture. */
  readonly real: boolean;
  readonly port: { readonly number: number; readonly protocol: Protocol } | undefined;
}

/** What HTTP connection managers depend on. `key` names the content. */
export interface HttpFacts extends Lookup {
  readonly key: string;
  readonly logging: AccessLogging | undefined;
  readonly idleTimeout: string;
  readonly http10: boolean;
  readonly pathNormalization: string;
  /** Mesh mode ALLOW_ANY_DYNAMIC_DNS: hosts that nobody declared are resolved by the proxy. */
  readonly resolvesUnknownHosts: boolean;
  /** Tags of every span; absent when tracing is off. */
  readonly tracing: TracingFacts | undefined;
}

export interface TracingFacts {
  readonly canonicalRevision: string;
  readonly canonicalService: string;
  readonly clusterId: string;
  readonly meshId: string;
  readonly namespace: string;
}

/** Where a connection goes that no service claims. */
export interface UnknownTraffic {
  readonly cluster: string;
  readonly resolvesHttp: boolean;
}

/** The facts of a class; routers have none, their listeners come from Gateways. */
export function factsOf(
  proxies: ProxyClass,
  scope: ClassScope,
  mesh: MeshConfig,
  asksL4: readonly boolean[],
): ClassFacts | undefined {
  if (proxies.role !== 'sidecar') return undefined;
  const { traits, facet } = proxies;
  const logging = accessLoggingOf(mesh);
  const lookup = lookupOf(facet, traits.dnsCapture, mesh);
  const traffic = unknownTraffic(scope);
  const loopback = loopbackOf(facet.ipFamilies);
  const client = {
    ...lookup,
    logging,
    idleTimeout: traits.idleTimeout,
    unprivileged: traits.unprivileged,
    reserved: [mesh.proxyListenPort, mesh.proxyInboundListenPort, traits.statusPort, traits.prometheusPort].filter((p) => p > 0),
  };
  return {
    class: proxies.id,
    namespace: proxies.namespace,
    labels: proxies.labels,
    ownAddress: proxies.ips[0],
    egress: scope.egress.map((listener) => keyed(egressFacts(listener, traits.interception === 'NONE', loopback))),
    asksL4,
    client: keyed(client),
    http: httpFactsOf(proxies, mesh, traffic.resolvesHttp),
    traffic,
    detectionTimeout: mesh.protocolDetectionTimeout,
    httpProxyPort: traits.httpProxyPort > 0 ? traits.httpProxyPort : mesh.proxyHttpPort,
    capture: traits.interception === 'NONE' ? 'none' : traits.interception === 'TPROXY' ? 'tproxy' : 'redirect',
    capturePort: mesh.proxyListenPort,
  };
}

/** What connection managers of a class depend on. */
export function httpFactsOf(proxies: ProxyClass, mesh: MeshConfig, resolvesUnknownHosts: boolean): HttpFacts {
  return keyed({
    ...lookupOf(proxies.facet, proxies.traits.dnsCapture, mesh),
    logging: accessLoggingOf(mesh),
    idleTimeout: proxies.traits.idleTimeout,
    http10: proxies.traits.http10 === true,
    pathNormalization: mesh.pathNormalization ?? '',
    resolvesUnknownHosts,
    tracing: mesh.enableTracing ? tracingOf(proxies) : undefined,
  });
}

/** The loopback address that real binds of this proxy use. */
export function loopbackOf(families: ProxyClass['facet']['ipFamilies']): string {
  return families === 'v6' ? '::1' : '127.0.0.1';
}

/** How long connections may be silent, by the proxy's own metadata. */
export function idleOf({ idleTimeout }: Pick<ClientFacts, 'idleTimeout'>): { readonly idleTimeout?: string } {
  return idleTimeout === '' ? {} : { idleTimeout };
}

/** Further addresses beside the first, for proxies of both families in a mesh that asks for both. */
export function furtherBinds(bind: string, { families, dualStack }: Pick<Lookup, 'families' | 'dualStack'>): readonly string[] {
  return dualStack ? otherFamily(bind, { families }) : [];
}

/** The same address of the other family, for a proxy that has both: listeners of services are at both, whatever the mesh asks for. */
export function otherFamily(bind: string, { families }: Pick<Lookup, 'families'>): readonly string[] {
  if (families !== 'dual') return [];
  return bind === UNSPECIFIED ? ['::'] : bind === '127.0.0.1' ? ['::1'] : [];
}

export const wildcardFor = ({ families }: Pick<Lookup, 'families'>): string => wildcardOf({ ipFamilies: families });

function egressFacts(listener: SidecarEgress, captureless: boolean, loopback: string): Omit<EgressFacts, 'key'> {
  const given = listener.bind === undefined || listener.bind === '' ? undefined : listener.bind;
  const real = captureless || listener.captureMode === 'NONE' || (given?.startsWith('unix://') ?? false);
  return {
    bind: given ?? (real ? loopback : undefined),
    given: given !== undefined,
    real,
    port: listener.port && { number: listener.port.number ?? 0, protocol: protocolOf(listener.port.protocol) },
  };
}

const PROTOCOLS: ReadonlySet<string> = new Set<Protocol>([
  ...(['http', 'http2', 'grpc', 'grpc-web', 'http-proxy', 'https', 'tls', 'tcp', 'mongo', 'redis', 'mysql', 'udp'] as const),
]);

/** A protocol as a Sidecar spells it, any case; unknown ones are detected (spec/istio.md 1.1). */
export function protocolOf(text: string | undefined): Protocol {
  const name = (text ?? '').toLowerCase().replace('_', '-');
  return PROTOCOLS.has(name) ? (name as Protocol) : 'auto';
}

function unknownTraffic({ outboundPolicy: { mode, egressProxy } }: ClassScope): UnknownTraffic {
  if (mode === 'ALLOW_ANY_DYNAMIC_DNS') return { cluster: PASSTHROUGH, resolvesHttp: true };
  if (mode !== 'ALLOW_ANY') return { cluster: BLACK_HOLE, resolvesHttp: false };
  if (egressProxy?.host === undefined) return { cluster: PASSTHROUGH, resolvesHttp: false };
  const { host, port, subset } = egressProxy;
  return { cluster: outboundCluster(host.toLowerCase(), port?.number ?? 0, subset), resolvesHttp: false };
}

function tracingOf({ namespace, traits, facet }: ProxyClass): TracingFacts {
  return {
    canonicalRevision: traits.canonicalRevision || 'latest',
    canonicalService: traits.canonicalService || 'unknown',
    clusterId: facet.clusterId || 'unknown',
    meshId: traits.meshId || 'unknown',
    namespace: namespace || 'default',
  };
}

function keyed<T extends object>(facts: T): T & { readonly key: string } {
  return { ...facts, key: contentHash(JSON.stringify(facts)) };
}
