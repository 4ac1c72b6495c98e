// Network filters other than the HTTP connection manager, which is in http.ts.

export * from './gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js';
export * from './gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js';
export {
  type Config as NetworkDirectResponse,
  ConfigSchema as NetworkDirectResponseSchema,
} from './gen/envoy/extensions/filters/network/direct_response/v3/config_pb.js';
export {
  type LocalRateLimit as NetworkLocalRateLimit,
  LocalRateLimitSchema as NetworkLocalRateLimitSchema,
} from './gen/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit_pb.js';
export * from './gen/envoy/extensions/filters/network/mongo_proxy/v3/mongo_proxy_pb.js';
export {
  type RBAC as NetworkRBAC,
  RBAC_EnforcementType as NetworkRBAC_EnforcementType,
  RBACSchema as NetworkRBACSchema,
} from './gen/envoy/extensions/filters/network/rbac/v3/rbac_pb.js';
export * from './gen/envoy/extensions/filters/network/redis_proxy/v3/redis_proxy_pb.js';
export {
  type Config as NetworkSetFilterState,
  ConfigSchema as NetworkSetFilterStateSchema,
} from './gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js';
export * from './gen/envoy/extensions/filters/network/sni_cluster/v3/sni_cluster_pb.js';
export {
  type FilterConfig as SniDynamicForwardProxy,
  FilterConfigSchema as SniDynamicForwardProxySchema,
} from './gen/envoy/extensions/filters/network/sni_dynamic_forward_proxy/v3/sni_dynamic_forward_proxy_pb.js';
export * from './gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js';
