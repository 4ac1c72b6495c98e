import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGraph } from './index.ts';

function twoTables() {
  const graph = createGraph();
  const first = graph.input<number>('first');
  const second = graph.input<number>('second');
  const both = graph.union('both', first, second);
  const odd = graph.index('odd', both, (n) => (n % 2 === 1 ? ['odd'] : []));
  const doubled = graph.derive('doubled', both, (n, key) => [[key, 2 * n]]);
  return { graph, first, second, both, odd, doubled };
}

test('a union has the rows of its tables, and what is made from it follows them', () => {
  const { graph, first, second, both, odd, doubled } = twoTables();
  graph.commit((tx) => {
    tx.set(first, 'a', 1);
    tx.set(second, 'b', 2);
  });
  assert.deepEqual(
    [...both.entries()],
    [
      ['a', 1],
      ['b', 2],
    ],
  );
  assert.deepEqual([...odd.at('odd')], ['a']);
  graph.commit((tx) => tx.set(first, 'a', undefined));
  assert.deepEqual([...doubled.entries()], [['b', 4]]);
});

test('for a key in both, the table named first wins and the other takes over when it goes', () => {
  const { graph, first, second, both } = twoTables();
  graph.commit((tx) => tx.set(second, 'a', 2));
  graph.commit((tx) => tx.set(first, 'a', 1));
  assert.equal(both.get('a'), 1);
  graph.commit((tx) => tx.set(first, 'a', undefined));
  assert.equal(both.get('a'), 2);
});

test('a row that moves from one table to the other within a commit is no change', () => {
  const { graph, first, second, both } = twoTables();
  graph.commit((tx) => tx.set(first, 'a', 1));
  let changes = -1;
  graph.onCommit((commit) => {
    changes = commit.diff(both).size;
  });
  graph.commit((tx) => {
    tx.set(first, 'a', undefined);
    tx.set(second, 'a', 1);
  });
  assert.equal(changes, 0);
});

test('a union made over filled tables has their rows, and says where one came from', () => {
  const { graph, first, second } = twoTables();
  graph.commit((tx) => tx.set(second, 'b', 2));
  const late = graph.union('late', first, second);
  assert.deepEqual([...late.entries()], [['b', 2]]);
  assert.deepEqual(graph.why(late, 'b'), { from: 'late', key: 'b', read: [{ from: 'second', key: 'b', read: [] }] });
});

test('whatever the history, a union is what its tables say', () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const write = fc.record({ key, toFirst: fc.boolean(), row: fc.option(fc.nat(3), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 10 }), (commits) => {
      const { graph, first, second, both } = twoTables();
      for (const writes of commits)
        graph.commit((tx) => {
          for (const { key: at, toFirst, row } of writes) tx.set(toFirst ? first : second, at, row);
        });
      for (const at of ['a', 'b', 'c']) assert.equal(both.get(at), first.get(at) ?? second.get(at));
    }),
  );
});
