import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson } from '../lib/json.ts';
import type { ProxyNode } from '../model/index.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { generate } from './generate.ts';
import { createPipeline, type Pipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';
import { idOf, type RandomDocument, randomDocument, randomMesh, textOf } from './testing/random-mesh.ts';

const PROXIES = [
  { namespace: 'shop', name: 'web', ips: ['10.9.0.1'], labels: { app: 'web' } },
  { namespace: 'bank', name: 'pay', ips: ['10.9.0.2'], metadata: { DNS_CAPTURE: 'true' } },
].map((json): ProxyNode => proxyOfJson(json).value!);

interface Running {
  readonly pipeline: Pipeline;
  readonly configuration: Configuration;
}

function start(): Running {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  return { pipeline, configuration: createConfiguration(pipeline) };
}

/** One file for each object, so that files come and go as objects do. */
function receive({ configuration }: Running, put: readonly RandomDocument[], remove: readonly RandomDocument[] = []): void {
  const files = put.map((d) => ({ path: `${idOf(d)}.yaml`, text: textOf([d]) }));
  configuration.receive({ source: 'memory', put: files, remove: remove.map((d) => `${idOf(d)}.yaml`), synced: true, issues: [] });
}

/** Every resource and every finding as a line of its own, so that a failure shows what differs and not all there is. */
function outcome(running: Running): Readonly<Record<string, string>> {
  assert.deepEqual([...running.pipeline.graph.failures.entries()], []);
  const lines: [string, string][] = [];
  for (const proxy of PROXIES) {
    for (const [section, resources] of Object.entries(generate(running.pipeline, proxy))) {
      if (!Array.isArray(resources)) {
        lines.push([`${proxy.name} ${section}`, canonicalJson(resources)]);
        continue;
      }
      for (const resource of resources as { name?: string; clusterName?: string }[]) {
        lines.push([`${proxy.name} ${section} ${resource.name ?? resource.clusterName}`, canonicalJson(resource)]);
      }
    }
  }
  // Some findings are about what connected proxies see, so they are asked for while the same ones are connected.
  connect(running, PROXIES);
  for (const issue of running.configuration.issues()) lines.push([`issue ${canonicalJson(issue)}`, '']);
  return Object.fromEntries(lines);
}

function connect({ pipeline }: Running, proxies: readonly ProxyNode[]): void {
  pipeline.graph.commit((tx) => {
    for (const proxy of proxies)
      tx.set(pipeline.inputs.proxies, `standing ${proxy.id}`, { ...proxy, id: `standing ${proxy.id}` });
  });
}

function assertSame(actual: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>): void {
  const names = [...new Set([...Object.keys(actual), ...Object.keys(expected)])].filter(
    (name) => actual[name] !== expected[name],
  );
  const [first] = names;
  if (first === undefined) return;
  assert.equal(actual[first], expected[first], `${names.length} lines differ, the first is ${first}`);
}

function fresh(documents: readonly RandomDocument[]): Readonly<Record<string, string>> {
  const running = start();
  receive(running, documents);
  return outcome(running);
}

/** Present objects after each of a list of steps; a step sets objects, and removes some that are there. */
const history = fc.array(
  fc.record({ put: fc.array(randomDocument, { maxLength: 3 }), remove: fc.array(fc.nat(20), { maxLength: 2 }) }),
  { minLength: 1, maxLength: 5 },
);

describe('the whole pipeline', () => {
  it('gives after any history of changes what a fresh start gives', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const running = start();
        const present = new Map<string, RandomDocument>();
        // Connected all the while, so that rows of classes live through the changes.
        connect(running, PROXIES);
        for (const { put, remove } of steps) {
          const last = new Map(put.map((d) => [idOf(d), d]));
          const gone = remove
            .map((n) => [...present.values()][n])
            .filter((d) => d !== undefined && !last.has(idOf(d))) as RandomDocument[];
          receive(running, [...last.values()], gone);
          for (const d of gone) present.delete(idOf(d));
          for (const [id, d] of last) present.set(id, d);
        }
        assertSame(outcome(running), fresh([...present.values()]));
      }),
      { numRuns: 150 },
    );
  });

  it('does not care in which order documents come, when they carry timestamps', () => {
    fc.assert(
      fc.property(
        randomMesh.chain((mesh) => fc.tuple(fc.constant(mesh), fc.shuffledSubarray(mesh, { minLength: mesh.length }))),
        ([mesh, shuffled]) => {
          const generated = (documents: readonly RandomDocument[]) => {
            const { pipeline, configuration } = start();
            configuration.receive({
              source: 'memory',
              put: [{ path: 'all.yaml', text: textOf(documents) }],
              remove: [],
              synced: true,
              issues: [],
            });
            return canonicalJson(PROXIES.map((proxy) => generate(pipeline, proxy)));
          };
          assert.equal(generated(mesh), generated(shuffled));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('has every route configuration that a listener asks for: Envoy would keep the listener waiting', () => {
    fc.assert(
      fc.property(randomMesh, (mesh) => {
        const running = start();
        receive(running, mesh);
        for (const proxy of PROXIES) {
          const { listeners, routes } = generate(running.pipeline, proxy);
          const names = new Set(routes.map((config) => (config as { name: string }).name));
          const asked = [...JSON.stringify(listeners).matchAll(/"routeConfigName":"([^"]+)"/g)].map(([, name]) => name!);
          assert.deepEqual(
            asked.filter((name) => !names.has(name)),
            [],
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is where it was when an object is added and taken away again', () => {
    fc.assert(
      fc.property(randomMesh, randomDocument, (mesh, extra) => {
        fc.pre(!mesh.some((d) => idOf(d) === idOf(extra)));
        const running = start();
        receive(running, mesh);
        const before = outcome(running);
        receive(running, [extra]);
        receive(running, [], [extra]);
        assertSame(outcome(running), before);
      }),
      { numRuns: 100 },
    );
  });
});
