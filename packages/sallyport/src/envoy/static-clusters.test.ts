import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import { built, type Case, meshWith } from './testing/cluster-rows.ts';

const NO_LIMITS = {
  thresholds: [{ maxConnections: 4294967295, maxPendingRequests: 4294967295, maxRequests: 4294967295, maxRetries: 4294967295 }],
};
const EXTENSION = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const THROUGH = {
  '@type': `type.googleapis.com/${EXTENSION}`,
  commonHttpProtocolOptions: { idleTimeout: '300s' },
  useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} },
};
const statics = (given: Case): Readonly<Record<string, JsonObject>> =>
  Object.fromEntries(Object.entries(built(given).clusters).filter(([name]) => !name.startsWith('outbound|')));

test('a sidecar has a black hole and two ways to pass through', () => {
  const passing = {
    altStatName: 'PassthroughCluster;',
    circuitBreakers: NO_LIMITS,
    connectTimeout: '10s',
    lbPolicy: 'CLUSTER_PROVIDED',
    type: 'ORIGINAL_DST',
    typedExtensionProtocolOptions: { [EXTENSION]: THROUGH },
  };
  assert.deepEqual(statics({}), {
    BlackHoleCluster: { name: 'BlackHoleCluster', altStatName: 'BlackHoleCluster;', connectTimeout: '10s', type: 'STATIC' },
    PassthroughCluster: { name: 'PassthroughCluster', ...passing },
    InboundPassthroughCluster: {
      name: 'InboundPassthroughCluster',
      ...passing,
      upstreamBindConfig: { sourceAddress: { address: '127.0.0.6', portValue: 0 } },
    },
  });
  const v6 = statics({ facet: { ipFamilies: 'v6' } })['InboundPassthroughCluster'];
  assert.deepEqual(v6?.['upstreamBindConfig'], { sourceAddress: { address: '::6', portValue: 0 } });
  const dual = statics({ facet: { ipFamilies: 'dual' } })['InboundPassthroughCluster'];
  assert.deepEqual(dual?.['upstreamBindConfig'], {
    sourceAddress: { address: '127.0.0.6', portValue: 0 },
    extraSourceAddresses: [{ address: { address: '::6', portValue: 0 } }],
  });
});

test('a gateway has the black hole only', () => {
  const mesh = meshWith({ outboundTrafficPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } });
  assert.deepEqual(Object.keys(statics({ facet: { role: 'router' }, mesh })), ['BlackHoleCluster']);
});

test('pass-through takes limits and timeout of connecting from the mesh’s connection pool, its idle timeout is fixed', () => {
  const defaultTrafficPolicy = {
    connectionPool: { tcp: { maxConnections: 5, connectTimeout: '1s' }, http: { idleTimeout: '7s' } },
  };
  const found = statics({ mesh: { defaultTrafficPolicy } })['PassthroughCluster'];
  assert.equal(found?.['connectTimeout'], '1s');
  assert.deepEqual(found?.['circuitBreakers'], { thresholds: [{ ...NO_LIMITS.thresholds[0], maxConnections: 5 }] });
  assert.deepEqual(found?.['typedExtensionProtocolOptions'], {
    [EXTENSION]: THROUGH,
  });
});

test('what is resolved without being known has no limits of the mesh’s', () => {
  const outboundTrafficPolicy = { mode: 'ALLOW_ANY_DYNAMIC_DNS' as const };
  const found = statics({
    mesh: { outboundTrafficPolicy, defaultTrafficPolicy: { connectionPool: { tcp: { maxConnections: 5 } } } },
  });
  assert.deepEqual(found['AllowAnyDynamicDNSCluster']?.['circuitBreakers'], NO_LIMITS);
});

const DYNAMIC = 'AllowAnyDynamicDNSCluster';
const allowAny = (tls?: Readonly<Record<string, unknown>>, dnsCapture = false): JsonObject => {
  const outboundTrafficPolicy = { mode: 'ALLOW_ANY_DYNAMIC_DNS' as const, ...(tls !== undefined && { tls }) };
  return statics({ mesh: { outboundTrafficPolicy }, dnsCapture })[DYNAMIC]!;
};

test('ALLOW_ANY_DYNAMIC_DNS adds a cluster that looks unknown hosts up', () => {
  assert.deepEqual(allowAny(), {
    name: DYNAMIC,
    altStatName: `${DYNAMIC};`,
    circuitBreakers: NO_LIMITS,
    clusterType: {
      name: 'envoy.clusters.dynamic_forward_proxy',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
        allowInsecureClusterOptions: true,
        dnsCacheConfig: { dnsLookupFamily: 'V4_ONLY', maxHosts: 1024, name: 'allow_any_dfp_dns_cache' },
      },
    },
    connectTimeout: '10s',
    lbPolicy: 'CLUSTER_PROVIDED',
    typedExtensionProtocolOptions: { [EXTENSION]: THROUGH },
  });
});

test('it originates TLS by the host’s own name if the mesh says so', () => {
  const found = allowAny({ mode: 'SIMPLE' });
  assert.equal(JSON.stringify(found).includes('allowInsecureClusterOptions'), false);
  assert.equal((found['transportSocket'] as JsonObject)['name'], 'envoy.transport_sockets.tls');
  assert.deepEqual(found['typedExtensionProtocolOptions'], {
    [EXTENSION]: { ...THROUGH, upstreamHttpProtocolOptions: { autoSni: true, autoSanValidation: true } },
  });
  for (const more of [{ insecureSkipVerify: true }, { sni: 'x.example' }])
    assert.match(JSON.stringify(allowAny({ mode: 'SIMPLE', ...more })), /"allowInsecureClusterOptions":true/);
});

test('where the agent answers DNS, it is asked', () => {
  assert.match(
    JSON.stringify(allowAny(undefined, true)),
    /"resolvers":\[\{"socketAddress":\{"address":"127.0.0.1","portValue":15053\}\}\]/,
  );
});
