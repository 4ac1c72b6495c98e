import { type Cluster, Cluster_DiscoveryType as Discovery } from '@sallyport/apis/cluster';
import type { Address, Locality } from '@sallyport/apis/core';
import type { ClusterLoadAssignment, LbEndpoint } from '@sallyport/apis/endpoint';
import { compareText } from '../model/index.ts';
import type { EndpointGroup, Upstream } from './outcome.ts';
import type { ResourceIndex } from './resource-index.ts';

/** The endpoints a cluster has, from itself or by EDS; both keys are absent where there are none. */
export function upstreamEndpoints(cluster: Cluster, index: ResourceIndex): Pick<Upstream, 'endpoints' | 'groups'> {
  const groups = (assignmentOf(cluster, index)?.endpoints ?? [])
    .filter(({ lbEndpoints }) => lbEndpoints.length > 0)
    .map(
      ({ locality, priority, loadBalancingWeight, lbEndpoints }): EndpointGroup => ({
        locality: localityText(locality),
        priority,
        weight: loadBalancingWeight ?? 0,
        endpoints: lbEndpoints
          .map((endpoint) => ({ address: addressOf(endpoint), weight: endpoint.loadBalancingWeight ?? 1 }))
          .sort((a, b) => compareText(a.address, b.address) || a.weight - b.weight),
      }),
    )
    .sort((a, b) => a.priority - b.priority || compareText(a.locality, b.locality));
  const endpoints = groups.flatMap((group) => group.endpoints.map((endpoint) => endpoint.address)).sort(compareText);
  if (endpoints.length === 0) return {};
  return groups.some(saysMore) ? { endpoints, groups } : { endpoints };
}

/** A group says more than its list of addresses when it has a place, a priority or weights. */
function saysMore({ locality, priority, endpoints }: EndpointGroup): boolean {
  return locality !== '' || priority > 0 || endpoints.some((endpoint) => endpoint.weight !== 1);
}

function assignmentOf(cluster: Cluster, { endpoints }: ResourceIndex): ClusterLoadAssignment | undefined {
  const { clusterDiscoveryType } = cluster;
  if (clusterDiscoveryType.case === 'type' && clusterDiscoveryType.value === Discovery.EDS) {
    return endpoints.get(cluster.edsClusterConfig?.serviceName || cluster.name);
  }
  return cluster.loadAssignment;
}

function localityText(locality: Locality | undefined): string {
  if (locality === undefined) return '';
  return [locality.region, locality.zone, locality.subZone].join('/').replace(/\/+$/, '');
}

function addressOf({ hostIdentifier }: LbEndpoint): string {
  return hostIdentifier.case === 'endpoint' ? addressText(hostIdentifier.value.address) : '';
}

function addressText(address: Address | undefined): string {
  switch (address?.address.case) {
    case 'socketAddress': {
      const { address: host, portSpecifier } = address.address.value;
      return `${host.includes(':') ? `[${host}]` : host}:${portSpecifier.value ?? 0}`;
    }
    case 'pipe':
      return `unix:${address.address.value.path}`;
    default:
      return '';
  }
}
