// Routes, virtual hosts, and what plugs into retries and redirects.

export * from './gen/envoy/config/route/v3/route_components_pb.js';
export * from './gen/envoy/config/route/v3/route_pb.js';
export * from './gen/envoy/config/route/v3/scoped_route_pb.js';
export * from './gen/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb.js';
export * from './gen/envoy/extensions/internal_redirect/previous_routes/v3/previous_routes_config_pb.js';
export * from './gen/envoy/extensions/internal_redirect/safe_cross_scheme/v3/safe_cross_scheme_config_pb.js';
export * from './gen/envoy/extensions/retry/host/omit_canary_hosts/v3/omit_canary_hosts_pb.js';
export * from './gen/envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config_pb.js';
export * from './gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js';
export * from './gen/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.js';
