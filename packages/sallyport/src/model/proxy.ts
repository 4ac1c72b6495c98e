import { canonicalJson } from '../lib/json.ts';
import type { Locality } from './endpoint.ts';
import type { ServiceKey } from './service.ts';

export type ProxyClassId = string;

/** What a proxy says of itself, read from its xDS node or from `--proxy` (design.md section 4). One row per connected proxy. */
export interface ProxyNode {
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
  /** Only labels that some selector or match reads. */
  readonly labels: Readonly<Record<string, string>>;
  readonly dnsDomain: string;
  /** Set only when the proxy's own addresses decide what it gets: a service is reached by them, or a Sidecar listens at them. */
  readonly ips: readonly string[];
  /** The service ports that the workload stands behind; sorted. Proxies of one Deployment share them, whatever their addresses. */
  readonly serves: readonly Served[];
  readonly traits: ProxyTraits;
  readonly facet: ProxyFacet;
  /** {@link facetKey} of `facet`. */
  readonly facetKey: string;
}

/** A port of the workload that a service leads to (spec/istio.md 4.11, 12). */
export interface Served {
  readonly service: ServiceKey;
  /** Number of the service's port. */
  readonly port: number;
  /** Number of the workload's port. */
  readonly target: number;
}

/** The part of a class that listeners and routes depend on, beside its namespace, labels and domain. */
export interface ProxyTraits {
  readonly interception: 'REDIRECT' | 'TPROXY' | 'NONE';
  /** Metadata DNS_CAPTURE: the proxy's agent answers DNS, so virtual addresses are of use. */
  readonly dnsCapture: boolean;
  readonly dnsAutoAllocate: boolean;
  /** Metadata SALLYPORT_NAME_ROWS: the agent keeps names by row, so that it is sent rows and no table. */
  readonly nameRows?: true;
  /** Metadata UNPRIVILEGED_POD: ports below 1024 cannot be bound. */
  readonly unprivileged: boolean;
  /** Metadata HTTP_PROXY_PORT, 0 when absent; likewise the next two. */
  readonly httpProxyPort: number;
  /** Metadata SALLYPORT_CONNECT: the forward proxy also opens tunnels, for `https_proxy`; what istiod sends knows none. */
  readonly connect?: true;
  readonly statusPort: number;
  readonly prometheusPort: number;
  /** Metadata HTTP10: callers may speak HTTP/1.0. */
  readonly http10?: true;
  /** Metadata IDLE_TIMEOUT as given, or empty. */
  readonly idleTimeout: string;
  /** Custom tags of tracing (spec/istio.md 10.1). */
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly meshId: string;
}

/** The part of a class that clusters and endpoints depend on; many classes have the same, and then share these resources. */
export interface ProxyFacet {
  readonly role: 'sidecar' | 'router';
  readonly ipFamilies: 'v4' | 'v6' | 'dual';
  readonly locality: Locality;
  readonly network: string;
  readonly clusterId: string;
  /** Metadata TLS_CLIENT_CERT_CHAIN and its siblings (spec/istio.md 4.9). */
  readonly clientCertificates?: { readonly chain: string; readonly key: string; readonly root: string };
  /** Metadata SALLYPORT_RESOLVER: the bootstrap names the resolver, which clusters must not overrule. */
  readonly ownResolver?: true;
  /** Metadata SALLYPORT_NO_IDENTITY: the agent beside the proxy has no certificates to give, so nothing may wait for them. */
  readonly withoutIdentity?: true;
  /** Metadata NODE_NAME, where some service is only for callers on the same node. */
  readonly node?: string;
  /** The proxy's labels, topology labels included, that some failoverPriority names. */
  readonly failoverLabels: Readonly<Record<string, string>>;
}

export function facetKey(facet: ProxyFacet): string {
  return canonicalJson(facet);
}
