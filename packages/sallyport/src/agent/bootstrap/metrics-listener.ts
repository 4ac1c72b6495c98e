import { create } from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { HttpConnectionManagerSchema, RouterSchema } from '@sallyport/apis/http';
import { type Listener, ListenerSchema } from '@sallyport/apis/listener';
import { addressOf } from './clusters.ts';

/** `GET /stats/prometheus` and nothing else of the admin interface, for whoever scrapes. */
export function metricsListener(address: string, port: number): Listener {
  const connections = create(HttpConnectionManagerSchema, {
    statPrefix: 'metrics;',
    routeSpecifier: {
      case: 'routeConfig',
      value: {
        name: 'metrics',
        virtualHosts: [
          {
            name: 'metrics',
            domains: ['*'],
            routes: [
              {
                match: {
                  pathSpecifier: { case: 'path', value: '/stats/prometheus' },
                  headers: [
                    {
                      name: ':method',
                      headerMatchSpecifier: { case: 'stringMatch', value: { matchPattern: { case: 'exact', value: 'GET' } } },
                    },
                  ],
                },
                action: { case: 'route', value: { clusterSpecifier: { case: 'cluster', value: 'prometheus_stats' } } },
              },
            ],
          },
        ],
      },
    },
    httpFilters: [
      {
        name: 'envoy.filters.http.router',
        configType: { case: 'typedConfig', value: anyPack(RouterSchema, create(RouterSchema)) },
      },
    ],
  });
  return create(ListenerSchema, {
    name: 'metrics',
    statPrefix: 'metrics',
    address: addressOf({ kind: 'tcp', address, port }),
    // Who looks at an overloaded proxy must still be let in.
    ignoreGlobalConnLimit: true,
    filterChains: [
      {
        filters: [
          {
            name: 'envoy.filters.network.http_connection_manager',
            configType: { case: 'typedConfig', value: anyPack(HttpConnectionManagerSchema, connections) },
          },
        ],
      },
    ],
  });
}
