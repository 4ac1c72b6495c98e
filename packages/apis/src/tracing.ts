// Tracing providers and tags.

export * from './gen/envoy/config/trace/v3/datadog_pb.js';
export {
  type Tracing as TracingProvider,
  type Tracing_Http as TracingProvider_Http,
  Tracing_HttpSchema as TracingProvider_HttpSchema,
  TracingSchema as TracingProviderSchema,
} from './gen/envoy/config/trace/v3/http_tracer_pb.js';
export * from './gen/envoy/config/trace/v3/opentelemetry_pb.js';
export * from './gen/envoy/config/trace/v3/service_pb.js';
export * from './gen/envoy/config/trace/v3/zipkin_pb.js';
export * from './gen/envoy/type/tracing/v3/custom_tag_pb.js';
