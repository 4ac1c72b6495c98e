import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfiguration } from './configuration.ts';
import { generate } from './generate.ts';
import { createPipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';

const ENTRY = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild, namespace: shop}
spec:
  hosts: ["*.example.com"]
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}]
`;

function generated(sallyport: object, json = {}) {
  const settings = { clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' };
  const pipeline = createPipeline(settings, { sallyport });
  createConfiguration(pipeline).receive({
    source: 'memory',
    put: [{ path: 'a.yaml', text: ENTRY }],
    remove: [],
    synced: true,
    issues: [],
  });
  const made = generate(pipeline, proxyOfJson({ namespace: 'shop', ...json }).value!);
  assert.deepEqual([...pipeline.graph.failures.entries()], []);
  return made;
}

/** Every object under a key, wherever it stands. */
function found(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...found(inner, key)]);
}

interface Cache {
  readonly name: string;
  readonly maxHosts?: number;
  readonly resolvedAddressFilter?: { readonly ranges: readonly { readonly addressPrefix: string; readonly prefixLen: number }[] };
}

test('clusters and filters of a guarded wildcard have one and the same bounded cache, or Envoy would refuse them', () => {
  const made = generated({ wildcards: 'dynamic-dns', dns: { allowedAddresses: ['10.88.0.0/16'] } });
  const caches = [...found(made.clusters, 'dnsCacheConfig'), ...found(made.listeners, 'dnsCacheConfig')] as readonly Cache[];
  assert.equal(caches.length, 4);
  for (const cache of caches) assert.deepEqual(cache, caches[0]);
  const ranges = caches[0]!.resolvedAddressFilter!.ranges.map(({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen}`);
  for (const range of ['169.254.0.0/16', '127.0.0.0/8', 'fc00::/7', '::ffff:0:0/96', '64:ff9b::a9fe:0/112', '10.128.0.0/9'])
    assert.ok(ranges.includes(range), range);
  assert.ok(!ranges.includes('10.0.0.0/8'));
  assert.equal(caches[0]!.maxHosts, 1024);
});

test('HTTP clusters of a guarded wildcard call their own port alone', () => {
  const cluster = (port: number) =>
    generated({ wildcards: 'dynamic-dns' }).clusters.find(
      (c) => (c as { name: string }).name === `outbound|${port}||*.example.com`,
    );
  assert.deepEqual(found(cluster(80), 'upstreamPortRange'), [{ start: '80', end: '81' }]);
  assert.deepEqual(found(cluster(443), 'upstreamPortRange'), []);
});

test('without the option nothing is looked up, and without a guard nothing is filtered', () => {
  assert.deepEqual(found(generated({}).clusters, 'dnsCacheConfig'), []);
  assert.deepEqual(found(generated({}).clusters, 'resolvedAddressFilter'), []);
});

test('with strict enforcement hosts that nobody declared are guarded, too', () => {
  const settings = { clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' };
  const filters = (enforcement: string) => {
    const pipeline = createPipeline(settings, {
      sallyport: { enforcement },
      outboundTrafficPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' },
    });
    const made = generate(pipeline, proxyOfJson({}).value!);
    return [made.clusters, made.listeners].map((list) => found(list, 'resolvedAddressFilter').length > 0);
  };
  assert.deepEqual(filters('istio'), [false, false]);
  assert.deepEqual(filters('strict'), [true, true]);
});
