import { contentHash } from '../lib/hash.ts';
import { ipFamily } from '../lib/ip.ts';
import { facetKey, type ProxyClass, type ProxyFacet, type ProxyNode, type ProxyTraits, type Served } from '../model/index.ts';
import { text } from './proxy.ts';

/** What the configuration asks about proxies. A class holds only what is asked about, so that most proxies share one. */
export interface ClassFacts {
  /** Whether a selector or a source condition that may concern this proxy names the label with this very value. */
  readonly asksFor: (label: string, value: string) => boolean;
  /** Whether some failoverPriority ranks endpoints by this label. */
  readonly ranksBy: (label: string) => boolean;
  /** Whether the addresses themselves decide something, and not only what is served at them. */
  readonly asksForAddress: boolean;
  /** Whether some service is only for callers on the same node. */
  readonly asksForNode: boolean;
  readonly serves: readonly Served[];
  /** Whether spans are written, which carry the workload's names (spec/istio.md 10.1). */
  readonly tracing: boolean;
}

/**
 * The class of a proxy: all that its configuration may depend on. Pure and stable: equal parts give the equal id on every
 * machine. A label that is only selected with other values than the proxy's is left out, since no selector can tell it from
 * an absent one.
 */
export function classOf(proxy: ProxyNode, facts: ClassFacts): ProxyClass {
  const facet = facetOf(proxy, facts);
  const parts = {
    role: proxy.role,
    namespace: proxy.namespace,
    labels: pick(proxy.labels, facts.asksFor),
    dnsDomain: proxy.dnsDomain,
    ips: facts.asksForAddress ? proxy.ips : [],
    serves: facts.serves,
    traits: traitsOf(proxy, facts),
  };
  const key = facetKey(facet);
  return { id: contentHash(canonical(parts), key), ...parts, facet, facetKey: key };
}

function traitsOf({ metadata, labels }: ProxyNode, facts: ClassFacts): ProxyTraits {
  const mode = text(metadata, 'INTERCEPTION_MODE');
  return {
    interception: mode === 'TPROXY' || mode === 'NONE' ? mode : 'REDIRECT',
    dnsCapture: isTrue(text(metadata, 'DNS_CAPTURE')),
    dnsAutoAllocate: isTrue(text(metadata, 'DNS_AUTO_ALLOCATE')),
    ...(isTrue(text(metadata, 'SALLYPORT_NAME_ROWS')) && { nameRows: true as const }),
    unprivileged: isTrue(text(metadata, 'UNPRIVILEGED_POD')),
    httpProxyPort: portOf(text(metadata, 'HTTP_PROXY_PORT')),
    ...(isTrue(text(metadata, 'SALLYPORT_CONNECT')) && { connect: true as const }),
    statusPort: portOf(text(metadata, 'ENVOY_STATUS_PORT')),
    prometheusPort: portOf(text(metadata, 'ENVOY_PROMETHEUS_PORT')),
    ...(text(metadata, 'HTTP10') === '1' && { http10: true as const }),
    idleTimeout: text(metadata, 'IDLE_TIMEOUT'),
    canonicalService: facts.tracing ? (labels['service.istio.io/canonical-name'] ?? 'unknown') : '',
    canonicalRevision: facts.tracing ? (labels['service.istio.io/canonical-revision'] ?? 'latest') : '',
    meshId: text(metadata, 'MESH_ID') || 'unknown',
  };
}

function facetOf(proxy: ProxyNode, facts: ClassFacts): ProxyFacet {
  const { metadata } = proxy;
  const chain = text(metadata, 'TLS_CLIENT_CERT_CHAIN');
  const key = text(metadata, 'TLS_CLIENT_KEY');
  const root = text(metadata, 'TLS_CLIENT_ROOT_CERT');
  return {
    role: proxy.role,
    ipFamilies: familiesOf(proxy.ips),
    locality: proxy.locality,
    network: text(metadata, 'NETWORK'),
    clusterId: text(metadata, 'CLUSTER_ID'),
    ...((chain !== '' || key !== '' || root !== '') && { clientCertificates: { chain, key, root } }),
    ...(isTrue(text(metadata, 'SALLYPORT_RESOLVER')) && { ownResolver: true as const }),
    ...(isTrue(text(metadata, 'SALLYPORT_NO_IDENTITY')) && { withoutIdentity: true as const }),
    ...(facts.asksForNode && { node: text(metadata, 'NODE_NAME') }),
    failoverLabels: pick(proxy.labels, facts.ranksBy),
  };
}

function familiesOf(ips: readonly string[]): ProxyFacet['ipFamilies'] {
  const four = ips.some((ip) => ipFamily(ip) === 4);
  const six = ips.some((ip) => ipFamily(ip) === 6);
  return four && six ? 'dual' : six ? 'v6' : 'v4';
}

/** Truth as Istio's metadata spells it. */
function isTrue(value: string): boolean {
  return ['1', 't', 'true'].includes(value.toLowerCase());
}

function portOf(value: string): number {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

function pick(labels: Readonly<Record<string, string>>, wanted: (name: string, value: string) => boolean) {
  const kept = Object.entries(labels).filter(([name, value]) => wanted(name, value));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON whose object keys are sorted at every level. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
