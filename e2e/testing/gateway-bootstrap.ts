import type { Served } from 'sallyport/envoy/gateways/testing/gateway.ts';

type Json = Readonly<Record<string, unknown>>;

/** An Envoy's bootstrap with all that a gateway proxy is sent, without the streams that it would come over. */
export function staticBootstrap({ resources, routes: configurations }: Served): Json {
  const local = (name: string) => ({ name, type: 'STATIC', connectTimeout: '1s', http2ProtocolOptions: {} });
  const service = { envoyGrpc: { clusterName: 'xds' } };
  return {
    node: { id: 'router~10.0.0.9~gw.edge~edge.svc.cluster.local', cluster: 'gw' },
    dynamicResources: { adsConfig: { apiType: 'DELTA_GRPC', transportApiVersion: 'V3', grpcServices: [service] } },
    staticResources: {
      listeners: resources.listeners.map((listener) => withRoutes(listener, configurations)),
      clusters: [...resources.clusters, local('sds-grpc'), local('xds')],
    },
  };
}

/** Route configurations put where they are asked for, so that they are judged too. */
function withRoutes(value: unknown, configurations: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((item) => withRoutes(item, configurations));
  if (typeof value !== 'object' || value === null) return value;
  const { rds, ...rest } = value as { readonly rds?: { readonly routeConfigName: string } };
  const inner = Object.entries(rest).map(([name, item]) => [name, withRoutes(item, configurations)]);
  const inline = rds === undefined ? [] : [['routeConfig', configurations[rds.routeConfigName]]];
  return Object.fromEntries([...inner, ...inline]);
}
