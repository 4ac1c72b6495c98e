// Listeners, their filter chains and listener filters.
export * from './gen/envoy/config/listener/v3/api_listener_pb.js';
export * from './gen/envoy/config/listener/v3/listener_components_pb.js';
export * from './gen/envoy/config/listener/v3/listener_pb.js';
export {
  type QuicProtocolOptions as QuicListenerOptions,
  QuicProtocolOptionsSchema as QuicListenerOptionsSchema,
} from './gen/envoy/config/listener/v3/quic_config_pb.js';
export * from './gen/envoy/config/listener/v3/udp_listener_config_pb.js';
export * from './gen/envoy/extensions/filters/listener/http_inspector/v3/http_inspector_pb.js';
export * from './gen/envoy/extensions/filters/listener/original_dst/v3/original_dst_pb.js';
export * from './gen/envoy/extensions/filters/listener/original_src/v3/original_src_pb.js';
export * from './gen/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol_pb.js';
export * from './gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector_pb.js';
