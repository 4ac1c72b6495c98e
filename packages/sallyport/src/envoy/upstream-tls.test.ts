import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ClientTls, Endpoint, PeerMode, PeerPolicies } from '../model/index.ts';
import { built, type Case, endpointWith } from './testing/cluster-rows.ts';

const MAIN = 'outbound|80||a.example';
const AGENT = {
  apiConfigSource: {
    apiType: 'GRPC',
    grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }],
    setNodeOnFirstMessageOnly: true,
    transportApiVersion: 'V3',
  },
  resourceApiVersion: 'V3',
};
const FOREVER = { ...AGENT, initialFetchTimeout: '0s' };
const ADS = { ads: {}, resourceApiVersion: 'V3' };
const VERSIONS = { tlsMinimumProtocolVersion: 'TLSv1_2', tlsMaximumProtocolVersion: 'TLSv1_3' };
const ME = 'spiffe://cluster.local/ns/shop/sa/one';
const RAW = {
  name: 'envoy.transport_sockets.raw_buffer',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer' },
};

const socket = (commonTlsContext: object, sni?: string) => ({
  name: 'envoy.transport_sockets.tls',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    commonTlsContext,
    ...(sni !== undefined && { sni }),
  },
});
const combined = (name: string, sdsConfig: object, sans: readonly string[] = []) => ({
  defaultValidationContext: sans.length === 0 ? {} : { matchSubjectAltNames: sans.map((exact) => ({ exact })) },
  validationContextSdsSecretConfig: { name, sdsConfig },
});
const mesh = (sni: string, sans: readonly string[], alpn: readonly string[] = ['istio']) =>
  socket(
    {
      tlsParams: VERSIONS,
      alpnProtocols: alpn,
      tlsCertificateSdsSecretConfigs: [{ name: 'default', sdsConfig: FOREVER }],
      combinedValidationContext: combined('ROOTCA', FOREVER, sans),
    },
    sni,
  );

const withTls = (tls: ClientTls, more: Case = {}): Case => ({ ...more, rule: { ...more.rule, trafficPolicy: { tls } } });
function cluster(given: Case) {
  const found = built(given).clusters[MAIN];
  assert.ok(found);
  return found;
}
function options(given: Case): unknown {
  const all = cluster(given)['typedExtensionProtocolOptions'] as Record<string, object> | undefined;
  const { '@type': _, ...rest } = (all?.['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'] ?? {}) as Record<
    string,
    unknown
  >;
  return rest;
}
const inside = (endpoints: readonly Endpoint[] = []): Case => ({ service: { location: 'internal' }, endpoints });

test('external services are called in plain text unless a rule says otherwise', () => {
  const found = cluster({ endpoints: [endpointWith('10.0.0.1', { tlsMode: 'istio', identity: ME })] });
  assert.equal(found['transportSocket'], undefined);
  assert.equal(found['transportSocketMatches'], undefined);
});

test('inside the mesh TLS is mutual with endpoints that say they can, and names who may answer', () => {
  const found = cluster(inside([endpointWith('10.0.0.1', { identity: ME, tlsMode: 'istio' }), endpointWith('10.0.0.2')]));
  assert.equal(found['transportSocket'], undefined);
  assert.deepEqual(found['transportSocketMatches'], [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transportSocket: mesh('outbound_.80_._.a.example', [ME]) },
    { name: 'tlsMode-disabled', match: {}, transportSocket: RAW },
  ]);
});

test('an HTTP/2 port offers h2 beside istio', () => {
  const ports = [{ number: 80, name: 'http', protocol: 'grpc' as const }];
  const [first] = cluster({ service: { location: 'internal', ports } })['transportSocketMatches'] as {
    transportSocket: unknown;
  }[];
  assert.deepEqual(first?.transportSocket, mesh('outbound_.80_._.a.example', [], ['istio', 'h2']));
});

test('identities are known under every alias of the trust domain', () => {
  const given = inside([endpointWith('10.0.0.1', { identity: ME })]);
  const [first] = cluster({ ...given, mesh: { trustDomainAliases: ['old.local'] } })['transportSocketMatches'] as {
    transportSocket: unknown;
  }[];
  const names = [ME, 'spiffe://old.local/ns/shop/sa/one'];
  assert.deepEqual(first?.transportSocket, mesh('outbound_.80_._.a.example', names));
});

test('enableAutoMtls false means plain text inside the mesh', () => {
  assert.equal(cluster({ ...inside(), mesh: { enableAutoMtls: false } })['transportSocketMatches'], undefined);
});

