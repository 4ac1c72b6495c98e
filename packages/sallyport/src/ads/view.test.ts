import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGraph, structural } from '../collection/index.ts';
import { type Bundle, type BundleLink, linkKey, type Resource, type ResourceLink } from '../model/index.ts';
import type { Changes } from './changes.ts';
import { keyHeld, resourcesHeld } from './held.ts';
import { urlOf } from './types.ts';
import { type ResourceTable, View } from './view.ts';

const CLASSES = ['one', 'two', 'three'];
const BUNDLES = ['a', 'b'];
const TYPES = ['cluster', 'endpoints'] as const;

/** Tables with single links and bundles, written by hand; a bundle's names begin with its own. */
function tables() {
  const graph = createGraph();
  const holds = graph.input<BundleLink>('holds', structural);
  const rows = graph.input<Bundle>('bundles', structural);
  const made = TYPES.map((type) => ({
    type,
    links: graph.input<ResourceLink>(`${type} links`, structural),
    bundles: { links: holds, rows },
    resources: graph.input<Resource>(`${type}s`, (a, b) => a.version === b.version),
  }));
  // Of both types there is one pair of bundle tables, as the clusters stage gives them.
  const [first] = made;
  const shared = made.map((table) => ({ ...table, bundles: first!.bundles }));
  return { graph, holds, rows, tables: shared };
}

const key = fc.constantFrom('k1', 'k2', 'k3');
const type = fc.constantFrom(...TYPES);
const edit = fc.oneof(
  fc.record({ what: fc.constant('resource' as const), type, key, version: fc.option(fc.constantFrom('v1', 'v2')) }),
  fc.record({ what: fc.constant('link' as const), type, of: fc.constantFrom(...CLASSES), key: fc.option(key) }),
  fc.record({
    what: fc.constant('hold' as const),
    of: fc.constantFrom(...CLASSES),
    slot: fc.constantFrom('x', 'y'),
    bundle: fc.option(fc.constantFrom(...BUNDLES)),
  }),
  fc.record({
    what: fc.constant('bundle' as const),
    bundle: fc.constantFrom(...BUNDLES),
    cluster: fc.option(fc.dictionary(fc.constantFrom('n1', 'n2'), key, { maxKeys: 2 })),
    endpoints: fc.dictionary(fc.constantFrom('n1', 'n2'), key, { maxKeys: 2 }),
  }),
);

function contentOf(view: View, made: readonly ResourceTable[]) {
  const held = new Map<string, string>();
  for (const of of CLASSES)
    for (const { type: one } of made)
      for (const name of view.of(of).names(urlOf[one])) {
        const found = view.lookup(of, urlOf[one], name);
        if (typeof found === 'object') held.set(`${of} ${one} ${name}`, `${found.name} ${found.version}`);
      }
  return held;
}

function noted(changes: Changes): ReadonlySet<string> {
  const names = [...changes].flatMap(([of, types]) =>
    [...types].flatMap(([url, byName]) =>
      [...byName.keys()].map((name) => `${of} ${TYPES.find((t) => urlOf[t] === url)} ${name}`),
    ),
  );
  return new Set(names);
}

test('after any history the view is what a new one would be, and every difference was told', () => {
  fc.assert(
    fc.property(fc.array(fc.array(edit, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (commits) => {
      const { graph, holds, rows, tables: made } = tables();
      const view = new View(graph, made);
      // A class may hold a bundle in one slot only: a name comes from one place.
      const slots = new Map<string, string>();
      let told: ReadonlySet<string> = new Set();
      graph.onCommit((commit) => {
        told = noted(view.apply(commit));
      });
      for (const edits of commits) {
        const before = contentOf(view, made);
        graph.commit((tx) => {
          for (const one of edits) {
            const table = made.find((t) => 'type' in one && t.type === one.type);
            if (one.what === 'resource') {
              const { key: at, version } = one;
              const row = version === null ? undefined : { type: one.type, name: at, version, bytes: new Uint8Array() };
              tx.set(table!.resources, at, row);
            } else if (one.what === 'link') {
              const link = { class: one.of, type: one.type, name: 'single' };
              tx.set(table!.links, linkKey(link), one.key === null ? undefined : { ...link, target: one.key });
            } else if (one.what === 'hold') {
              const slot = `${one.of} ${one.slot}`;
              const other = slots.get(`${one.of} ${one.slot === 'x' ? 'y' : 'x'}`);
              if (one.bundle !== null && other === one.bundle) continue;
              if (one.bundle === null) slots.delete(slot);
              else slots.set(slot, one.bundle);
              tx.set(holds, slot, one.bundle === null ? undefined : { class: one.of, bundle: one.bundle });
            } else {
              const items = (of: Readonly<Record<string, string>>) =>
                Object.entries(of).map(([name, at]) => ({ name: `${one.bundle}-${name}`, key: at }));
              const row = one.cluster === null ? undefined : { cluster: items(one.cluster), endpoints: items(one.endpoints) };
              tx.set(rows, one.bundle, row);
            }
          }
        });
        const after = contentOf(view, made);
        assert.deepEqual(new Map([...after].sort()), new Map([...contentOf(new View(graph, made), made)].sort()));
        for (const name of new Set([...before.keys(), ...after.keys()]))
          if (before.get(name) !== after.get(name)) assert.ok(told.has(name), `${name} changed and nobody was told`);
      }
    }),
    { numRuns: 500 },
  );
});

test('what a class has is found by name, from links and from bundles', () => {
  const { graph, holds, rows, tables: made } = tables();
  const [clusters] = made;
  graph.commit((tx) => {
    tx.set(clusters!.links, 'l', { class: 'one', type: 'cluster', name: 'single', target: 'k1' });
    tx.set(holds, 'one x', { class: 'one', bundle: 'a' });
    tx.set(rows, 'a', { cluster: [{ name: 'a-n1', key: 'k2' }] });
  });
  assert.deepEqual(
    [...resourcesHeld(clusters!, 'one')],
    [
      { name: 'single', key: 'k1' },
      { name: 'a-n1', key: 'k2' },
    ],
  );
  assert.deepEqual(
    ['a-n1', 'other'].map((name) => keyHeld(clusters!, 'one', name)),
    ['k2', undefined],
  );
  assert.deepEqual([...resourcesHeld(clusters!, 'two')], []);
});
