import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { byAge, type ConfigObject, type ServiceEntrySpec } from '../model/index.ts';
import { createConfigStore, type SourceFile, type StoreOptions } from './index.ts';
import { entry, shelf } from './testing/files.ts';

const A = 'ServiceEntry/default/a';
const B = 'ServiceEntry/default/b';

function changedIds(change: { readonly objects: ReadonlyMap<string, ReadonlyMap<string, unknown>> }): readonly string[] {
  return [...change.objects.values()]
    .flatMap((of) => [...of].map(([id, object]) => (object === undefined ? `-${id}` : id)))
    .sort();
}

describe('objects follow the documents', () => {
  test('a document appears, changes and goes, and so does its object', () => {
    const { put, remove, store } = shelf();
    assert.deepEqual(changedIds(put('a.yaml', entry('a'))), [A]);
    assert.deepEqual(changedIds(put('a.yaml', entry('a', '  location: MESH_INTERNAL'))), [A]);
    assert.equal((store.objects.get(A)!.spec as ServiceEntrySpec).location, 'MESH_INTERNAL');
    assert.deepEqual(changedIds(put('a.yaml', entry('b'))), [`-${A}`, B]);
    assert.deepEqual(changedIds(remove('a.yaml')), [`-${B}`]);
    assert.equal(store.objects.size, 0);
  });

  test('text saved again, and a changed comment at the end, change nothing', () => {
    const { put } = shelf();
    put('a.yaml', entry('a'));
    assert.deepEqual(changedIds(put('a.yaml', entry('a'))), []);
    assert.deepEqual(changedIds(put('a.yaml', `${entry('a')}# note\n`)), []);
  });

  test('only the changed document of a file is read again', () => {
    const { put, store } = shelf();
    put('a.yaml', `${entry('a')}---\n${entry('b')}`);
    const before = store.objects.get(A)!.spec;
    assert.deepEqual(changedIds(put('a.yaml', `${entry('a')}---\n${entry('b', '  location: MESH_INTERNAL')}`)), [B]);
    assert.equal(store.objects.get(A)!.spec, before);
  });

  test('an object that moves keeps its spec and tells its new line', () => {
    const { put, store } = shelf();
    put('a.yaml', `${entry('a')}---\n${entry('b')}`);
    put('a.yaml', `${entry('a', '  location: MESH_INTERNAL', '  exportTo: ["."]')}---\n${entry('b')}`);
    assert.deepEqual(store.locate({ kind: 'ServiceEntry', namespace: 'default', name: 'b' }, ['spec', 'ports', 0, 'name']), {
      source: 'files',
      path: 'a.yaml',
      line: 20,
      column: 24,
    });
    assert.equal(store.objects.get(B)!.origin.line, 13);
  });

  test('snake_case, enum numbers and quoted integers are read as protojson reads them', () => {
    const { put, store, said } = shelf();
    put(
      'a.yaml',
      'apiVersion: networking.istio.io/v1alpha3\nkind: ServiceEntry\nmetadata: {name: a}\nspec:\n  hosts: [a.example.com]\n  ports: [{number: "443", name: tls, protocol: TLS, target_port: 0x50}]\n  resolution: 2\n  location: null\n  export_to: ["*"]\n  exportTo: ["."]\n',
    );
    assert.deepEqual(store.objects.get(A)!.spec, {
      hosts: ['a.example.com'],
      ports: [{ number: 443, name: 'tls', protocol: 'TLS', targetPort: 80 }],
      resolution: 'DNS',
      exportTo: ['.'],
    });
    assert.deepEqual(said(), []);
  });

  test('fields of kinds without spec are found under spec, and their positions in the text', () => {
    const { put, store } = shelf();
    put('a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: "a: b"\n');
    assert.deepEqual(store.objects.get('ConfigMap/istio-system/istio')!.spec, { data: { mesh: 'a: b' } });
    const place = store.locate({ kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' }, ['spec', 'data', 'mesh']);
    assert.deepEqual([place!.line, place!.column], [5, 9]);
  });

  test('items of a list are objects of their own', () => {
    const { put, ids, said } = shelf();
    put(
      'a.yaml',
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: one}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: Two}}\n',
    );
    assert.deepEqual(ids(), ['Namespace//one']);
    assert.deepEqual(said(), ['INVALID_VALUE a.yaml:5:54 metadata.name']);
  });
});