test('calls to the original destination are mutual only if every endpoint can', () => {
  const service = { location: 'internal' as const, resolution: 'none' as const };
  const can = endpointWith('10.0.0.1', { tlsMode: 'istio', identity: ME });
  assert.deepEqual(cluster({ service, endpoints: [can] })['transportSocket'], mesh('outbound_.80_._.a.example', [ME]));
  assert.equal(cluster({ service, endpoints: [can, endpointWith('10.0.0.2')] })['transportSocket'], undefined);
  assert.equal(cluster({ service })['transportSocket'], undefined);
});

describe('PeerAuthentication and clients', () => {
  const internal = { service: { location: 'internal' } } as const;
  const policy = (namespace: string, mode?: PeerMode): PeerPolicies => {
    const key = { kind: 'PeerAuthentication', namespace, name: 'p' };
    return { namespace, general: { key, selector: {}, ports: {}, ...(mode !== undefined && { mode }) }, selected: [] };
  };
  const tries = (...peers: PeerPolicies[]) => 'transportSocketMatches' in cluster({ ...internal, peers });

  test('DISABLE of the namespace or the mesh means plain text, everything else a try', () => {
    assert.deepEqual([tries(), tries(policy('shop', 'STRICT')), tries(policy('shop', 'PERMISSIVE'))], [true, true, true]);
    assert.deepEqual([tries(policy('shop', 'DISABLE')), tries(policy('istio-system', 'DISABLE'))], [false, false]);
    assert.equal(tries(policy('pay', 'DISABLE')), true, 'another namespace');
  });

  test('the namespace comes before the mesh, unless it leaves the mode open', () => {
    assert.equal(tries(policy('istio-system', 'DISABLE'), policy('shop', 'PERMISSIVE')), true);
    assert.equal(tries(policy('istio-system', 'DISABLE'), policy('shop')), false);
  });
});

describe('proxies whose agent has no certificates', () => {
  const facet = { withoutIdentity: true } as const;

  test('try no mutual TLS of their own accord', () => {
    const found = cluster({
      facet,
      service: { location: 'internal' },
      endpoints: [endpointWith('10.0.0.1', { tlsMode: 'istio' })],
    });
    assert.ok(!JSON.stringify(found).includes('sds-grpc'));
  });

  test('get no cluster that would wait for a certificate, and the author of the rule is told', () => {
    const { clusters, issues } = built(withTls({ mode: 'ISTIO_MUTUAL' }, { facet }));
    assert.ok(!(MAIN in clusters));
    assert.deepEqual(
      issues.map(({ code, severity, field }) => [code, severity, field?.join('.')]),
      [['UNSUPPORTED', 'error', 'spec.trafficPolicy.tls.mode']],
    );
  });

  test('use the certificates that their metadata names', () => {
    const clientCertificates = { chain: '/c', key: '/k', root: '/r' };
    const found = cluster(
      withTls({ mode: 'ISTIO_MUTUAL' }, { facet: { ...facet, clientCertificates }, service: { location: 'internal' } }),
    );
    assert.match(JSON.stringify(found), /file-cert:\/c~\/k/);
  });
});

test('DISABLE ends automatic TLS', () => {
  const found = cluster(withTls({ mode: 'DISABLE' }, inside()));
  assert.equal(found['transportSocketMatches'], undefined);
  assert.equal(found['transportSocket'], undefined);
});

test('ISTIO_MUTUAL is unconditional; its names win over those of the service', () => {
  const given = inside([endpointWith('10.0.0.1', { identity: ME })]);
  assert.deepEqual(cluster(withTls({ mode: 'ISTIO_MUTUAL' }, given))['transportSocket'], mesh('outbound_.80_._.a.example', [ME]));
  const named = withTls({ mode: 'ISTIO_MUTUAL', sni: 'x.example', subjectAltNames: ['y'] }, given);
  assert.deepEqual(cluster(named)['transportSocket'], mesh('x.example', ['y']));
});

test('SIMPLE without names takes the server name from the request and checks the certificate against it', () => {
  const given = withTls({ mode: 'SIMPLE' });
  assert.deepEqual(
    cluster(given)['transportSocket'],
    socket({ tlsParams: VERSIONS, combinedValidationContext: combined('file-root:system', AGENT) }),
  );
  assert.deepEqual(options(given), {
    explicitHttpConfig: { httpProtocolOptions: {} },
    upstreamHttpProtocolOptions: { autoSni: true, autoSanValidation: true },
  });
});

