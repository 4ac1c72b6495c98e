import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { entry, gateway, gatewayProxy, routes, rule, serve, server, to } from './gateways/testing/gateway.ts';

const SIMPLE = 'tls: {mode: SIMPLE, credentialName: c}';
const a = (path = '/') => ({ port: 80, protocol: 'http', host: 'a.example', path });
const http = (port: number, hosts: string) => server(port, 'HTTP', hosts);
const tls = (sni: string, port = 443) => ({ port, protocol: 'tcp', tls: 'tls', sni, alpn: [] });

describe('plain HTTP servers', () => {
  test('a host that a server and a VirtualService have in common is served, the narrower where they overlap', () => {
    const served = serve(
      gateway('g', http(80, '"*.a.example", b.example')) +
        routes('wide', '"*.example"', to('http', 'w.example')) +
        routes('narrow', 'x.a.example, c.example', to('http', 'n.example')),
    );
    const at = (host: string) => served.call({ port: 80, protocol: 'http', host });
    assert.equal(at('y.a.example'), 'b.example:80 → outbound|443||w.example');
    assert.equal(at('b.example'), 'b.example:80 → outbound|443||w.example');
    assert.equal(at('x.a.example'), 'x.a.example:80 → outbound|443||n.example');
    assert.equal(at('c.example'), 'NoVirtualHost');
  });

  test('a server’s namespace closes it to VirtualServices of others', () => {
    const text = gateway('g', http(80, 'shop/a.example')) + routes('v', 'a.example', to('http', 'x.example'), 'pay');
    assert.equal(serve(text).call(a()), 'NoRoute');
    assert.equal(serve(text.replace('namespace: pay', 'namespace: shop')).call(a()), 'a.example:80 → outbound|443||x.example');
  });

  test('without any virtual host everything is a 404 of a host that says so', () => {
    const served = serve(gateway('g', http(80, '"*"')));
    assert.deepEqual(
      (served.routes['http.80']!['virtualHosts'] as unknown as { name: string }[]).map(({ name }) => name),
      ['blackhole:80'],
    );
    assert.doesNotMatch(JSON.stringify(served.routes['http.80']), /includeRequestAttemptCount/);
    assert.equal(served.call(a()), 'NoRoute');
    assert.equal(serve('').call(a()), 'NoListener');
  });

  test('routes of several VirtualServices for a host follow each other by age, what takes everything comes last', () => {
    const served = serve(
      gateway('g', http(80, 'a.example')) +
        routes('first', 'a.example', to('http', 'all.example')) +
        routes('second', 'a.example', to('http', 'one.example', 'match: [{uri: {prefix: /1}}]')) +
        routes('third', 'a.example', to('http', 'late.example')),
    );
    assert.equal(served.call(a('/1')), 'a.example:80 → outbound|443||one.example');
    assert.equal(served.call(a('/2')), 'a.example:80 → outbound|443||all.example');
  });

  test('hosts with the same routes are one virtual host, named after the most specific', () => {
    const served = serve(
      gateway('g', http(80, '"*.example", b.example, longer.example')) +
        routes('v', '"*.example"', to('http', 'x.example')) +
        routes('w', 'other.example', to('http', 'y.example')),
    );
    const hosts = served.routes['http.80']!['virtualHosts'] as unknown as { name: string; domains: string[] }[];
    assert.deepEqual(
      hosts.map(({ name, domains }) => [name, ...domains]),
      [
        ['longer.example:80', 'longer.example', 'b.example', '*.example'],
        ['other.example:80', 'other.example'],
      ],
    );
  });

  test('httpsRedirect redirects every host of the server, with routes and without', () => {
    const served = serve(
      gateway('g', server(80, 'HTTP', 'a.example, b.example', 'tls: {httpsRedirect: true}'), http(81, 'a.example')) +
        routes('v', 'a.example', to('http', 'x.example')),
    );
    for (const host of ['a.example', 'b.example'])
      assert.equal(served.call({ port: 80, protocol: 'http', host }), 'TLSRedirect', host);
    assert.equal(served.call({ ...a(), port: 81 }), 'a.example:81 → outbound|443||x.example');
  });

  test('a redirecting server for one namespace redirects a host that nobody has routes for, and routes of no other namespace', () => {
    const redirecting = server(80, 'HTTP', 'shop/a.example', 'tls: {httpsRedirect: true}');
    const ofPay = routes('v', 'a.example', to('http', 'x.example'), 'pay');
    assert.equal(serve(gateway('g', redirecting) + ofPay).call(a()), 'TLSRedirect');
    assert.equal(serve(gateway('g', redirecting) + ofPay.replace('namespace: pay', 'namespace: shop')).call(a()), 'TLSRedirect');
    const plainToo = gateway('g', redirecting, http(80, 'a.example').replace('name: p80', 'name: plain')) + ofPay;
    assert.equal(serve(plainToo).call(a()), 'a.example:80 → outbound|443||x.example');
  });

  test('a VirtualService means at all servers of a Gateway behind one port what it means at the first', () => {
    const ports = '{number: 80, name: http, protocol: HTTP}, {number: 81, name: more, protocol: HTTP}';
    const endpoint = '{address: 10.0.0.9, ports: {http: 8080, more: 8080}}';
    const leading = entry('in.example', ports)
      .replace('namespace: shop', 'namespace: edge')
      .replace('resolution: DNS', `resolution: STATIC, endpoints: [${endpoint}]`);
    const byPort =
      'http: [{match: [{port: 81}], route: [{destination: {host: other.example}}]}, {route: [{destination: {host: x.example}}]}]';
    const served = serve(leading + gateway('g', http(80, 'a.example'), http(81, 'b.example')) + routes('v', '"*"', byPort));
    assert.deepEqual(Object.keys(served.routes), ['http.8080']);
    for (const host of ['a.example', 'b.example'])
      assert.match(served.call({ port: 8080, protocol: 'http', host }), /→ outbound\|80\|\|x\.example$/, host);
  });

  test('match conditions are about the Gateway, the server’s port and the gateway proxy', () => {
    const matching = (match: string) =>
      serve(
        gateway('g', http(80, 'a.example')) +
          routes('v', 'a.example', to('http', 'x.example', `match: [${match}]`), 'shop', 'mesh, edge/g'),
      ).call(a());
    assert.equal(matching('{gateways: [mesh]}'), 'NoRoute');
    assert.equal(matching('{gateways: [edge/g], port: 80}'), 'a.example:80 → outbound|443||x.example');
    assert.equal(matching('{port: 81}'), 'NoRoute');
    assert.equal(matching('{sourceNamespace: edge}'), 'a.example:80 → outbound|443||x.example');
    assert.equal(matching('{sourceNamespace: shop}'), 'NoRoute');
  });

  test('a destination without a port is the service’s only one, else the server’s', () => {
    const without = (ports: string) =>
      serve(
        gateway('g', http(80, 'a.example')) +
          entry('x.example', ports) +
          routes('v', 'a.example', 'http: [{route: [{destination: {host: x.example}}]}]'),
      ).call(a());
    assert.equal(without('{number: 8443, name: tls, protocol: TLS}'), 'a.example:80 → outbound|8443||x.example');
    assert.equal(
      without('{number: 8443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}'),
      'a.example:80 → outbound|80||x.example',
    );
  });

  test('a destination without a port means the service that its VirtualService’s namespace has, if the gateway sees it', () => {
    const ofShop = (more = '') => entry('x.example', '{number: 8443, name: tls, protocol: TLS}').replace('DNS}', `DNS${more}}`);
    const older = entry('x.example', '{number: 70, name: http, protocol: HTTP}')
      .replace('namespace: shop', 'namespace: pay, creationTimestamp: "2020-01-01T00:00:00Z"')
      .replace('DNS}', 'DNS, location: MESH_INTERNAL}');
    const route = routes('v', 'a.example', 'http: [{route: [{destination: {host: x.example}}]}]');
    const at = (entries: string) => serve(gateway('g', http(80, 'a.example')) + entries + route).call(a());
    assert.equal(at(older + ofShop()), 'a.example:80 → outbound|8443||x.example');
    assert.equal(at(older + ofShop(', exportTo: ["."]')), 'a.example:80 → outbound|70||x.example');
    // What the gateway merges of one namespace is for clusters: the oldest alone says the port.
    const young = entry('x.example', '{number: 443, name: tls, protocol: TLS}').replace('{name: x-example', '{name: young');
    const first = ofShop().replace('namespace: shop', 'namespace: shop, creationTimestamp: "2021-01-01T00:00:00Z"');
    assert.equal(at(first + young), 'a.example:80 → outbound|8443||x.example');
  });

  test('the protocol of the oldest server of a port is that of the port', () => {
    const filters = (...protocols: readonly string[]) => {
      const named = protocols.map((protocol, i) => server(80, protocol, `h${i}.example`).replace('name: p80', `name: p${i}`));
      return JSON.stringify(serve(gateway('g', ...named)).listeners['0.0.0.0_80']);
    };
    assert.match(filters('GRPC-WEB', 'HTTP'), /filters\.http\.grpc_web/);
    assert.doesNotMatch(filters('HTTP', 'GRPC-WEB'), /filters\.http\.grpc_web/);
  });

  test('hashing of the destination’s rule reaches the routes', () => {
    const served = serve(
      gateway('g', http(80, 'a.example')) +
        entry('x.example') +
        rule('r', '{host: x.example, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}') +
        routes('v', 'a.example', to('http', 'x.example')),
    );
    assert.match(JSON.stringify(served.routes['http.80']), /"hashPolicy":\[\{"header":\{"headerName":"x-user"\}\}\]/);
  });

  test('a wildcard that is resolved when called gets the filter that resolves it', () => {
    const wild = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild, namespace: shop}
spec: {hosts: ["*.wild.example"], ports: [{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS}
`;
    const text = gateway('g', http(80, '"*.wild.example"')) + routes('v', '"*.wild.example"', to('http', '"*.wild.example"'));
    assert.match(JSON.stringify(serve(text + wild).listeners['0.0.0.0_80']), /http\.dynamic_forward_proxy/);
    assert.doesNotMatch(JSON.stringify(serve(text).listeners['0.0.0.0_80']), /http\.dynamic_forward_proxy/);
  });
});

describe('servers that end TLS', () => {
  type Socket = { typedConfig: { commonTlsContext: Record<string, unknown>; requireClientCertificate: boolean } };
  const chainOf = (settings: string, mesh = {}) => {
    const { listeners } = serve(gateway('g', server(443, 'HTTPS', 'a.example', `tls: {${settings}}`)), { mesh });
    return listeners['0.0.0.0_443']!['filterChains']![0] as unknown as { filterChainMatch: unknown; transportSocket: Socket };
  };
  const contextOf = (settings: string, mesh = {}) => {
    const { commonTlsContext, requireClientCertificate } = chainOf(settings, mesh).transportSocket.typedConfig;
    const { tlsCertificateSdsSecretConfigs, combinedValidationContext, validationContext, tlsParams } =
      commonTlsContext as unknown as {
        tlsCertificateSdsSecretConfigs: { name: string }[];
        combinedValidationContext?: {
          defaultValidationContext: { matchSubjectAltNames?: { exact: string }[]; crl?: object };
          validationContextSdsSecretConfig: { name: string };
        };
        validationContext?: { matchSubjectAltNames?: { exact: string }[] };
        tlsParams?: unknown;
      };
    assert.deepEqual(commonTlsContext['alpnProtocols'], ['h2', 'http/1.1']);
    const names = (combinedValidationContext?.defaultValidationContext ?? validationContext)?.matchSubjectAltNames;
    return {
      certificates: tlsCertificateSdsSecretConfigs.map(({ name }) => name),
      required: requireClientCertificate,
      ...(combinedValidationContext && { roots: combinedValidationContext.validationContextSdsSecretConfig.name }),
      ...(names && { names: names.map(({ exact }) => exact) }),
      ...(tlsParams !== undefined && { tlsParams }),
    };
  };

  test('SIMPLE shows a certificate and asks for none', () => {
    assert.deepEqual(contextOf('mode: SIMPLE, credentialName: c'), { certificates: ['kubernetes://c'], required: false });
    assert.deepEqual(contextOf('mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem'), {
      certificates: ['file-cert:/c.pem~/k.pem'],
      required: false,
    });
    assert.deepEqual(contextOf('mode: SIMPLE, credentialNames: [rsa, ec]').certificates, ['kubernetes://rsa', 'kubernetes://ec']);
  });

  test('MUTUAL asks for one, OPTIONAL_MUTUAL looks at one', () => {
    const names = 'subjectAltNames: [spiffe://a/b]';
    assert.deepEqual(contextOf(`mode: MUTUAL, credentialName: c, ${names}`), {
      certificates: ['kubernetes://c'],
      required: true,
      roots: 'kubernetes://c-cacert',
      names: ['spiffe://a/b'],
    });
    assert.deepEqual(contextOf('mode: MUTUAL, credentialName: c, caCertCredentialName: ca').roots, 'kubernetes://ca');
    const files = 'serverCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem';
    assert.deepEqual(contextOf(`mode: OPTIONAL_MUTUAL, ${files}`), {
      certificates: ['file-cert:/c.pem~/k.pem'],
      required: false,
      roots: 'file-root:/ca.pem',
    });
  });

  test('ISTIO_MUTUAL is the workload’s identity against the mesh’s roots, whatever TLS the mesh prefers', () => {
    const mesh = { tlsDefaults: { ecdhCurves: ['P-256'] } };
    assert.deepEqual(contextOf('mode: ISTIO_MUTUAL', mesh), { certificates: ['default'], required: true, roots: 'ROOTCA' });
  });

  test('versions, ciphers and curves are the server’s, else the mesh’s', () => {
    const asked = 'mode: SIMPLE, credentialName: c, minProtocolVersion: TLSV1_2, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]';
    assert.deepEqual(contextOf(asked, { tlsDefaults: { ecdhCurves: ['P-256'] } }).tlsParams, {
      tlsMinimumProtocolVersion: 'TLSv1_2',
      cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256'],
      ecdhCurves: ['P-256'],
    });
    const atLeast = { tlsDefaults: { minProtocolVersion: 'TLSV1_3' } };
    assert.deepEqual(contextOf(asked, atLeast).tlsParams, {
      tlsMinimumProtocolVersion: 'TLSv1_2',
      cipherSuites: ['ECDHE-RSA-AES128-GCM-SHA256'],
    });
    const simple = 'mode: SIMPLE, credentialName: c';
    assert.deepEqual(contextOf(simple, atLeast).tlsParams, { tlsMinimumProtocolVersion: 'TLSv1_3' });
  });

  test('each server has its names and its routes', () => {
    const second = server(443, 'HTTPS', 'b.example', SIMPLE).replace('name: p443', 'name: second');
    const served = serve(
      gateway('g', server(443, 'HTTPS', 'a.example', SIMPLE), second) +
        routes('v', 'a.example, b.example', to('http', 'x.example')),
    );
    const call = (sni: string, host: string) => served.call({ port: 443, protocol: 'http', tls: 'tls', sni, host });
    assert.deepEqual(Object.keys(served.routes), ['https.443.p443.g.edge', 'https.443.second.g.edge']);
    assert.equal(call('a.example', 'a.example'), 'a.example:443 → outbound|443||x.example');
    assert.equal(call('b.example', 'b.example'), 'b.example:443 → outbound|443||x.example');
    assert.equal(call('a.example', 'b.example'), 'NoVirtualHost');
    assert.equal(call('c.example', 'a.example'), 'NoFilterChain');
  });

  test('a server for every name takes every name', () => {
    const { filterChainMatch } = chainOf('mode: SIMPLE, credentialName: c');
    assert.deepEqual(filterChainMatch, { serverNames: ['a.example'] });
    const served = serve(gateway('g', server(443, 'HTTPS', '"*"', SIMPLE)) + routes('v', '"*"', to('http', 'x.example')));
    assert.equal(
      served.call({ port: 443, protocol: 'http', tls: 'tls', host: 'any.example' }),
      '*:443 → outbound|443||x.example',
    );
  });

  test('redirects keep the port out that https means', () => {
    const redirect = routes('v', 'a.example', 'http: [{redirect: {authority: b.example, derivePort: FROM_REQUEST_PORT}}]');
    const action = (text: string, name: string) => JSON.stringify(serve(text + redirect).routes[name]);
    assert.doesNotMatch(action(gateway('g', server(443, 'HTTPS', 'a.example', SIMPLE)), 'https.443.p443.g.edge'), /portRedirect/);
    assert.match(action(gateway('g', http(8080, 'a.example')), 'http.8080'), /"portRedirect":8080/);
  });
});

describe('servers below HTTP', () => {
  test('bytes go where the first tcp route that fits leads, by weight', () => {
    const weighted =
      'tcp: [{match: [{port: 1}], route: [{destination: {host: no.example}}]}, {match: [{port: 5432, gateways: [edge/g]}], route: [{destination: {host: x.example, port: {number: 1}}, weight: 30}, {destination: {host: y.example, port: {number: 2}}, weight: 70}]}]';
    const served = serve(gateway('g', server(5432, 'TCP', '"*"')) + routes('v', '"*"', weighted));
    assert.equal(served.call({ port: 5432 }), 'outbound|1||x.example=30 outbound|2||y.example=70');
    assert.match(JSON.stringify(served.listeners['0.0.0.0_5432']), /"statPrefix":"v\.shop"/);
  });

  test('TLS that ends here is carried on as tcp routes say, only for the server’s names', () => {
    const served = serve(
      gateway('g', server(443, 'TLS', 'a.example', SIMPLE)) + routes('v', 'a.example', to('tcp', 'x.example')),
    );
    assert.equal(served.call(tls('a.example')), 'outbound|443||x.example');
    assert.equal(served.call(tls('b.example')), 'NoFilterChain');
    assert.match(JSON.stringify(served.listeners['0.0.0.0_443']), /DownstreamTlsContext/);
  });

  test('TLS that passes through goes where tls routes lead its names', () => {
    const tlsRoutes =
      'tls: [{match: [{sniHosts: [a.example]}], route: [{destination: {host: x.example, port: {number: 443}}}]}, {match: [{sniHosts: [b.example], port: 1}, {sniHosts: [c.example]}], route: [{destination: {host: y.example, port: {number: 443}}}]}]';
    const served = serve(
      gateway('g', server(443, 'TLS', '"*.example"', 'tls: {mode: PASSTHROUGH}')) +
        routes('v', 'a.example, b.example, c.example', tlsRoutes),
    );
    assert.equal(served.call(tls('a.example')), 'outbound|443||x.example');
    assert.equal(served.call(tls('b.example')), 'NoFilterChain');
    assert.equal(served.call(tls('c.example')), 'outbound|443||y.example');
  });

  test('a name that two routes match is the first one’s, and the other is told', () => {
    const passing = (name: string, host: string) =>
      routes(name, '"*.example"', `tls: [{match: [{sniHosts: [a.example]}], route: [{destination: {host: ${host}}}]}]`);
    const served = serve(
      gateway('g', server(443, 'TLS', '"*.example"', 'tls: {}')) + passing('v', 'x.example') + passing('w', 'y.example'),
    );
    assert.equal(served.call(tls('a.example')), 'outbound|443||x.example');
    assert.ok(served.said.includes('PORT_CONFLICT g spec.servers.0'), served.said.join('\n'));
  });

  test('a server that nobody routes from opens nothing, and that is said', () => {
    const served = serve(gateway('g', server(5432, 'TCP', '"*"'), server(443, 'TLS', '"*"', 'tls: {}')));
    assert.deepEqual(served.listeners, {});
    assert.deepEqual(served.said, ['INEFFECTIVE g spec.servers.0', 'INEFFECTIVE g spec.servers.1']);
  });
});

describe('listeners', () => {
  test('a server’s own address is bound, and names its routes', () => {
    const served = serve(gateway('g', server(80, 'HTTP', '"*"', 'bind: 10.0.0.9')));
    assert.deepEqual(Object.keys(served.listeners), ['10.0.0.9_80']);
    assert.deepEqual(Object.keys(served.routes), ['http.80.10.0.0.9']);
  });

  test('a proxy with IPv6 addresses alone binds the IPv6 wildcard', () => {
    const served = serve(gateway('g', http(80, '"*"')), { proxy: gatewayProxy({ ips: ['2001:db8::9'] }) });
    assert.deepEqual(Object.keys(served.listeners), ['::_80']);
  });

  test('plain HTTP shares a port with TLS that was there first, and each has its routes', () => {
    const ending = server(443, 'HTTPS', 'a.example', SIMPLE);
    const plain = http(443, '"*"').replace('name: p443', 'name: plain');
    const text = gateway('g', ending, plain) + routes('v', 'a.example', to('http', 'x.example'));
    const { call, routes: named } = serve(text);
    assert.deepEqual(Object.keys(named), ['http.443', 'https.443.p443.g.edge']);
    assert.equal(call({ ...a(), port: 443 }), 'a.example:443 → outbound|443||x.example');
    assert.equal(call({ ...a(), port: 443, tls: 'tls', sni: 'a.example' }), 'a.example:443 → outbound|443||x.example');
  });

  test('servers that end TLS for one name do not share a port, whatever namespaces they are for', () => {
    const ofBoth = gateway('g', server(443, 'HTTPS', 'shop/a.example', SIMPLE));
    const served = serve(ofBoth + gateway('h', server(443, 'HTTPS', 'pay/a.example', SIMPLE)));
    assert.deepEqual(Object.keys(served.routes), ['https.443.p443.g.edge']);
    assert.deepEqual(served.listeners['0.0.0.0_443']!['filterChains']!['length'], 1);
    assert.ok(served.said.includes('PORT_CONFLICT h spec.servers.0'), served.said.join('\n'));
  });

  test('of servers that take every connection of a port the first has them, and the other is told', () => {
    const every = server(443, 'HTTPS', '"*"', SIMPLE);
    const plain = http(443, '"*"').replace('name: p443', 'name: plain');
    const served = serve(gateway('g', every, plain));
    assert.deepEqual(Object.keys(served.routes), ['https.443.p443.g.edge']);
    assert.ok(served.said.includes('PORT_CONFLICT g spec.servers.1'), served.said.join('\n'));
  });

  test('names in TLS are looked for only where chains ask for them', () => {
    const { listeners } = serve(gateway('g', http(80, '"*"'), server(443, 'HTTPS', '"*"', SIMPLE)));
    assert.equal(listeners['0.0.0.0_80']!['listenerFilters'], undefined);
    assert.match(JSON.stringify(listeners['0.0.0.0_443']!['listenerFilters']), /tls_inspector/);
  });
});

describe('what a proxy cannot be given', () => {
  const mutual = gateway('g', server(443, 'HTTPS', 'a.example', 'tls: {mode: ISTIO_MUTUAL}'), server(80, 'HTTP', '"*"'));

  test('an agent without certificates keeps servers of mesh TLS closed, and only those', () => {
    const poor = serve(mutual, { proxy: gatewayProxy({ metadata: { SALLYPORT_NO_IDENTITY: 'true' } }) });
    assert.deepEqual(Object.keys(poor.listeners), ['0.0.0.0_80']);
    assert.deepEqual(poor.said, ['UNSUPPORTED g spec.servers.0.tls.mode']);
    assert.deepEqual(Object.keys(serve(mutual).listeners), ['0.0.0.0_443', '0.0.0.0_80']);
  });

  test('a secret that is not there is told, files are none', () => {
    const said = (settings: string) => serve(gateway('g', server(443, 'HTTPS', 'a.example', `tls: {${settings}}`))).said;
    assert.deepEqual(said('mode: SIMPLE, credentialName: c'), ['DANGLING_REFERENCE g spec.servers.0.tls.credentialName']);
    assert.deepEqual(said('mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem'), []);
    assert.deepEqual(said('mode: ISTIO_MUTUAL'), []);
  });
});
