// What a proxy’s admin interface answers.
export * from './gen/envoy/admin/v3/certs_pb.js';
export * from './gen/envoy/admin/v3/clusters_pb.js';
export * from './gen/envoy/admin/v3/config_dump_pb.js';
export * from './gen/envoy/admin/v3/config_dump_shared_pb.js';
export * from './gen/envoy/admin/v3/init_dump_pb.js';
export * from './gen/envoy/admin/v3/listeners_pb.js';
export * from './gen/envoy/admin/v3/memory_pb.js';
export * from './gen/envoy/admin/v3/server_info_pb.js';
