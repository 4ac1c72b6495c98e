// What every kind of resource is made of: addresses, metadata, extension points, and Envoy’s small value types.

export * from './gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js';
export * from './gen/envoy/config/core/v3/address_pb.js';
export * from './gen/envoy/config/core/v3/backoff_pb.js';
export {
  type AsyncDataSource,
  AsyncDataSourceSchema,
  type BuildVersion,
  BuildVersionSchema,
  type ControlPlane,
  ControlPlaneSchema,
  type DataSource,
  DataSourceSchema,
  type Extension,
  ExtensionSchema,
  type HeaderMap,
  HeaderMapSchema,
  type HeaderValue,
  type HeaderValueOption,
  HeaderValueOption_HeaderAppendAction,
  HeaderValueOptionSchema,
  HeaderValueSchema,
  type KeyValue,
  type KeyValueAppend,
  KeyValueAppend_KeyValueAppendAction,
  KeyValueAppendSchema,
  type KeyValueMutation,
  KeyValueMutationSchema,
  type KeyValuePair,
  KeyValuePairSchema,
  KeyValueSchema,
  type Locality,
  LocalitySchema,
  type Metadata,
  MetadataSchema,
  type Node,
  NodeSchema,
  type QueryParameter,
  QueryParameterSchema,
  type RemoteDataSource,
  RemoteDataSourceSchema,
  RequestMethod,
  type RetryPolicy as CoreRetryPolicy,
  type RetryPolicy_RetryHostPredicate as CoreRetryPolicy_RetryHostPredicate,
  RetryPolicy_RetryHostPredicateSchema as CoreRetryPolicy_RetryHostPredicateSchema,
  type RetryPolicy_RetryPriority as CoreRetryPolicy_RetryPriority,
  RetryPolicy_RetryPrioritySchema as CoreRetryPolicy_RetryPrioritySchema,
  RetryPolicySchema as CoreRetryPolicySchema,
  RoutingPriority,
  type RuntimeDouble,
  RuntimeDoubleSchema,
  type RuntimeFeatureFlag,
  RuntimeFeatureFlagSchema,
  type RuntimeFractionalPercent,
  RuntimeFractionalPercentSchema,
  type RuntimePercent,
  RuntimePercentSchema,
  type RuntimeUInt32,
  RuntimeUInt32Schema,
  type RuntimeUInt64,
  RuntimeUInt64Schema,
  TrafficDirection,
  type TransportSocket,
  TransportSocketSchema,
  type WatchedDirectory,
  WatchedDirectorySchema,
} from './gen/envoy/config/core/v3/base_pb.js';
export * from './gen/envoy/config/core/v3/cel_pb.js';
export * from './gen/envoy/config/core/v3/config_source_pb.js';
export * from './gen/envoy/config/core/v3/event_service_config_pb.js';
export * from './gen/envoy/config/core/v3/extension_pb.js';
export * from './gen/envoy/config/core/v3/grpc_method_list_pb.js';
export * from './gen/envoy/config/core/v3/grpc_service_pb.js';
export * from './gen/envoy/config/core/v3/health_check_pb.js';
export * from './gen/envoy/config/core/v3/http_service_pb.js';
export * from './gen/envoy/config/core/v3/http_uri_pb.js';
export * from './gen/envoy/config/core/v3/protocol_pb.js';
export * from './gen/envoy/config/core/v3/proxy_protocol_pb.js';
export * from './gen/envoy/config/core/v3/resolver_pb.js';
export * from './gen/envoy/config/core/v3/socket_cmsg_headers_pb.js';
export * from './gen/envoy/config/core/v3/socket_option_pb.js';
export * from './gen/envoy/config/core/v3/substitution_format_string_pb.js';
export * from './gen/envoy/config/core/v3/udp_socket_config_pb.js';
export * from './gen/envoy/type/http/v3/cookie_pb.js';
export * from './gen/envoy/type/http/v3/path_transformation_pb.js';
export * from './gen/envoy/type/v3/hash_policy_pb.js';
export * from './gen/envoy/type/v3/http_pb.js';
export * from './gen/envoy/type/v3/http_status_pb.js';
export * from './gen/envoy/type/v3/percent_pb.js';
export * from './gen/envoy/type/v3/range_pb.js';
export * from './gen/envoy/type/v3/ratelimit_strategy_pb.js';
export * from './gen/envoy/type/v3/ratelimit_unit_pb.js';
export * from './gen/envoy/type/v3/scope_pb.js';
export * from './gen/envoy/type/v3/semantic_version_pb.js';
export * from './gen/envoy/type/v3/token_bucket_pb.js';
