import { anyUnpack } from '@bufbuild/protobuf/wkt';
import {
  type Cluster,
  Cluster_DiscoveryTypeSchema,
  Cluster_DiscoveryType as Discovery,
  DynamicForwardProxyClusterSchema,
} from '@sallyport/apis/cluster';
import { once } from './once.ts';
import type { Upstream } from './outcome.ts';
import type { ResourceIndex } from './resource-index.ts';
import type { Finding } from './step.ts';
import { upstreamEndpoints } from './upstream-endpoints.ts';
import { upstreamTls } from './upstream-tls.ts';

/** Name of the extension whose clusters are found by name, by a filter. */
const DYNAMIC_FORWARD_PROXY = 'envoy.clusters.dynamic_forward_proxy';

/** What stands behind clusters, sorted by name, each once. */
export function upstreamsOf(clusters: readonly string[], index: ResourceIndex): readonly Upstream[] {
  const describe = describer(index);
  return [...new Set(clusters)].sort().map((name) => {
    const cluster = index.clusters.get(name);
    return cluster === undefined ? { cluster: name, exists: false } : describe(cluster);
  });
}

export const isDynamicForwardProxy = (upstream: Upstream): boolean => upstream.type === DYNAMIC_FORWARD_PROXY;

/** Who says which address is called, where it is not the configuration: undefined for endpoints that are listed. */
export function findingOf(name: string, { clusters }: ResourceIndex): Finding | undefined {
  const cluster = clusters.get(name);
  if (cluster === undefined) return undefined;
  const { clusterDiscoveryType: kind } = cluster;
  if (kind.case === 'type') return kind.value === Discovery.ORIGINAL_DST ? 'caller' : undefined;
  if (kind.case !== 'clusterType' || kind.value.name !== DYNAMIC_FORWARD_PROXY || kind.value.typedConfig === undefined)
    return undefined;
  const specifier = anyUnpack(kind.value.typedConfig, DynamicForwardProxyClusterSchema)?.clusterImplementationSpecifier;
  const isGuarded = specifier?.case === 'dnsCacheConfig' && specifier.value.resolvedAddressFilter !== undefined;
  return isGuarded ? 'guarded lookup' : 'lookup';
}

const describer = once((index: ResourceIndex) =>
  once((cluster: Cluster): Upstream => {
    const tls = upstreamTls(cluster);
    const portOverride = portOverrideOf(cluster);
    return {
      cluster: cluster.name,
      exists: true,
      type: typeOf(cluster),
      ...(portOverride !== undefined && { portOverride }),
      ...(tls !== undefined && { tls }),
      ...upstreamEndpoints(cluster, index),
    };
  }),
);

function typeOf({ clusterDiscoveryType }: Cluster): string {
  if (clusterDiscoveryType.case === 'clusterType') return clusterDiscoveryType.value.name;
  const type = clusterDiscoveryType.value ?? Discovery.STATIC;
  return Cluster_DiscoveryTypeSchema.value[type]?.name ?? String(type);
}

function portOverrideOf({ lbConfig }: Cluster): number | undefined {
  return lbConfig.case === 'originalDstLbConfig' ? lbConfig.value.upstreamPortOverride : undefined;
}
