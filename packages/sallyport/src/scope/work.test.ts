import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf, loaded, namespaceOf } from './testing/load.ts';
import { aPool, aProxy, aRouting, aRule, aService, idOf, ports, routeTo } from './testing/rows.ts';

// The reference load at a tenth: what a change costs must not depend on what is there besides. Times are in testing/measure.ts.
const ENTRIES = 1_000;
const CLASSES = 200;
const { bed, change } = loaded({ entries: ENTRIES, proxies: CLASSES, sidecars: true });
const computed = (write: Parameters<typeof change>[0]) => change(write).recomputed;

const entry = aService(namespaceOf(0), 'new.ext.example.com');
const pool = aPool(namespaceOf(0), hostOf(0), '10.9.9.9');

test('the load is what it claims to be', () => {
  const { classes, visible, scoped, imported } = bed.outputs;
  assert.deepEqual([classes.size, visible.size, scoped.size, imported.size], [CLASSES, 12 * ENTRIES, 12 * ENTRIES, 12 * ENTRIES]);
});

test('adding and removing an entry touches its host and the three importers of its namespace', () => {
  const touched = {
    'scope.host-facts': 1,
    'scope.audience': 1,
    'scope.host-conflicts': 1,
    'scope.views': 3,
    'scope.visible': 3,
    'scope.scoped': 3,
  };
  assert.deepEqual(Object.fromEntries(computed((tx) => tx.set(bed.inputs.services, entry.key, entry))), touched);
  assert.equal(bed.outputs.visible.size, 12 * ENTRIES + 12);
  assert.deepEqual(Object.fromEntries(computed((tx) => tx.set(bed.inputs.services, entry.key, undefined))), touched);
});

test('an endpoint change is split by address and touches nothing more', () => {
  const touched = computed((tx) => tx.set(bed.inputs.pools, `${pool.namespace}/${pool.host}`, pool));
  assert.deepEqual([...touched], []);
});

test('a timeout of a VirtualService and a policy of a rule stop where they are read', () => {
  const routing = aRouting(namespaceOf(0), 'vs-0', [hostOf(0)], {
    spec: { http: [{ ...routeTo(`${hostOf(0)}:80`).http?.[0], timeout: '7s' }] },
  });
  assert.deepEqual([...computed((tx) => tx.set(bed.inputs.routings, idOf(routing.key), routing))].sort(), [
    ['scope.bound-routings', 1],
    ['scope.routing-heads', 1],
  ]);
  const rule = aRule('bench-0', hostOf(0));
  computed((tx) => tx.set(bed.inputs.rules, rule.key, rule));
  const changed = { ...rule, trafficPolicy: { tls: { mode: 'SIMPLE' as const } } };
  assert.deepEqual([...computed((tx) => tx.set(bed.inputs.rules, rule.key, changed))], [['scope.rule-heads', 1]]);
});

test('a wildcard rule of a namespace touches its clients and its services, not the world', () => {
  const rule = aRule('bench-0', '*.example.com', { name: 'wide' });
  const touched = computed((tx) => tx.set(bed.inputs.rules, rule.key, rule));
  assert.ok((touched.get('scope.views') ?? 0) <= 100, `${touched.get('scope.views')} of ${3 * ENTRIES} views`);
});

test('another proxy of a present class touches only itself', () => {
  const proxy = aProxy({ namespace: 'bench-0', name: 'another', locality: 'r/z0' });
  assert.deepEqual([...computed((tx) => tx.set(bed.inputs.proxies, proxy.id, proxy))], [['scope.class-of', 1]]);
});

test('a new class of a namespace touches what that namespace imports', () => {
  const proxy = aProxy({ namespace: 'bench-0', name: 'elsewhere', locality: 'r/z9' });
  const touched = computed((tx) => tx.set(bed.inputs.proxies, proxy.id, proxy));
  assert.equal(touched.get('scope.visible'), 60);
  assert.equal(touched.get('scope.views'), undefined);
  assert.equal(bed.outputs.visible.size, 12 * ENTRIES + 60);
});

test('the port of an entry touches its three importers', () => {
  const touched = computed((tx) =>
    tx.set(bed.inputs.services, aService('bench-0', hostOf(0)).key, aService('bench-0', hostOf(0), { ports: ports(8080) })),
  );
  assert.deepEqual([touched.get('scope.views'), touched.get('scope.scoped')], [3, 3]);
});
