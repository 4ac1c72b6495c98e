import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../../lib/json.ts';
import { generate } from '../../pipeline/generate.ts';
import { gatewayProxy, type Running, start } from './testing/gateway.ts';
import { type RandomObject, randomObject } from './testing/random.ts';

const PROXIES = [
  gatewayProxy(),
  gatewayProxy({ name: 'x', ips: ['10.0.0.8'], labels: { istio: 'edge', app: 'x' } }),
  gatewayProxy({ name: 'shop', namespace: 'shop', ips: ['10.0.0.7'], metadata: { UNPRIVILEGED_POD: 'true' } }),
];

/** Clusters, listeners, routes and findings, each as a line. */
function outcome({ pipeline, configuration }: Running): Readonly<Record<string, string>> {
  const lines: [string, string][] = [];
  for (const proxy of PROXIES) {
    const { clusters, listeners, routes } = generate(pipeline, proxy);
    for (const resource of [...clusters, ...listeners, ...routes] as { name: string }[])
      lines.push([`${proxy.name} ${resource.name}`, canonicalJson(resource)]);
  }
  connect({ pipeline });
  for (const issue of configuration.issues()) lines.push([`issue ${canonicalJson({ ...issue, origin: null })}`, '']);
  assert.deepEqual([...pipeline.graph.failures.entries()], []);
  return Object.fromEntries(lines.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function connect({ pipeline }: Pick<Running, 'pipeline'>): void {
  pipeline.graph.commit((tx) => {
    for (const proxy of PROXIES)
      tx.set(pipeline.inputs.proxies, `standing ${proxy.id}`, { ...proxy, id: `standing ${proxy.id}` });
  });
}

function fresh(objects: readonly RandomObject[]): Readonly<Record<string, string>> {
  const running = start();
  for (const { path, text } of objects) running.put(path, text);
  return outcome(running);
}

test('what gateways serve after any history is what a fresh start gives, in whatever order objects come', () => {
  const step = fc.tuple(randomObject, fc.nat(3));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      const running = start();
      connect(running);
      const present = new Map<string, RandomObject>();
      for (const [object, chance] of steps) {
        // One in four goes away, if it is there.
        if (chance === 0) present.delete(object.path);
        else present.set(object.path, object);
        running.put(object.path, present.get(object.path)?.text);
      }
      const objects = [...present.values()];
      const expected = fresh(objects);
      assert.deepEqual(outcome(running), expected);
      assert.deepEqual(fresh(objects.toReversed()), expected);
    }),
    { numRuns: 120 },
  );
});

test('no listener has two chains for one name, and every route configuration that is asked for is there', () => {
  fc.assert(
    fc.property(fc.uniqueArray(randomObject, { maxLength: 12, selector: ({ path }) => path }), (objects) => {
      const running = start();
      for (const { path, text } of objects) running.put(path, text);
      for (const proxy of PROXIES) {
        const { listeners, routes } = generate(running.pipeline, proxy);
        const asked = new Set([...JSON.stringify(listeners).matchAll(/"routeConfigName":"([^"]+)"/g)].map(([, name]) => name));
        assert.deepEqual([...asked].sort(), (routes as { name: string }[]).map(({ name }) => name).sort());
        for (const { filterChains } of listeners as { filterChains: { filterChainMatch?: { serverNames?: string[] } }[] }[]) {
          const names = filterChains.flatMap(({ filterChainMatch }) => filterChainMatch?.serverNames ?? ['']);
          assert.deepEqual(names, [...new Set(names)]);
        }
      }
    }),
    { numRuns: 120 },
  );
});
