import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addEntry, changeableLoad, otherEndpoint, otherTimeout, removeEntry, type Step } from './changes.ts';
import { applyStep, connect, proxies } from './engine.ts';
import type { LoadFile } from './load.ts';
import { createSubject, sum, type Work } from './subject.ts';

// What a change costs must not depend on how much else there is: the same counts at three sizes of the mesh.
const SIZES = [
  { entries: 100, more: 0 },
  { entries: 500, more: 0 },
  { entries: 100, more: 40 },
];
const CLASSES = 50;
/** Classes that see namespace 0: its own, and those 1 and 7 before it. */
const SEEING = 3;
const PORTS = 2;

/** Further routes and rules around the entry that changes, in its namespace and in one of its neighbours. */
function surroundings(count: number): LoadFile[] {
  if (count === 0) return [];
  const head = (kind: string, name: string, namespace: string) =>
    `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: ${namespace} }\nspec:\n`;
  const routes = Array.from({ length: count }, (_, i) => {
    const match = `  - match: [{ uri: { prefix: /p${i} }, headers: { x-n: { exact: "${i}" } } }]\n    timeout: ${i + 1}s\n`;
    return `${match}    route: [{ destination: { host: h${String(50 * i).padStart(5, '0')}.ext.example.com } }]\n`;
  });
  const rules = Array.from({ length: count }, (_, i) => {
    const named = `${head('DestinationRule', `more-${i}`, 'bench-00')}  host: other-${i}.example.org\n`;
    return `${named}  subsets: [{ name: v1, labels: { version: v1 } }]\n`;
  });
  return [
    {
      path: 'bench-00/more-routes.yaml',
      text: `${head('VirtualService', 'more', 'bench-00')}  hosts: [more.example.org]\n  http:\n${routes.join('')}`,
    },
    { path: 'bench-00/more-rules.yaml', text: rules.join('---\n') },
    {
      path: 'bench-49/more-entry.yaml',
      text: `${head('ServiceEntry', 'more', 'bench-49')}  hosts: [more.example.org]\n  ports: [{ number: 80, name: http, protocol: HTTP }]\n  resolution: DNS\n`,
    },
  ];
}

async function workOf(step: Step, before: readonly Step[] = []): Promise<Work[]> {
  const found: Work[] = [];
  for (const { entries, more } of SIZES) {
    const subject = await createSubject([...changeableLoad({ entries, sidecars: true }), ...surroundings(more)]);
    connect(subject, proxies(CLASSES));
    for (const earlier of before) applyStep(subject, earlier);
    subject.takeWork();
    applyStep(subject, step);
    found.push(subject.takeWork());
    assert.equal(subject.pipeline.graph.failures.size, 0);
    subject.stop();
  }
  return found;
}

function assertSame(works: readonly Work[]): Work {
  const [first, ...others] = works as [Work, ...Work[]];
  for (const { recomputed, encoded } of others)
    assert.deepEqual({ recomputed, encoded }, { recomputed: first.recomputed, encoded: first.encoded });
  return first;
}

test('an endpoint change computes two rows beside one endpoint set for each port, whatever else there is', async () => {
  const { recomputed, encoded } = assertSame(await workOf(otherEndpoint(1)));
  assert.deepEqual(encoded, { endpoints: PORTS });
  assert.ok(sum(recomputed) - PORTS <= 2, JSON.stringify(recomputed));
  const inRegistry = Object.entries(recomputed).filter(([table]) => table.startsWith('registry.'));
  assert.ok(sum(Object.fromEntries(inRegistry)) <= 2 * PORTS, JSON.stringify(inRegistry));
});

test('a timeout encodes one virtual host and touches one route configuration for each class, whatever else there is', async () => {
  const { recomputed, changed, encoded } = assertSame(await workOf(otherTimeout(1)));
  assert.deepEqual(encoded, { route: SEEING });
  assert.equal(changed['virtual hosts'], 1);
  for (const table of Object.keys(changed)) assert.doesNotMatch(table, /cluster|endpoint|listener|link|scope/);
  assert.ok((recomputed['virtual hosts of services'] ?? 0) <= SEEING, JSON.stringify(recomputed));
});

test('a new entry encodes its clusters, endpoints, virtual host and chain once, and each list of a class once', async () => {
  const { changed, encoded } = assertSame(await workOf(addEntry()));
  assert.deepEqual(encoded, { cluster: PORTS, endpoints: PORTS, listener: SEEING, route: SEEING });
  assert.equal(changed['virtual hosts'], 1);
  assert.equal(changed['listener parts'], 1);
});

test('its removal encodes only the lists that are shorter by it', async () => {
  const { encoded } = assertSame(await workOf(removeEntry(), [addEntry()]));
  assert.deepEqual(encoded, { listener: SEEING, route: SEEING });
});
