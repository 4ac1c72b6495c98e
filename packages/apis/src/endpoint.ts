// Endpoints, and the load reports about them.

export * from './gen/envoy/config/endpoint/v3/endpoint_components_pb.js';
export * from './gen/envoy/config/endpoint/v3/endpoint_pb.js';
export * from './gen/envoy/config/endpoint/v3/load_report_pb.js';
