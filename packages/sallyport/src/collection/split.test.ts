import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGraph, structural } from './index.ts';

interface Pair {
  readonly left: number;
  readonly right: readonly string[];
}

function halves() {
  const graph = createGraph();
  const pairs = graph.input<Pair>('pairs', structural);
  const lefts = graph.split('lefts', pairs, ({ left }, key) => [[key, left]]);
  const rights = graph.split('rights', pairs, ({ right }, key) => right.map((text) => [`${key}/${text}`, { text }]), structural);
  const doubled = graph.derive('doubled', lefts, (n, key) => [[key, 2 * n]]);
  const put = (key: string, row: Pair | undefined) => {
    let work = {};
    const stop = graph.onCommit(({ recomputed, changed }) => {
      work = { recomputed: Object.fromEntries(recomputed), changed: Object.fromEntries(changed) };
    });
    graph.commit((tx) => tx.set(pairs, key, row));
    stop();
    return work;
  };
  return { graph, pairs, lefts, rights, doubled, put };
}

test('each part is a row, and who depends on one hears of no change to another', () => {
  const { put, rights, doubled } = halves();
  put('a', { left: 1, right: ['x', 'y'] });
  assert.deepEqual([[...doubled.entries()], [...rights.keys()]], [[['a', 2]], ['a/x', 'a/y']]);
  const work = put('a', { left: 1, right: ['y', 'z'] });
  assert.deepEqual(work, { recomputed: {}, changed: { pairs: 1, rights: 2 } });
  assert.deepEqual([...rights.keys()].sort(), ['a/y', 'a/z']);
});

test('parts go with the row that they were parts of', () => {
  const { put, lefts, rights, doubled } = halves();
  put('a', { left: 1, right: ['x'] });
  put('a', undefined);
  assert.deepEqual([lefts.size, rights.size, doubled.size], [0, 0, 0]);
});

test('a split made over a filled table has its parts, and says which row one belongs to', () => {
  const { graph, pairs, put } = halves();
  put('a', { left: 1, right: ['x'] });
  const late = graph.split('late', pairs, ({ right }) => right.map((text) => [text, text]));
  assert.deepEqual(graph.why(late, 'x'), { from: 'late', key: 'x', read: [{ from: 'pairs', key: 'a', read: [] }] });
});
