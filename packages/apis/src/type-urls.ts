/** Names of the types a proxy subscribes to, as they stand in `type_url`. In a file of its own: it costs nothing to load. */
export const typeUrl = {
  cluster: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listener: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  route: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  virtualHost: 'type.googleapis.com/envoy.config.route.v3.VirtualHost',
  secret: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
  extension: 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
  nameTable: 'type.googleapis.com/istio.networking.nds.v1.NameTable',
  /** Ours: one line of the table, under the host as its name. The message is Istio's; as a resource of its own it is only asked for by our agent. */
  nameRow: 'type.googleapis.com/istio.networking.nds.v1.NameTable.NameInfo',
} as const;

export type TypeUrl = (typeof typeUrl)[keyof typeof typeUrl];
