import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGraph, structural } from './index.ts';

/** Questions → answers from outside → rows that read both. */
function asking() {
  const graph = createGraph();
  const objects = graph.input<string>('objects');
  const questions = graph.derive('questions', objects, (text, key) => (text === '' ? [] : [[key, text]]));
  const answers = graph.answer<string, number>('answers', questions, structural);
  const rows = graph.derive('rows', objects, (text, key, read) => [[key, `${text} ${read.get(answers, key) ?? '-'}`]]);
  const seen: string[] = [];
  graph.onCommit((commit) => {
    for (const [key, { before, after }] of commit.diff(rows)) seen.push(`${key}: ${before ?? ''} → ${after ?? ''}`);
  });
  const set = (...given: readonly (readonly [string, string | undefined])[]) =>
    graph.commit((tx) => {
      for (const [key, text] of given) tx.set(objects, key, text);
    });
  return { graph, answers, rows, seen, set };
}

test('what is answered is there in the commit that asked, before anything reads it, and observers see one change', () => {
  const { answers, seen, set } = asking();
  answers.by((changes, put) => {
    for (const [key, { after }] of changes) put(key, after?.length);
  });
  set(['a', 'xyz'], ['b', '']);
  set(['a', 'xy']);
  set(['a', undefined]);
  assert.deepEqual(seen, ['a:  → xyz 3', 'b:  →  -', 'a: xyz 3 → xy 2', 'a: xy 2 → ']);
  assert.equal(answers.size, 0);
});

test('an answer may come later, in a commit that asks nothing', () => {
  const { graph, answers, seen, set } = asking();
  let ready = false;
  const waiting = new Set<string>();
  answers.by((changes, put) => {
    for (const key of changes.keys()) waiting.add(key);
    for (const key of ready ? waiting : []) put(key, 7);
  });
  set(['a', 'x']);
  ready = true;
  graph.commit(() => {});
  assert.deepEqual(seen, ['a:  → x -', 'a: x - → x 7']);
});

test('whoever answers and throws is a defect that is kept, and the commit goes on', () => {
  const { graph, answers, rows, set } = asking();
  let broken = true;
  answers.by((changes, put) => {
    if (broken) throw new Error('no answer');
    for (const key of changes.keys()) put(key, 1);
  });
  set(['a', 'x']);
  assert.equal(rows.get('a'), 'x -');
  assert.deepEqual(
    [...graph.failures.entries()].map(([, { collection, message }]) => [collection, message]),
    [['answers', 'no answer']],
  );
  broken = false;
  set(['a', 'y']);
  assert.equal(rows.get('a'), 'y 1');
  assert.equal(graph.failures.size, 0);
});
