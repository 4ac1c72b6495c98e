import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createGraph, inputsOf, structural } from './index.ts';
import { contentOf, type Entry, type ToyMesh, toyMesh } from './testing/toy-mesh.ts';

type Step =
  | { readonly to: 'entries'; readonly key: string; readonly row: Entry | undefined }
  | { readonly to: 'weights'; readonly key: string; readonly row: number | undefined }
  | { readonly to: 'classes'; readonly key: string; readonly row: readonly string[] | undefined };

const namespace = fc.constantFrom('a', 'b', 'c');
const host = fc.constantFrom('x.example', 'y.example', 'z.example');
const entry = fc.record({ namespace, host, port: fc.constantFrom(80, 443), weight: fc.nat(3) });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    to: fc.constant('entries' as const),
    key: fc.constantFrom('e1', 'e2', 'e3', 'e4', 'e5'),
    row: fc.option(entry, { nil: undefined }),
  }),
  fc.record({ to: fc.constant('weights' as const), key: host, row: fc.option(fc.nat(5), { nil: undefined }) }),
  fc.record({
    to: fc.constant('classes' as const),
    key: fc.constantFrom('c1', 'c2'),
    row: fc.option(fc.uniqueArray(namespace), { nil: undefined }),
  }),
);
const histories = fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 10 });

function play(mesh: ToyMesh, steps: readonly Step[]): void {
  mesh.graph.commit((tx) => {
    for (const s of steps) tx.set(mesh[s.to] as never, s.key, s.row as never);
  });
}

function fromScratch(mesh: ToyMesh): ToyMesh {
  const fresh = toyMesh();
  fresh.graph.commit((tx) => {
    for (const name of ['classes', 'weights', 'entries'] as const)
      for (const [key, row] of mesh[name].entries()) tx.set(fresh[name] as never, key, row as never);
  });
  return fresh;
}

function incrementalEqualsFromScratch(tracking: boolean): (history: readonly (readonly Step[])[]) => void {
  return (history) => {
    const mesh = toyMesh({ tracking });
    for (const steps of history) {
      play(mesh, steps);
      assert.deepEqual(contentOf(mesh), contentOf(fromScratch(mesh)));
    }
  };
}

describe('the graph', () => {
  it('gives after every commit of 2,500 random histories what a fresh build gives', () => {
    fc.assert(fc.property(histories, incrementalEqualsFromScratch(true)), { numRuns: 2500 });
  });

  it('would not, if reads were not tracked: the property has teeth', () => {
    assert.throws(
      () => fc.assert(fc.property(histories, incrementalEqualsFromScratch(false)), { numRuns: 2500 }),
      /Property failed/,
    );
  });

  it('reports in diffs exactly what changed between two commits', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const mesh = toyMesh();
        let last = contentOf(mesh);
        const told: Record<string, Record<string, unknown>> = structuredClone(last) as never;
        mesh.graph.onCommit((commit) => {
          for (const collection of mesh.derived)
            for (const [key, change] of commit.diff(collection)) {
              assert.deepEqual(change.before, told[collection.name]?.[key]);
              if (change.after === undefined) delete told[collection.name]![key];
              else told[collection.name]![key] = change.after;
            }
        });
        for (const steps of history) play(mesh, steps);
        last = contentOf(mesh);
        for (const name of Object.keys(told)) assert.deepEqual(told[name], last[name]);
      }),
    );
  });
});

