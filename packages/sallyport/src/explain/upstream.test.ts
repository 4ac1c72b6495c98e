import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import { indexOf, socketAddress, typed, upstreamTls } from './testing/resources.ts';
import { upstreamsOf } from './upstream.ts';

type JsonObject = { readonly [key: string]: JsonValue };

function described(cluster: JsonObject, endpoints: JsonObject[] = []) {
  const {
    cluster: _name,
    exists: _exists,
    ...rest
  } = upstreamsOf(['c'], indexOf({ clusters: [{ name: 'c', ...cluster }], endpoints }))[0]!;
  return rest;
}

const lb = (bind: string, weight?: number): JsonObject => ({
  endpoint: { address: socketAddress(bind) },
  ...(weight !== undefined && { loadBalancingWeight: weight }),
});
const assignment = (...groups: JsonObject[]): JsonObject => ({ clusterName: 'c', endpoints: groups });
const group = (lbEndpoints: JsonObject[], more: JsonObject = {}): JsonObject => ({
  lbEndpoints,
  loadBalancingWeight: 1,
  ...more,
});

test('clusters are told once each, by name, missing ones too', () => {
  const index = indexOf({ clusters: [{ name: 'b' }] });
  assert.deepEqual(upstreamsOf(['b', 'a', 'b'], index), [
    { cluster: 'a', exists: false },
    { cluster: 'b', exists: true, type: 'STATIC' },
  ]);
});

test('the type is the discovery type or the name of the extension', () => {
  assert.deepEqual(described({ type: 'ORIGINAL_DST' }), { type: 'ORIGINAL_DST' });
  assert.deepEqual(described({ clusterType: { name: 'envoy.clusters.x' } }), { type: 'envoy.clusters.x' });
});

test('a port that replaces the original one is told', () => {
  assert.equal(described({ type: 'ORIGINAL_DST', originalDstLbConfig: { upstreamPortOverride: 443 } }).portOverride, 443);
  assert.equal('portOverride' in described({ type: 'ORIGINAL_DST', originalDstLbConfig: {} }), false);
});

test('EDS endpoints are found by service name, else by cluster name; other types have their own', () => {
  const eds = [assignment(group([lb('192.0.2.1:80')])), { ...assignment(group([lb('192.0.2.2:80')])), clusterName: 's' }];
  assert.deepEqual(described({ type: 'EDS' }, eds).endpoints, ['192.0.2.1:80']);
  assert.deepEqual(described({ type: 'EDS', edsClusterConfig: { serviceName: 's' } }, eds).endpoints, ['192.0.2.2:80']);
  assert.equal('endpoints' in described({ type: 'EDS' }), false);
  assert.equal('endpoints' in described({ type: 'STATIC' }, eds), false);
  const loadAssignment = assignment(group([lb('b.example:80'), lb('a.example:80')]));
  assert.deepEqual(described({ type: 'STRICT_DNS', loadAssignment }), {
    type: 'STRICT_DNS',
    endpoints: ['a.example:80', 'b.example:80'],
  });
});

test('addresses are written as people write them, doubles included', () => {
  const pipe = { endpoint: { address: { pipe: { path: '/run/x.sock' } } } };
  const loadAssignment = assignment(group([pipe, lb('2001:db8::1:80'), lb('192.0.2.1:80'), lb('192.0.2.1:80')]));
  assert.deepEqual(described({ type: 'STATIC', loadAssignment }).endpoints, [
    '192.0.2.1:80',
    '192.0.2.1:80',
    '[2001:db8::1]:80',
    'unix:/run/x.sock',
  ]);
});

test('groups are told when place, priority or weight play a part', () => {
  const groups = (...list: JsonObject[]) => described({ type: 'STATIC', loadAssignment: assignment(...list) }).groups;
  assert.equal(groups(group([lb('192.0.2.1:80', 1), lb('192.0.2.2:80')], { loadBalancingWeight: 2 })), undefined);
  const one = (more: object) => [
    { locality: '', priority: 0, weight: 1, endpoints: [{ address: '192.0.2.1:80', weight: 1 }], ...more },
  ];
  assert.deepEqual(
    groups(group([lb('192.0.2.1:80', 5)], { loadBalancingWeight: 5 })),
    one({ weight: 5, endpoints: [{ address: '192.0.2.1:80', weight: 5 }] }),
  );
  assert.deepEqual(groups(group([lb('192.0.2.1:80')], { priority: 1 })), one({ priority: 1 }));
  assert.deepEqual(groups(group([lb('192.0.2.1:80')], { locality: { region: 'eu', zone: 'z1' } })), one({ locality: 'eu/z1' }));
  assert.deepEqual(
    groups(
      group([lb('192.0.2.1:80')], { priority: 1, locality: { region: 'eu' } }),
      group([lb('192.0.2.2:80')], { locality: { region: 'us' } }),
      group([lb('192.0.2.3:80')], { locality: { region: 'ap', subZone: 's' } }),
    )?.map((g) => `${g.priority} ${g.locality}`),
    ['0 ap//s', '0 us', '1 eu'],
  );
});

test('plaintext says nothing of TLS', () => {
  const raw = { name: 'raw', typedConfig: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}) };
  assert.equal('tls' in described({ transportSocket: raw }), false);
  assert.equal('tls' in described({}), false);
});

test('TLS is told with its name, certificate, roots, names and protocols, from wherever they come', () => {
  const tls = (fields: JsonObject) => described({ transportSocket: upstreamTls(fields) }).tls;
  assert.deepEqual(tls({}), { always: {} });
  assert.deepEqual(
    tls({
      sni: 'a.example',
      commonTlsContext: {
        alpnProtocols: ['istio', 'h2'],
        tlsCertificateSdsSecretConfigs: [{ name: 'default' }],
        combinedValidationContext: {
          defaultValidationContext: { matchSubjectAltNames: [{ exact: 'b' }, { exact: 'a' }, { prefix: 'spiffe://td/' }] },
          validationContextSdsSecretConfig: { name: 'ROOTCA' },
        },
      },
    }),
    { always: { alpn: ['istio', 'h2'], ca: 'ROOTCA', cert: 'default', sans: ['a', 'b', 'spiffe://td/*'], sni: 'a.example' } },
  );
  const files = {
    tlsCertificates: [{ certificateChain: { filename: '/c.pem' } }],
    validationContext: {
      trustedCa: { filename: '/ca.pem' },
      matchTypedSubjectAltNames: [{ sanType: 'DNS', matcher: { suffix: '.example' } }],
    },
  };
  assert.deepEqual(tls({ commonTlsContext: files }), { always: { ca: '/ca.pem', cert: '/c.pem', sans: ['*.example'] } });
  assert.deepEqual(tls({ commonTlsContext: { validationContextSdsSecretConfig: { name: 'roots' } } }), {
    always: { ca: 'roots' },
  });
});

test('several sockets are told by their match', () => {
  const transportSocketMatches = [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transportSocket: upstreamTls({ sni: 'a' }) },
    {
      name: 'tlsMode-disabled',
      match: {},
      transportSocket: { name: 'raw', typedConfig: typed('envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer', {}) },
    },
  ];
  assert.deepEqual(described({ transportSocketMatches }).tls, { 'tlsMode-istio': { sni: 'a' }, 'tlsMode-disabled': 'plaintext' });
});

test('the PROXY protocol wraps TLS and does not hide it', () => {
  const typedConfig = typed('envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport', {
    transportSocket: upstreamTls({ sni: 'a' }),
  });
  assert.deepEqual(described({ transportSocket: { name: 'p', typedConfig } }).tls, { always: { sni: 'a' } });
});
