// One Envoy that speaks mutual TLS with itself: a plain listener leads to clusters, and those to a listener that wants certificates.

const any = (type: string, value: object) => ({ '@type': `type.googleapis.com/envoy.${type}`, ...value });
const loopback = (portValue: number) => ({ socketAddress: { address: '127.0.0.1', portValue } });

const fromAgent = (forever: boolean) => ({
  apiConfigSource: {
    apiType: 'GRPC',
    setNodeOnFirstMessageOnly: true,
    transportApiVersion: 'V3',
    grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }],
  },
  ...(forever && { initialFetchTimeout: '0s' }),
  resourceApiVersion: 'V3',
});
/** Shape A of spec/istio.md 10.5, which is waited for without end. */
const shapeA = (name: string) => ({ name, sdsConfig: fromAgent(true) });
/** Shape B: files beside the proxy. */
const shapeB = (name: string) => ({ name, sdsConfig: fromAgent(false) });

const roots = (secret: object, matchSubjectAltNames?: object[]) => ({
  combinedValidationContext: {
    defaultValidationContext: matchSubjectAltNames === undefined ? {} : { matchSubjectAltNames },
    validationContextSdsSecretConfig: secret,
  },
});

function http(routes: object[]): object {
  return {
    name: 'http',
    typedConfig: any('extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', {
      statPrefix: 'identity',
      routeConfig: { virtualHosts: [{ name: 'all', domains: ['*'], routes }] },
      httpFilters: [{ name: 'router', typedConfig: any('extensions.filters.http.router.v3.Router', {}) }],
    }),
  };
}

const listener = (name: string, port: number, chain: object) =>
  any('config.listener.v3.Listener', { name, address: loopback(port), filterChains: [chain] });

/** Each path leads to the cluster of its name; the other listener answers with whom it sees. */
export function identityListeners(
  ports: { readonly plain: number; readonly mutual: number },
  clusters: readonly string[],
): object[] {
  const header = (key: string, value: string) => ({ header: { key, value } });
  const tls = {
    requireClientCertificate: true,
    commonTlsContext: {
      alpnProtocols: ['h2', 'http/1.1'],
      tlsCertificateSdsSecretConfigs: [shapeA('default')],
      ...roots(shapeA('ROOTCA'), [{ prefix: 'spiffe://cluster.local/' }]),
    },
  };
  return [
    listener('plain', ports.plain, {
      filters: [http(clusters.map((cluster) => ({ match: { path: `/${cluster}` }, route: { cluster } })))],
    }),
    listener('mutual', ports.mutual, {
      transportSocket: {
        name: 'envoy.transport_sockets.tls',
        typedConfig: any('extensions.transport_sockets.tls.v3.DownstreamTlsContext', tls),
      },
      filters: [
        http([
          {
            match: { prefix: '/' },
            directResponse: { status: 200 },
            responseHeadersToAdd: [
              header('peer', '%DOWNSTREAM_PEER_URI_SAN%'),
              header('own', '%DOWNSTREAM_LOCAL_URI_SAN%'),
              header('fingerprint', '%DOWNSTREAM_PEER_FINGERPRINT_256%'),
            ],
          },
        ]),
      ],
    }),
  ];
}

export type Trust =
  /** The mesh's certificate and roots, and these identities. */
  | { readonly by: 'mesh'; readonly names: readonly string[] }
  /** A named secret of roots, without a certificate of our own. */
  | { readonly by: 'roots'; readonly secret: string }
  /** Files, with the mesh's roots. */
  | { readonly by: 'files'; readonly secret: string };

/** A connection for every request, so that each shows the certificate of its time. */
export function identityCluster(name: string, port: number, trust: Trust): object {
  const exact = (names: readonly string[]) => names.map((one) => ({ exact: one }));
  const contexts = {
    mesh: () => ({
      tlsCertificateSdsSecretConfigs: [shapeA('default')],
      ...roots(shapeA('ROOTCA'), exact(trust.by === 'mesh' ? trust.names : [])),
    }),
    roots: () => roots(shapeB(trust.by === 'roots' ? trust.secret : '')),
    files: () => ({
      tlsCertificateSdsSecretConfigs: [shapeB(trust.by === 'files' ? trust.secret : '')],
      ...roots(shapeA('ROOTCA')),
    }),
  };
  return any('config.cluster.v3.Cluster', {
    name,
    type: 'STATIC',
    connectTimeout: '2s',
    loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address: loopback(port) } }] }] },
    typedExtensionProtocolOptions: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('extensions.upstreams.http.v3.HttpProtocolOptions', {
        commonHttpProtocolOptions: { maxRequestsPerConnection: 1 },
        explicitHttpConfig: { httpProtocolOptions: {} },
      }),
    },
    transportSocket: {
      name: 'envoy.transport_sockets.tls',
      typedConfig: any('extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
        // A resumed session would show the certificate of the first.
        maxSessionKeys: 0,
        commonTlsContext: contexts[trust.by](),
      }),
    },
  });
}
