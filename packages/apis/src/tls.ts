// Transport sockets and secrets.
export * from './gen/envoy/extensions/transport_sockets/http_11_proxy/v3/upstream_http_11_connect_pb.js';
export * from './gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js';
export * from './gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js';
export * from './gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js';
export * from './gen/envoy/extensions/transport_sockets/tls/v3/common_pb.js';
export * from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js';
export * from './gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js';
export * from './gen/envoy/extensions/transport_sockets/tls/v3/tls_spiffe_validator_config_pb.js';
