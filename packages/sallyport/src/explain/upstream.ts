import { type Cluster, Cluster_DiscoveryTypeSchema, Cluster_DiscoveryType as Discovery } from '@sallyport/apis/cluster';
import { once } from './once.ts';
import type { Upstream } from './outcome.ts';
import type { ResourceIndex } from './resource-index.ts';
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
