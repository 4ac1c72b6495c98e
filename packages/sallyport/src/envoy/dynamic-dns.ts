import type { Any } from '@bufbuild/protobuf/wkt';
import { type ClusterSchema, DynamicForwardProxyClusterSchema } from '@sallyport/apis/cluster';
import type { ProxyFacet } from '../model/index.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { allowAnyDnsCache, dnsCacheOf, type Lookup } from './dns-cache.ts';
import type { DynamicName } from './dynamic-name.ts';
import { anyOf, type Fields } from './encode.ts';
import type { TlsFromHost } from './protocol-options.ts';

type ClusterInit = Fields<typeof ClusterSchema>;
type ForwardProxy = Fields<typeof DynamicForwardProxyClusterSchema>;

/**
 * Looks the host up when a call is made, from its Host header or server name (spec/istio.md 1.5). `insecure`: see `countsAsInsecure`.
 */
export function dynamicDnsCluster(name: DynamicName, facet: ProxyFacet, mesh: ClusterMesh, insecure: boolean): ClusterInit {
  const lookup = { families: facet.ipFamilies, dualStack: mesh.sallyport.dualStack, dnsCapture: false };
  return forwardProxy({
    clusterImplementationSpecifier: { case: 'dnsCacheConfig', value: dnsCacheOf(name, lookup) },
    allowInsecureClusterOptions: insecure,
  });
}

/** The same for hosts that nobody declared. */
export function allowAnyCluster(lookup: Lookup, insecure: boolean): ClusterInit {
  return forwardProxy({
    clusterImplementationSpecifier: { case: 'dnsCacheConfig', value: allowAnyDnsCache(lookup) },
    allowInsecureClusterOptions: insecure,
  });
}

/**
 * Whether Envoy would refuse such a cluster unless told that it is meant: it has HTTP options, and these do not make TLS go by
 * the host's name and check the certificate against it. Envoy looks at nothing else, so plain HTTP/2 counts too; without the
 * mark a DYNAMIC_DNS entry with a gRPC port is refused, as istiod's is (tried on 1.40.0).
 */
export function countsAsInsecure(options: Readonly<Record<string, Any>>, tls: TlsFromHost | undefined): boolean {
  return Object.keys(options).length > 0 && !(tls?.sni === true && tls.san);
}

function forwardProxy(config: ForwardProxy): ClusterInit {
  const typedConfig = anyOf(DynamicForwardProxyClusterSchema, config);
  return {
    clusterDiscoveryType: { case: 'clusterType', value: { name: 'envoy.clusters.dynamic_forward_proxy', typedConfig } },
  };
}
