import type { Locality } from './endpoint.ts';

export type ProxyClassId = string;

/** What a proxy says of itself, read from its xDS node or from `--proxy` (design.md section 4). One row per connected proxy. */
export interface Proxy {
  /** Node id in Istio's form: `sidecar~IP~NAME.NAMESPACE~DOMAIN`. */
  readonly id: string;
  readonly role: 'sidecar' | 'router';
  readonly name: string;
  readonly namespace: string;
  readonly ips: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly locality: Locality;
  readonly dnsDomain: string;
  /** Istio node metadata, strings as given. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Everything configuration may depend on, and nothing else: proxies that agree on it share every resource
 * (docs/decisions/0004-proxy-classes.md). Stages after `scope` never see a proxy.
 */
export interface ProxyClass {
  readonly id: ProxyClassId;
  readonly role: 'sidecar' | 'router';
  readonly namespace: string;
  /** Only labels that some selector reads, and those that become resource content. */
  readonly labels: Readonly<Record<string, string>>;
  readonly dnsDomain: string;
  /** Set only when the proxy's own addresses decide what it gets: an endpoint has one of them. */
  readonly ips: readonly string[];
  readonly facet: ProxyFacet;
  /** {@link facetKey} of `facet`. */
  readonly facetKey: string;
}

/** The part of a class that clusters and endpoints depend on; many classes have the same. */
export interface ProxyFacet {
  readonly role: 'sidecar' | 'router';
  readonly ipFamilies: 'v4' | 'v6' | 'dual';
  readonly locality: Locality;
  readonly network: string;
  readonly clusterId: string;
  readonly interception: 'REDIRECT' | 'TPROXY' | 'NONE';
  readonly dnsCapture: boolean;
  readonly dnsAutoAllocate: boolean;
  readonly unprivileged: boolean;
  readonly httpProxyPort: number;
  readonly idleTimeout: string;
  readonly statusPort: number;
  readonly prometheusPort: number;
  /** Metadata TLS_CLIENT_CERT_CHAIN and its siblings (spec/istio.md 4.9). */
  readonly clientCertificates?: { readonly chain: string; readonly key: string; readonly root: string };
  /** Proxy labels and topology labels that failoverPriority may compare. */
  readonly topologyLabels: Readonly<Record<string, string>>;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly meshId: string;
  readonly namespace: string;
}

export function facetKey(facet: ProxyFacet): string {
  return JSON.stringify(facet, (_, value: unknown) => (isPlain(value) ? sorted(value) : value));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
