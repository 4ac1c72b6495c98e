import type { TcpProxy } from '@sallyport/apis/network';
import type { Detail, WeightedDestination } from './outcome.ts';

/** Where a TCP proxy sends a connection (conformance/README.md section 2, step 5). `cluster` is empty for weighted clusters. */
export function tcpDestination(proxy: TcpProxy): {
  readonly cluster: string;
  readonly clusters: readonly string[];
  readonly detail: Detail;
} {
  const { clusterSpecifier } = proxy;
  switch (clusterSpecifier.case) {
    case 'cluster':
      return { cluster: clusterSpecifier.value, clusters: [clusterSpecifier.value], detail: { action: 'tcp' } };
    case 'weightedClusters': {
      const weighted: WeightedDestination[] = clusterSpecifier.value.clusters.map(({ name, weight }) => ({
        cluster: name,
        weight,
      }));
      return { cluster: '', clusters: weighted.map((w) => w.cluster), detail: { action: 'tcpWeighted', weighted } };
    }
    default:
      return { cluster: '', clusters: [], detail: { action: 'none' } };
  }
}