describe('last good versions', () => {
  test('a refused change keeps the old object, found by name when documents change places', () => {
    const { put, store, ids } = shelf();
    put('a.yaml', `${entry('a')}---\n${entry('b')}`);
    put('a.yaml', `${entry('b').replace('80', '99999')}---\n${entry('a').replace('80', '99998')}`);
    assert.deepEqual(ids(), [A, B]);
    assert.equal((store.objects.get(A)!.spec as ServiceEntrySpec).ports![0]!.number, 80);
    assert.deepEqual((store.objects.get(B)!.spec as ServiceEntrySpec).hosts, ['b.example.com']);
  });

  test('a document that was never good gives no object, and one that is repaired gives the new one', () => {
    const { put, ids, store } = shelf();
    put('a.yaml', entry('a').replace('80', '99999'));
    assert.deepEqual(ids(), []);
    put('a.yaml', entry('a'));
    put('a.yaml', entry('a').replace('80', '99999'));
    put('a.yaml', entry('a').replace('80', '8080'));
    assert.equal((store.objects.get(A)!.spec as ServiceEntrySpec).ports![0]!.number, 8080);
    assert.deepEqual(store.issues(), []);
  });

  test('a broken document that is removed takes its last good version with it', () => {
    const { put, ids } = shelf();
    put('a.yaml', `${entry('a')}---\n${entry('b')}`);
    put('a.yaml', `${entry('a')}---\n${entry('b', ' x: [')}`);
    assert.deepEqual(ids(), [A, B]);
    put('a.yaml', entry('a'));
    assert.deepEqual(ids(), [A]);
  });

  test('an object written anew elsewhere in the file replaces the kept one', () => {
    const { put, store } = shelf();
    put('a.yaml', entry('a'));
    const broken = entry('a', ' x: [');
    put('a.yaml', broken);
    put('a.yaml', `${entry('a').replace('80', '81')}---\n${broken}`);
    assert.equal((store.objects.get(A)!.spec as ServiceEntrySpec).ports![0]!.number, 81);
  });

  test('a list that turns bad keeps all its objects', () => {
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: one}}\n- {apiVersion: v1, kind: Namespace, metadata: {name: two}}\n';
    const { put, ids } = shelf();
    put('a.yaml', list);
    put('a.yaml', `${list}- {`);
    assert.deepEqual(ids(), ['Namespace//one', 'Namespace//two']);
  });

  test('what a source says replaces what it said before', () => {
    const store = createConfigStore();
    const gone = { code: 'SOURCE_GONE', severity: 'error', message: 'conf is gone' } as const;
    store.apply({ source: 'files', put: [{ path: 'conf/a.yaml', text: entry('a') }], remove: [], synced: true, issues: [] });
    const change = store.apply({ source: 'files', put: [], remove: [], synced: true, issues: [gone] });
    assert.deepEqual([...change.issues], [['source/files', [gone]]]);
    assert.equal(store.objects.size, 1);
    assert.deepEqual(
      [...store.apply({ source: 'files', put: [], remove: [], synced: true, issues: [] }).issues],
      [['source/files', undefined]],
    );
  });
});

