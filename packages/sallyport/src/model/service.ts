import type { ObjectKey } from './object.ts';

/** `<registry>/<namespace>/<object name>/<host>`; see {@link serviceKey}. */
export type ServiceKey = string;

/** Istio's protocol names, lower case; `auto` where the user gave none (spec/istio.md 1.1). */
export type Protocol =
  | 'http'
  | 'http2'
  | 'grpc'
  | 'grpc-web'
  | 'http-proxy'
  | 'https'
  | 'tls'
  | 'tcp'
  | 'mongo'
  | 'redis'
  | 'mysql'
  | 'udp'
  | 'auto';

export type Resolution = 'none' | 'static' | 'dns' | 'dns-round-robin' | 'dynamic-dns';

export interface Port {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** Only for resolution `none`: the port that the original destination is overridden with. */
  readonly passthroughTarget?: number;
  /** Kubernetes targetPort where it is not the port itself: number or name of the workload's port. */
  readonly target?: number | string;
}

/** Who may see something: everybody, nobody, or these namespaces (spec/istio.md 2.2). `.` is already resolved. */
export type Visibility =
  | { readonly kind: 'public' }
  | { readonly kind: 'none' }
  | { readonly kind: 'namespaces'; readonly names: readonly string[] };

export interface ServiceLabels {
  readonly [name: string]: string;
}

/**
 * One host of one object: what a caller can name, free of policy. Istio makes one service per host and address;
 * here the addresses stay together and are spread where listeners are made.
 */
export interface Service {
  readonly key: ServiceKey;
  readonly host: string;
  readonly namespace: string;
  /** Istio's Attributes.Name: the host for a ServiceEntry, the object's name for a Kubernetes Service. */
  readonly name: string;
  readonly registry: 'external' | 'kubernetes';
  readonly createdAt: number;
  /** IPs and CIDRs as declared; empty stands for Istio's `0.0.0.0`. */
  readonly addresses: readonly string[];
  /** Addresses given by an allocator, used only by proxies that capture DNS (spec/istio.md 3.2). */
  readonly autoAddresses: readonly string[];
  readonly ports: readonly Port[];
  readonly location: 'external' | 'internal';
  readonly resolution: Resolution;
  /** Who looks up names with resolution `dns` and `dns-round-robin`; absent: the proxies, as in Istio (docs/resolution.md). */
  readonly resolvedBy?: 'control-plane';
  /** Looked-up addresses count only if they are of the Internet, or in these ranges; absent: all count. */
  readonly guard?: { readonly allowed: readonly string[] };
  /** DNS with `istio.io/connect-strategy: RACE_FIRST_TCP_CONNECT`. */
  readonly raceConnect: boolean;
  readonly exportTo: Visibility;
  readonly labels: ServiceLabels;
  /** Set when endpoints come from a selector. */
  readonly selector?: ServiceLabels;
  readonly subjectAltNames: readonly string[];
  /** Kubernetes headless Service (clusterIP None). */
  readonly headless: boolean;
  /** ExternalName: the host this one stands for. Such a service has no listener and no cluster of its own. */
  readonly aliasOf?: string;
  readonly trafficDistribution?: string;
  readonly publishNotReady?: boolean;
  /** Only endpoints on the proxy's own node: `internalTrafficPolicy: Local`. */
  readonly nodeLocal?: true;
  readonly from: ObjectKey;
}

export function serviceKey(registry: Service['registry'], namespace: string, objectName: string, host: string): ServiceKey {
  return `${registry}/${namespace}/${objectName}/${host}`;
}

/** The pool that a service's endpoints are in: all entries of one namespace and host share it (spec/istio.md 1.4). */
export function poolKey(service: Pick<Service, 'namespace' | 'host'>): string {
  return `${service.namespace}/${service.host}`;
}

const HTTP: ReadonlySet<Protocol> = new Set(['http', 'http2', 'grpc', 'grpc-web', 'http-proxy']);
const HTTP2: ReadonlySet<Protocol> = new Set(['http2', 'grpc', 'grpc-web']);
const TLS: ReadonlySet<Protocol> = new Set(['https', 'tls']);
const TCP: ReadonlySet<Protocol> = new Set(['tcp', 'https', 'tls', 'mongo', 'redis', 'mysql']);

export const isHttp = (protocol: Protocol): boolean => HTTP.has(protocol);
export const isHttp2 = (protocol: Protocol): boolean => HTTP2.has(protocol);
export const isTls = (protocol: Protocol): boolean => TLS.has(protocol);
export const isTcp = (protocol: Protocol): boolean => TCP.has(protocol);

/** The order in which Istio lets the first service win: creation time, name, namespace (spec/istio.md 2.1). */
export function byServiceAge(a: Service, b: Service): number {
  return a.createdAt - b.createdAt || compare(a.name, b.name) || compare(a.namespace, b.namespace) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
