import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { type Cluster, Cluster_DiscoveryType, ClusterSchema, HttpUpstreamOptionsSchema } from '@sallyport/apis/cluster';
import { type Address, AddressSchema } from '@sallyport/apis/core';

/** Where a server listens: an IP address and a port, or a Unix socket, which is also reached across network namespaces. */
export type Place =
  | { readonly kind: 'tcp'; readonly address: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** The control plane. HTTP/2 pings notice a peer that is gone without a word within 40 s. */
export function xdsCluster(place: Place): Cluster {
  return create(ClusterSchema, {
    ...grpcCluster('xds-grpc', place),
    circuitBreakers: { thresholds: [{ maxConnections: 100_000, maxPendingRequests: 100_000, maxRequests: 100_000 }] },
    ...(place.kind === 'unix' ? {} : { upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 300 } } }),
  });
}

/** The agent, which hands out certificates. Nothing asks it before a resource names it. */
export function sdsCluster(path: string): Cluster {
  return create(ClusterSchema, grpcCluster('sds-grpc', { kind: 'unix', path }));
}

/** Envoy's own admin interface, for the one path that the metrics listener lets through. */
export function adminCluster(path: string): Cluster {
  return create(ClusterSchema, staticCluster('prometheus_stats', { kind: 'unix', path }));
}

export function addressOf(place: Place): Address {
  return create(AddressSchema, {
    address:
      place.kind === 'unix'
        ? { case: 'pipe', value: { path: place.path } }
        : {
            case: 'socketAddress',
            value: { address: place.address, portSpecifier: { case: 'portValue', value: place.port } },
          },
  });
}

function grpcCluster(name: string, place: Place) {
  const http2 = create(HttpUpstreamOptionsSchema, {
    upstreamProtocolOptions: {
      case: 'explicitHttpConfig',
      value: {
        protocolConfig: {
          case: 'http2ProtocolOptions',
          value: { connectionKeepalive: { interval: { seconds: 30n }, timeout: { seconds: 10n } } },
        },
      },
    },
  });
  return {
    ...staticCluster(name, place),
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': anyPack(HttpUpstreamOptionsSchema, http2),
    },
  };
}

function staticCluster(name: string, place: Place) {
  return {
    name,
    // The semicolon ends the name for the rules in statistics.ts.
    altStatName: `${name};`,
    clusterDiscoveryType: { case: 'type' as const, value: Cluster_DiscoveryType.STATIC },
    connectTimeout: { seconds: 1n },
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: { case: 'endpoint' as const, value: { address: addressOf(place) } } }] }],
    },
  };
}
