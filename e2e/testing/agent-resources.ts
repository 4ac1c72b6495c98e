// A hand-made set of what a control plane sends: enough to see that captured traffic goes where it should, without one running.

const any = (type: string, value: object) => ({ '@type': `type.googleapis.com/envoy.${type}`, ...value });
const tcpTo = (cluster: string) => ({
  name: 'tcp',
  typedConfig: any('extensions.filters.network.tcp_proxy.v3.TcpProxy', { statPrefix: cluster, cluster }),
});
const at = (address: string, portValue: number) => ({ socketAddress: { address, portValue } });

function httpBy(routes: object) {
  return {
    name: 'http',
    typedConfig: any('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
      statPrefix: 'outbound_0.0.0.0_80;',
      routeConfig: routes,
      accessLog: [
        {
          name: 'stdout',
          typedConfig: any('extensions.access_loggers.stream.v3.StdoutAccessLog', {
            logFormat: { jsonFormat: { authority: '%REQ(:AUTHORITY)%', code: '%RESPONSE_CODE%' } },
          }),
        },
      ],
      httpFilters: [{ name: 'router', typedConfig: any('extensions.filters.http.router.v3.Router', {}) }],
    }),
  };
}

const bothFamilies = (port: number) => ({ address: at('0.0.0.0', port), additionalAddresses: [{ address: at('::', port) }] });
const child = (port: number) => ({
  name: `0.0.0.0_${port}`,
  trafficDirection: 'OUTBOUND',
  bindToPort: false,
  ...bothFamilies(port),
});

/** `api.example.test` is known on 80 and 443; everything else goes nowhere, or with ALLOW_ANY where it wanted to. */
export function listeners(outboundPort: number, policy: 'REGISTRY_ONLY' | 'ALLOW_ANY'): object[] {
  const unknown = policy === 'ALLOW_ANY' ? 'PassthroughCluster' : 'BlackHoleCluster';
  const known = {
    name: 'api',
    domains: ['api.example.test', 'api.example.test:80'],
    routes: [routeTo('outbound|80||api.example.test')],
  };
  const block = { match: { prefix: '/' }, directResponse: { status: 502 } };
  const other = { name: 'other', domains: ['*'], routes: [policy === 'ALLOW_ANY' ? routeTo(unknown) : block] };
  return [
    any('config.listener.v3.Listener', {
      name: 'virtualOutbound',
      trafficDirection: 'OUTBOUND',
      ...bothFamilies(outboundPort),
      useOriginalDst: true,
      filterChains: [
        {
          name: 'virtualOutbound-blackhole',
          filterChainMatch: { destinationPort: outboundPort },
          filters: [tcpTo('BlackHoleCluster')],
        },
        { name: 'virtualOutbound-catchall-tcp', filters: [tcpTo(unknown)] },
      ],
    }),
    any('config.listener.v3.Listener', {
      ...child(80),
      filterChains: [{ filters: [httpBy({ name: '80', virtualHosts: [known, other] })] }],
    }),
    any('config.listener.v3.Listener', {
      ...child(443),
      listenerFilters: [{ name: 'tls', typedConfig: any('extensions.filters.listener.tls_inspector.v3.TlsInspector', {}) }],
      filterChains: [
        { filterChainMatch: { serverNames: ['api.example.test'] }, filters: [tcpTo('outbound|443||api.example.test')] },
      ],
      defaultFilterChain: { filters: [tcpTo(unknown)] },
    }),
  ];
}

export function clusters(): object[] {
  const known = (port: number) =>
    any('config.cluster.v3.Cluster', {
      name: `outbound|${port}||api.example.test`,
      altStatName: `outbound|${port}||api.example.test;`,
      type: 'STRICT_DNS',
      dnsLookupFamily: 'V4_ONLY',
      connectTimeout: '2s',
      loadAssignment: {
        clusterName: `outbound|${port}||api.example.test`,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: at('api.example.test', port) } }] }],
      },
    });
  return [
    known(80),
    known(443),
    any('config.cluster.v3.Cluster', { name: 'BlackHoleCluster', type: 'STATIC', connectTimeout: '1s' }),
    any('config.cluster.v3.Cluster', {
      name: 'PassthroughCluster',
      altStatName: 'PassthroughCluster;',
      type: 'ORIGINAL_DST',
      lbPolicy: 'CLUSTER_PROVIDED',
      connectTimeout: '2s',
    }),
  ];
}

/**
 * A forward proxy for `api.example.test`: absolute-form on port 80, CONNECT to port 443, each to a port on loopback. CONNECT has no path,
 * so only a route with a connect matcher takes it, and what no such route takes is 404.
 */
export function forwardProxy(port: number): object[] {
  const connect = {
    match: { connectMatcher: {}, headers: [{ name: ':authority', stringMatch: { suffix: ':443' } }] },
    route: {
      cluster: 'outbound|443||api.example.test',
      timeout: '0s',
      upgradeConfigs: [{ upgradeType: 'CONNECT', connectConfig: {} }],
    },
  };
  const plain = { match: { prefix: '/' }, route: { cluster: 'outbound|80||api.example.test', timeout: '0s' } };
  const routes = {
    name: 'http_proxy',
    ignorePortInHostMatching: true,
    virtualHosts: [
      { name: 'api', domains: ['api.example.test'], routes: [connect, plain] },
      { name: 'block_all', domains: ['*'], routes: [{ match: { prefix: '/' }, directResponse: { status: 502 } }] },
    ],
  };
  return [
    any('config.listener.v3.Listener', {
      name: `127.0.0.1_${port}`,
      trafficDirection: 'OUTBOUND',
      address: at('127.0.0.1', port),
      filterChains: [{ filters: [httpBy(routes)] }],
    }),
  ];
}

export function loopbackClusters(ports: Readonly<Record<number, number>>): object[] {
  return Object.entries(ports).map(([port, target]) =>
    any('config.cluster.v3.Cluster', {
      name: `outbound|${port}||api.example.test`,
      altStatName: `outbound|${port}||api.example.test;`,
      type: 'STATIC',
      connectTimeout: '2s',
      loadAssignment: {
        clusterName: `outbound|${port}||api.example.test`,
        endpoints: [{ lbEndpoints: [{ endpoint: { address: at('127.0.0.1', target) } }] }],
      },
    }),
  );
}

/** The file that Envoy reads when it is told to look for resources in a folder. */
export function discoveryResponse(resources: readonly object[]): string {
  return JSON.stringify({ version_info: '1', resources });
}

function routeTo(cluster: string) {
  return { match: { prefix: '/' }, route: { cluster } };
}
