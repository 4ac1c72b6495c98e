// Clusters: discovery types, load balancing, upstream protocols, health and outliers.
export * from './gen/envoy/config/cluster/v3/circuit_breaker_pb.js';
export * from './gen/envoy/config/cluster/v3/cluster_pb.js';
export { type Filter as UpstreamFilter, FilterSchema as UpstreamFilterSchema } from './gen/envoy/config/cluster/v3/filter_pb.js';
export * from './gen/envoy/config/cluster/v3/outlier_detection_pb.js';
export {
  type AggregateClusterResource,
  AggregateClusterResourceSchema,
  type ClusterConfig as AggregateCluster,
  ClusterConfigSchema as AggregateClusterSchema,
} from './gen/envoy/extensions/clusters/aggregate/v3/cluster_pb.js';
export * from './gen/envoy/extensions/clusters/common/dns/v3/dns_pb.js';
export * from './gen/envoy/extensions/clusters/dns/v3/dns_cluster_pb.js';
export {
  type ClusterConfig as DynamicForwardProxyCluster,
  ClusterConfigSchema as DynamicForwardProxyClusterSchema,
  type SubClustersConfig,
  SubClustersConfigSchema,
} from './gen/envoy/extensions/clusters/dynamic_forward_proxy/v3/cluster_pb.js';
export * from './gen/envoy/extensions/clusters/original_dst/v3/original_dst_pb.js';
export * from './gen/envoy/extensions/common/dynamic_forward_proxy/v3/dns_cache_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/cluster_provided/v3/cluster_provided_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/common/v3/common_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/maglev/v3/maglev_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/random/v3/random_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/subset/v3/subset_pb.js';
export * from './gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.js';
export * from './gen/envoy/extensions/network/dns_resolver/cares/v3/cares_dns_resolver_pb.js';
export * from './gen/envoy/extensions/network/dns_resolver/getaddrinfo/v3/getaddrinfo_dns_resolver_pb.js';
export * from './gen/envoy/extensions/upstreams/http/generic/v3/generic_connection_pool_pb.js';
export * from './gen/envoy/extensions/upstreams/http/http/v3/http_connection_pool_pb.js';
export * from './gen/envoy/extensions/upstreams/http/tcp/v3/tcp_connection_pool_pb.js';
export {
  type HttpProtocolOptions as HttpUpstreamOptions,
  type HttpProtocolOptions_AutoHttpConfig as HttpUpstreamOptions_AutoHttpConfig,
  HttpProtocolOptions_AutoHttpConfigSchema as HttpUpstreamOptions_AutoHttpConfigSchema,
  type HttpProtocolOptions_ExplicitHttpConfig as HttpUpstreamOptions_ExplicitHttpConfig,
  HttpProtocolOptions_ExplicitHttpConfigSchema as HttpUpstreamOptions_ExplicitHttpConfigSchema,
  type HttpProtocolOptions_OutlierDetection as HttpUpstreamOptions_OutlierDetection,
  HttpProtocolOptions_OutlierDetectionSchema as HttpUpstreamOptions_OutlierDetectionSchema,
  type HttpProtocolOptions_UseDownstreamHttpConfig as HttpUpstreamOptions_UseDownstreamHttpConfig,
  HttpProtocolOptions_UseDownstreamHttpConfigSchema as HttpUpstreamOptions_UseDownstreamHttpConfigSchema,
  HttpProtocolOptionsSchema as HttpUpstreamOptionsSchema,
} from './gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js';
export {
  type TcpProtocolOptions as TcpUpstreamOptions,
  TcpProtocolOptionsSchema as TcpUpstreamOptionsSchema,
} from './gen/envoy/extensions/upstreams/tcp/v3/tcp_protocol_options_pb.js';
