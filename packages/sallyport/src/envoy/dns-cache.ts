import type { MessageInitShape } from '@bufbuild/protobuf';
import { CaresDnsResolverConfigSchema, Cluster_DnsLookupFamily, type DnsCacheConfigSchema } from '@sallyport/apis/cluster';
import { specialRanges } from '../lib/special-ranges.ts';
import type { MeshConfig, ProxyFacet, ProxyTraits } from '../model/index.ts';
import { type DynamicName, readDynamicName } from './dynamic-name.ts';
import { anyOf } from './encode.ts';
import { dnsCacheName } from './names.ts';

/** The cache behind mesh mode ALLOW_ANY_DYNAMIC_DNS. */
const ALLOW_ANY_CACHE = 'allow_any_dfp_dns_cache';
/** Where the agent beside the proxy answers DNS. */
const AGENT_DNS = { address: '127.0.0.1', port: 15053 };

/** What DNS look-ups of a proxy depend on. */
export interface Lookup {
  readonly families: ProxyFacet['ipFamilies'];
  /** Mesh option `sallyport.dualStack`: a proxy of both families asks for both. */
  readonly dualStack: boolean;
  readonly dnsCapture: ProxyTraits['dnsCapture'];
  /** Answers for hosts that nobody declared count only if they are of the Internet, or in these ranges. */
  readonly guard?: { readonly allowed: readonly string[] };
}

/** What look-ups of a proxy depend on in the mesh. */
export function lookupOf(
  { ipFamilies }: Pick<ProxyFacet, 'ipFamilies'>,
  dnsCapture: boolean,
  mesh: Pick<MeshConfig, 'sallyport'>,
): Lookup {
  const { dualStack, enforcement, dns } = mesh.sallyport;
  const lookup = { families: ipFamilies, dualStack, dnsCapture };
  if (enforcement !== 'strict') return lookup;
  // Of hosts that nobody declared it is not known which of the exceptions for single hosts they are.
  const allowed = (dns?.allowedAddresses ?? []).flatMap(({ hosts, ranges }) => (hosts === undefined ? ranges : []));
  return { ...lookup, guard: { allowed } };
}

/** Which address families a proxy asks DNS for (spec/istio.md 1.5). */
export function lookupFamilyOf({ families, dualStack }: Pick<Lookup, 'families' | 'dualStack'>): Cluster_DnsLookupFamily {
  if (families === 'dual') return dualStack ? Cluster_DnsLookupFamily.ALL : Cluster_DnsLookupFamily.V4_ONLY;
  return families === 'v6' ? Cluster_DnsLookupFamily.V6_ONLY : Cluster_DnsLookupFamily.V4_ONLY;
}

/**
 * The DNS cache of a DYNAMIC_DNS host. Envoy refuses two caches of one name that differ, so clusters and filters both
 * have theirs from here.
 */
export function dnsCacheOf(name: DynamicName, lookup: Lookup): MessageInitShape<typeof DnsCacheConfigSchema> {
  const { host, guard } = readDynamicName(name);
  return { name: dnsCacheName(host), dnsLookupFamily: lookupFamilyOf(lookup), ...(guard && guarded(guard.allowed)) };
}

/** The DNS cache for hosts that nobody declared, under mesh mode ALLOW_ANY_DYNAMIC_DNS (spec/istio.md 10.1, 10.4). */
export function allowAnyDnsCache(lookup: Lookup): MessageInitShape<typeof DnsCacheConfigSchema> {
  return {
    name: ALLOW_ANY_CACHE,
    dnsLookupFamily: lookupFamilyOf(lookup),
    maxHosts: 1024,
    ...(lookup.guard && guarded(lookup.guard.allowed)),
    ...(lookup.dnsCapture && { typedDnsResolverConfig: agentResolver() }),
  };
}

/** Answers that are not of the Internet do not count, and nobody fills the proxy's memory with names (docs/resolution.md, Wildcards). */
function guarded(allowed: readonly string[]) {
  const ranges = specialRanges(allowed).map((range) => {
    const [addressPrefix = '', length] = range.split('/');
    return { addressPrefix, prefixLen: Number(length) };
  });
  return {
    maxHosts: 1024,
    dnsCacheCircuitBreaker: { maxPendingRequests: 1024 },
    ...(ranges.length > 0 && { resolvedAddressFilter: { ranges } }),
  };
}

/** With captured DNS the proxy's own queries must reach the agent, whose answers the application has got too. */
function agentResolver() {
  const socket = { address: AGENT_DNS.address, portSpecifier: { case: 'portValue', value: AGENT_DNS.port } } as const;
  return {
    name: 'envoy.network.dns_resolver.cares',
    typedConfig: anyOf(CaresDnsResolverConfigSchema, { resolvers: [{ address: { case: 'socketAddress', value: socket } }] }),
  };
}
