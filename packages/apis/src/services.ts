// The services of one type each; only the secret service is spoken without ADS (by the agent).
export { ClusterDiscoveryService } from './gen/envoy/service/cluster/v3/cds_pb.js';
export { EndpointDiscoveryService } from './gen/envoy/service/endpoint/v3/eds_pb.js';
export { ListenerDiscoveryService } from './gen/envoy/service/listener/v3/lds_pb.js';
export { RouteDiscoveryService, VirtualHostDiscoveryService } from './gen/envoy/service/route/v3/rds_pb.js';
export { SecretDiscoveryService } from './gen/envoy/service/secret/v3/sds_pb.js';
