import { type ClusterSchema, DynamicForwardProxyClusterSchema } from '@sallyport/apis/cluster';
import type { ProxyFacet } from '../model/index.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { allowAnyDnsCache, dnsCacheOf, type Lookup } from './dns-cache.ts';
import { anyOf, type Fields } from './encode.ts';
import type { TlsFromHost } from './protocol-options.ts';

type ClusterInit = Fields<typeof ClusterSchema>;
type ForwardProxy = Fields<typeof DynamicForwardProxyClusterSchema>;

/**
 * Looks the host up when a call is made, from its Host header or server name (spec/istio.md 1.5). Envoy wants to be told when
 * TLS goes by the host's name without checking the certificate against it.
 */
export function dynamicDnsCluster(host: string, facet: ProxyFacet, mesh: ClusterMesh, tls: TlsFromHost | undefined): ClusterInit {
  const lookup = { families: facet.ipFamilies, dualStack: mesh.sallyport.dualStack, dnsCapture: false };
  return forwardProxy({
    clusterImplementationSpecifier: { case: 'dnsCacheConfig', value: dnsCacheOf(host, lookup) },
    allowInsecureClusterOptions: tls?.san === false,
  });
}

/** The same for hosts that nobody declared. `insecure`: no TLS, or without a check of the name, and that is meant. */
export function allowAnyCluster(lookup: Lookup, insecure: boolean): ClusterInit {
  return forwardProxy({
    clusterImplementationSpecifier: { case: 'dnsCacheConfig', value: allowAnyDnsCache(lookup) },
    allowInsecureClusterOptions: insecure,
  });
}

function forwardProxy(config: ForwardProxy): ClusterInit {
  const typedConfig = anyOf(DynamicForwardProxyClusterSchema, config);
  return {
    clusterDiscoveryType: { case: 'clusterType', value: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig } },
  };
}
