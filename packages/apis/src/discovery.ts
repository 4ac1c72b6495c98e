// The conversation: requests and responses of xDS and the services that carry them.
export * from './gen/envoy/service/discovery/v3/ads_pb.js';
export * from './gen/envoy/service/discovery/v3/discovery_pb.js';
export { type Status, StatusSchema } from './gen/google/rpc/status_pb.js';
export { typeUrl } from './type-urls.ts';
