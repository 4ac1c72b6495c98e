import type { Route } from '@sallyport/apis/route';
import type { ResourceIndex } from './resource-index.ts';

/**
 * All domains of a route configuration and the clusters behind each, sorted and without doubles: what the vectors of kind
 * `virtualHosts` compare (conformance/README.md section 3). Undefined if there is no configuration of this name.
 */
export function virtualHostsOf(
  { routes }: ResourceIndex,
  routeConfigName: string,
): Readonly<Record<string, readonly string[]>> | undefined {
  const config = routes.get(routeConfigName);
  if (config === undefined) return undefined;
  const domains: [string, readonly string[]][] = config.virtualHosts.flatMap((virtualHost) => {
    const clusters = [...new Set(virtualHost.routes.flatMap(clustersOf))].sort();
    return virtualHost.domains.map((domain): [string, readonly string[]] => [domain, clusters]);
  });
  return Object.fromEntries(domains);
}

function clustersOf({ action }: Route): readonly string[] {
  if (action.case !== 'route') return [];
  const { clusterSpecifier } = action.value;
  if (clusterSpecifier.case === 'cluster') return [clusterSpecifier.value];
  return clusterSpecifier.case === 'weightedClusters' ? clusterSpecifier.value.clusters.map((cluster) => cluster.name) : [];
}
