// The configuration an Envoy starts with.
export * from './gen/envoy/config/bootstrap/v3/bootstrap_pb.js';
export * from './gen/envoy/config/metrics/v3/metrics_service_pb.js';
export * from './gen/envoy/config/metrics/v3/stats_pb.js';
export * from './gen/envoy/config/overload/v3/overload_pb.js';
export {
  type InternalListener as BootstrapInternalListener,
  InternalListenerSchema as BootstrapInternalListenerSchema,
} from './gen/envoy/extensions/bootstrap/internal_listener/v3/internal_listener_pb.js';
export * from './gen/envoy/extensions/resource_monitors/downstream_connections/v3/downstream_connections_pb.js';
export * from './gen/envoy/extensions/resource_monitors/fixed_heap/v3/fixed_heap_pb.js';