test('SIMPLE with a server name leaves the request alone', () => {
  const given = withTls({ mode: 'SIMPLE', sni: 'x.example' });
  const context = { tlsParams: VERSIONS, combinedValidationContext: combined('file-root:system', AGENT) };
  assert.deepEqual(cluster(given)['transportSocket'], socket(context, 'x.example'));
  assert.deepEqual(options(given), {});
});

test('names in a rule switch off the check against the request', () => {
  const given = withTls({ mode: 'SIMPLE', subjectAltNames: ['z', 'a'] });
  assert.deepEqual((options(given) as { upstreamHttpProtocolOptions: unknown }).upstreamHttpProtocolOptions, { autoSni: true });
  const validation = combined('file-root:system', AGENT, ['z', 'a']);
  assert.deepEqual(cluster(given)['transportSocket'], socket({ tlsParams: VERSIONS, combinedValidationContext: validation }));
});

test('a ServiceEntry’s own names are checked where the rule has none, a Kubernetes Service’s are not', () => {
  const service = { subjectAltNames: ['b', 'a'] };
  const endpoints = [endpointWith('10.0.0.1', { identity: ME })];
  const sans = (given: Case) => {
    const { transportSocket } = cluster(given) as unknown as { transportSocket: ReturnType<typeof socket> };
    const { commonTlsContext } = transportSocket.typedConfig as unknown as {
      commonTlsContext: { combinedValidationContext: ReturnType<typeof combined> };
    };
    return commonTlsContext.combinedValidationContext.defaultValidationContext;
  };
  assert.deepEqual(
    sans(withTls({ mode: 'SIMPLE' }, { service, endpoints })),
    combined('', {}, ['a', 'b', ME]).defaultValidationContext,
  );
  assert.deepEqual(sans(withTls({ mode: 'SIMPLE' }, { service: { ...service, registry: 'kubernetes' }, endpoints })), {});
});

test('files: roots, certificate and key, revocation list', () => {
  const tls: ClientTls = {
    mode: 'MUTUAL',
    sni: 's',
    clientCertificate: '/c.pem',
    privateKey: '/k.pem',
    caCertificates: '/ca.pem',
    caCrl: '/crl.pem',
  };
  assert.deepEqual(
    cluster(withTls(tls))['transportSocket'],
    socket(
      {
        tlsParams: VERSIONS,
        tlsCertificateSdsSecretConfigs: [{ name: 'file-cert:/c.pem~/k.pem', sdsConfig: AGENT }],
        combinedValidationContext: {
          defaultValidationContext: { crl: { filename: '/crl.pem' } },
          validationContextSdsSecretConfig: { name: 'file-root:/ca.pem', sdsConfig: AGENT },
        },
      },
      's',
    ),
  );
});

const CREDENTIAL: ClientTls = { mode: 'MUTUAL', sni: 's', credentialName: 'c' };
const FROM_CREDENTIAL = socket(
  {
    tlsParams: VERSIONS,
    tlsCertificateSdsSecretConfigs: [{ name: 'kubernetes://c', sdsConfig: ADS }],
    combinedValidationContext: combined('kubernetes://c-cacert', ADS),
  },
  's',
);

test('credentialName is a secret of the control plane: at gateways, and at sidecars that the rule selects', () => {
  assert.deepEqual(cluster(withTls(CREDENTIAL, { facet: { role: 'router' } }))['transportSocket'], FROM_CREDENTIAL);
  assert.deepEqual(cluster(withTls(CREDENTIAL, { rule: { selector: { a: 'b' } } }))['transportSocket'], FROM_CREDENTIAL);
});

test('credentialName at a sidecar without selector leaves plain text, keeps its mark, and is reported as an error', () => {
  const given = withTls({ ...CREDENTIAL, sni: '' });
  assert.equal(cluster(given)['transportSocket'], undefined);
  assert.deepEqual(options(given), {});
  assert.match(JSON.stringify(cluster(given)['metadata']), /"alpn_override":"false"/);
  const { issues } = built(given);
  assert.deepEqual(
    issues.map(({ code, severity, object, field }) => ({ code, severity, object, field })),
    [
      {
        code: 'PLAINTEXT_FALLBACK',
        severity: 'error',
        object: { kind: 'DestinationRule', namespace: 'shop', name: 'r' },
        field: ['spec', 'trafficPolicy', 'tls'],
      },
    ],
  );
});