describe('order', () => {
  test('an object written twice is given by the last in order, and the other place is told', () => {
    const { put, store, said } = shelf();
    put('b.yaml', entry('a', '  location: MESH_INTERNAL'));
    put('a.yaml', entry('a'));
    assert.equal(store.objects.get(A)!.origin.path, 'b.yaml');
    assert.deepEqual(said(), ['DUPLICATE_OBJECT a.yaml:1:1']);
    assert.match(store.issues()[0]!.message, /written again at b\.yaml:1:1/);
  });

  test('documents without a timestamp are a second younger than the one before, empty documents not counted', () => {
    const { put, store } = shelf();
    put('b.yaml', entry('b'));
    put('a.yaml', `# nothing\n---\n---\n${entry('a')}---\nkind: [\n`, 0);
    assert.equal(store.objects.get(A)!.createdAt, Date.UTC(2024, 0, 1));
    assert.equal(store.objects.get(B)!.createdAt, Date.UTC(2024, 0, 1, 0, 0, 2));
  });

  test('arguments of the command line come in the order given', () => {
    const { put, store } = shelf();
    put('z.yaml', entry('a', '  location: MESH_INTERNAL'), 0);
    put('a.yaml', entry('a'), 1);
    assert.equal(store.objects.get(A)!.origin.path, 'a.yaml');
  });

  test('a file that returns after its removal starts anew', () => {
    const { put, remove, ids } = shelf();
    put('a.yaml', entry('a'));
    remove('a.yaml');
    put('a.yaml', entry('a', ' x: ['));
    assert.deepEqual(ids(), []);
  });
});

const histories = (() => {
  const names = ['a', 'b', 'c', 'd'];
  const document = fc
    .record({ name: fc.constantFrom(...names), internal: fc.boolean(), created: fc.boolean() })
    .map(({ name, internal, created }) => {
      const text = entry(name, ...(internal ? ['  location: MESH_INTERNAL'] : []));
      return created ? text.replace(`  name: ${name}\n`, `  name: ${name}\n  creationTimestamp: "2023-05-05T05:05:05Z"\n`) : text;
    });
  const text = fc.array(document, { maxLength: 3 }).map((documents) => documents.join('---\n'));
  const step = fc.record({ path: fc.constantFrom('x.yaml', 'y.yaml', 'z/x.yaml'), text: fc.option(text, { nil: undefined }) });
  return fc.array(step, { maxLength: 12 });
})();

/** Runs a history; gives the store, what its changes add up to, and the files that are left. */
function replay(steps: readonly { readonly path: string; readonly text: string | undefined }[], options: StoreOptions = {}) {
  const { put, remove, store } = shelf(options);
  const seen = new Map<string, ConfigObject>();
  for (const { path, text } of steps) {
    const change = text === undefined ? remove(path) : put(path, text);
    for (const of of change.objects.values())
      for (const [id, object] of of) {
        if (object === undefined) seen.delete(id);
        else seen.set(id, object);
      }
  }
  const last = new Map(steps.map(({ path, text }) => [path, text]));
  const files: SourceFile[] = [...last].flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]));
  return { store, seen, files };
}

function readAtOnce(files: readonly SourceFile[]) {
  const store = createConfigStore();
  store.apply({ source: 'files', put: files, remove: [], synced: true, issues: [] });
  return store;
}

const sorted = <V>(objects: Iterable<readonly [string, V]>): (readonly [string, V])[] =>
  [...objects].sort(([a], [b]) => (a < b ? -1 : 1));

test('whatever the history of good files, the store is as if they had been read at once', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const { store, seen, files } = replay(steps);
      const fresh = readAtOnce(files.reverse());
      assert.deepEqual(sorted(store.objects), sorted(fresh.objects));
      assert.deepEqual(sorted(seen), sorted(fresh.objects), 'the changes add up');
      assert.deepEqual(store.issues(), fresh.issues());
    }),
    { numRuns: 300 },
  );
});

test('with kept ages likewise, but for the ages, whose order is the same', () => {
  fc.assert(
    fc.property(histories, (steps) => {
      const { store, seen, files } = replay(steps, { keepAges: true });
      const fresh = readAtOnce(files);
      const ageless = (objects: Iterable<readonly [string, ConfigObject]>) =>
        sorted(objects).map(([id, object]) => [id, { ...object, createdAt: 0 }]);
      const order = (objects: ReadonlyMap<string, ConfigObject>) =>
        [...objects.values()].sort(byAge).map((object) => object.key.name);
      assert.deepEqual(ageless(store.objects), ageless(fresh.objects));
      assert.deepEqual(sorted(seen), sorted(store.objects), 'the changes add up');
      assert.deepEqual(order(store.objects), order(fresh.objects));
    }),
    { numRuns: 300 },
  );
});