describe('a commit', () => {
  it('recomputes only the rows that read what changed, and stops where output is equal', () => {
    const mesh = toyMesh();
    let recomputed = new Map<string, number>();
    mesh.graph.onCommit((commit) => {
      recomputed = new Map(commit.recomputed);
    });
    play(mesh, [
      { to: 'classes', key: 'c1', row: ['a'] },
      { to: 'entries', key: 'e1', row: { namespace: 'a', host: 'x.example', port: 80, weight: 1 } },
      { to: 'entries', key: 'e2', row: { namespace: 'b', host: 'y.example', port: 80, weight: 1 } },
    ]);
    play(mesh, [{ to: 'entries', key: 'e2', row: { namespace: 'b', host: 'y.example', port: 80, weight: 2 } }]);
    // The service is equal, so visibility is not looked at; nobody imports namespace b, so no table reads the weight.
    assert.deepEqual(
      [...recomputed],
      [
        ['services', 1],
        ['effective', 1],
      ],
    );
    play(mesh, [{ to: 'entries', key: 'e2', row: { namespace: 'b', host: 'y.example', port: 80, weight: 2 } }]);
    assert.deepEqual([...recomputed], []);
  });

  it('shows observers all of a change or nothing', () => {
    const graph = createGraph();
    const left = graph.input<number>('left');
    const right = graph.input<number>('right');
    const sum = graph.derive('sum', left, (l, key, read) => [[key, l + (read.get(right, key) ?? 0)]]);
    const seen: unknown[] = [];
    graph.onCommit(() => seen.push([left.get('k'), right.get('k'), sum.get('k')]));
    graph.commit((tx) => {
      tx.set(left, 'k', 1);
      tx.set(right, 'k', 2);
    });
    assert.deepEqual(seen, [[1, 2, 3]]);
  });

  it('leaves nothing behind when its writer throws', () => {
    const graph = createGraph();
    const rows = graph.input<number>('rows');
    assert.throws(() =>
      graph.commit((tx) => {
        tx.set(rows, 'k', 1);
        throw new Error('half-way');
      }),
    );
    assert.equal(rows.get('k'), undefined);
  });

  it('refuses to run inside another', () => {
    const graph = createGraph();
    graph.onCommit(() => graph.commit(() => {}));
    assert.throws(() => graph.commit(() => {}), /observers must not write/);
  });

  it('tells of a row that was removed and came back the same within it that nothing happened', () => {
    const graph = createGraph();
    const rows = graph.input<{ n: number }>('rows', structural);
    let changes = -1;
    graph.onCommit((commit) => {
      changes = commit.diff(rows).size;
    });
    graph.commit((tx) => tx.set(rows, 'k', { n: 1 }));
    graph.commit((tx) => {
      tx.set(rows, 'k', undefined);
      tx.set(rows, 'k', { n: 1 });
    });
    assert.equal(changes, 0);
  });
});

describe('a derivation', () => {
  it('that throws keeps its last output, is reported, and mends itself when a read changes', () => {
    const graph = createGraph();
    const rows = graph.input<number>('rows');
    const limit = graph.input<number>('limit');
    const checked = graph.derive('checked', rows, (row, key, read) => {
      if (row > (read.get(limit, 'max') ?? 10)) throw new Error(`${row} is too much`);
      return [[key, row]];
    });
    graph.commit((tx) => tx.set(rows, 'k', 5));
    graph.commit((tx) => tx.set(rows, 'k', 50));
    assert.equal(checked.get('k'), 5);
    assert.deepEqual(
      [...graph.failures.entries()].map(([, f]) => f),
      [{ collection: 'checked', key: 'k', message: '50 is too much' }],
    );
    graph.commit((tx) => tx.set(limit, 'max', 100));
    assert.equal(checked.get('k'), 50);
    assert.equal(graph.failures.size, 0);
  });

  it('may not read what is created after it', () => {
    const graph = createGraph();
    const rows = graph.input<number>('rows');
    const later: { table?: ReturnType<typeof graph.input<number>> } = {};
    graph.derive('early', rows, (_, key, read) => [[key, read.get(later.table!, key)]]);
    later.table = graph.input<number>('later');
    graph.commit((tx) => tx.set(rows, 'k', 1));
    assert.match([...graph.failures.entries()][0]![1].message, /early reads later, which is created after it/);
  });

  it('gives a key that two rows make to the row with the smaller key, whichever came first, and says so', () => {
    const graph = createGraph();
    const rows = graph.input<number>('rows');
    const all = graph.derive('all', rows, (row) => [['one', row]]);
    graph.commit((tx) => tx.set(rows, 'b', 2));
    graph.commit((tx) => tx.set(rows, 'a', 1));
    assert.equal(all.get('one'), 1);
    assert.equal(graph.failures.size, 1);
    graph.commit((tx) => tx.set(rows, 'a', undefined));
    assert.equal(all.get('one'), 2);
    assert.equal(graph.failures.size, 0);
  });
});

describe('why', () => {
  it('leads from a row to the input rows that made it', () => {
    const mesh = toyMesh();
    play(mesh, [
      { to: 'classes', key: 'c1', row: ['a'] },
      { to: 'entries', key: 'e1', row: { namespace: 'a', host: 'x.example', port: 80, weight: 1 } },
      { to: 'entries', key: 'e2', row: { namespace: 'a', host: 'y.example', port: 443, weight: 1 } },
    ]);
    const tables = mesh.derived.find((c) => c.name === 'tables')!;
    const reason = mesh.graph.why(tables, 'c1|80')!;
    assert.deepEqual([...inputsOf(reason, new Set(['entries']))], [{ from: 'entries', key: 'e1' }]);
    assert.equal(mesh.graph.why(tables, 'absent'), undefined);
  });
});