test('a ConfigMap with roots may be named by any rule', () => {
  const given = withTls({ mode: 'SIMPLE', sni: 's', credentialName: 'configmap://roots' });
  const context = { tlsParams: VERSIONS, combinedValidationContext: combined('configmap://roots-cacert', ADS) };
  assert.deepEqual(cluster(given)['transportSocket'], socket(context, 's'));
  assert.deepEqual(built(given).issues, []);
});

test('MUTUAL without files is plain text and an error', () => {
  const given = withTls({ mode: 'MUTUAL', clientCertificate: '/c.pem' });
  assert.equal(cluster(given)['transportSocket'], undefined);
  assert.deepEqual(
    built(given).issues.map((i) => i.code),
    ['PLAINTEXT_FALLBACK'],
  );
});

test('insecureSkipVerify checks nothing', () => {
  const files = withTls({ mode: 'SIMPLE', insecureSkipVerify: true }, { service: { subjectAltNames: ['a'] } });
  assert.deepEqual(cluster(files)['transportSocket'], socket({ tlsParams: VERSIONS, validationContext: {} }));
  assert.deepEqual((options(files) as { upstreamHttpProtocolOptions: unknown }).upstreamHttpProtocolOptions, { autoSni: true });
  const named = withTls({ ...CREDENTIAL, insecureSkipVerify: true }, { facet: { role: 'router' } });
  const certificates = [{ name: 'kubernetes://c', sdsConfig: ADS }];
  assert.deepEqual(
    cluster(named)['transportSocket'],
    socket({ tlsParams: VERSIONS, tlsCertificateSdsSecretConfigs: certificates }, 's'),
  );
});

test('the proxy’s own certificates are used inside the mesh and not towards external services', () => {
  const facet = { clientCertificates: { chain: '/chain', key: '/key', root: '/root' } };
  const own = (sni: string) =>
    socket(
      {
        tlsParams: VERSIONS,
        tlsCertificateSdsSecretConfigs: [{ name: 'file-cert:/chain~/key', sdsConfig: AGENT }],
        combinedValidationContext: combined('file-root:/root', AGENT),
      },
      sni,
    );
  // As in istiod every endpoint is offered them, those without mesh TLS too.
  const { transportSocket, transportSocketMatches } = cluster({ ...inside(), facet });
  assert.deepEqual([transportSocket, transportSocketMatches], [own('outbound_.80_._.a.example'), undefined]);
  const ruled = withTls({ mode: 'ISTIO_MUTUAL', sni: 's' }, { ...inside(), facet });
  assert.deepEqual(cluster(ruled)['transportSocket'], own('s'));
  assert.deepEqual(cluster(withTls({ mode: 'ISTIO_MUTUAL', sni: 's' }, { facet }))['transportSocket'], mesh('s', []));
});

test('mesh tlsDefaults limit ciphers and curves of TLS to the outside, not of mesh TLS', () => {
  const config = { tlsDefaults: { cipherSuites: ['A', 'AES256-SHA'], ecdhCurves: ['P-256', 'B'] } };
  const simple = withTls({ mode: 'SIMPLE', sni: 's' }, { mesh: config });
  const limited = { ...VERSIONS, cipherSuites: ['AES256-SHA'], ecdhCurves: ['P-256'] };
  const context = { tlsParams: limited, combinedValidationContext: combined('file-root:system', AGENT) };
  assert.deepEqual(cluster(simple)['transportSocket'], socket(context, 's'));
  assert.deepEqual(cluster(withTls({ mode: 'ISTIO_MUTUAL', sni: 's' }, { mesh: config }))['transportSocket'], mesh('s', []));
});

test('a PROXY header goes in front of plain text, of TLS, and of both of a choice', () => {
  const wrapped = (inner: object, version?: string) => ({
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport',
      config: version === undefined ? {} : { version },
      transportSocket: inner,
    },
  });
  const rule = { trafficPolicy: { proxyProtocol: { version: 'V2' as const } } };
  assert.deepEqual(cluster({ rule })['transportSocket'], wrapped(RAW, 'V2'));
  const tls = { trafficPolicy: { proxyProtocol: {}, tls: { mode: 'ISTIO_MUTUAL' as const, sni: 's' } } };
  assert.deepEqual(cluster({ rule: tls })['transportSocket'], wrapped(mesh('s', [])));
  const both = cluster({ ...inside(), rule })['transportSocketMatches'] as { transportSocket: unknown }[];
  assert.deepEqual(
    both.map((match) => match.transportSocket),
    [wrapped(mesh('outbound_.80_._.a.example', []), 'V2'), wrapped(RAW, 'V2')],
  );
});
