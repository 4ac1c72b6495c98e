import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Counted, countSpans, keepSpans, type Span } from './ages.ts';

const positions = (files: readonly Counted[], spans: readonly Span[]): readonly number[] =>
  files.flatMap(({ count }, i) => Array.from({ length: count }, (_, k) => spans[i]!.start + k * spans[i]!.step));

test('without a past, keeping is counting', () => {
  const files = [{ count: 2 }, { count: 0 }, { count: 3 }];
  assert.deepEqual(positions(files, keepSpans(files)), [0, 1, 2, 3, 4]);
  assert.deepEqual(positions(files, countSpans(files)), [0, 1, 2, 3, 4]);
});

test('a file that goes moves no other, and one that comes moves none either', () => {
  const at = (start: number, count = 1): Counted => ({ count, before: { start, step: 1, count } });
  assert.deepEqual(positions([at(0), at(2)], keepSpans([at(0), at(2)])), [0, 2]);
  const grown = [at(0), { count: 1 }, at(1)];
  assert.deepEqual(positions(grown, keepSpans(grown)), [0, 0.5, 1]);
});

test('whatever happens, positions rise strictly and differ by a millisecond of age at least', () => {
  const change = fc.record({ at: fc.nat(), count: fc.integer({ min: 0, max: 5 }), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      let files: Counted[] = [];
      for (const { at, count, remove } of changes) {
        const i = files.length === 0 ? 0 : at % files.length;
        files = remove ? files.toSpliced(i, 1) : files.toSpliced(i, 0, { count });
        const spans = keepSpans(files);
        const all = positions(files, spans);
        for (const [k, position] of all.entries()) assert.ok(k === 0 || position - all[k - 1]! > 0.0009, `${all}`);
        files = files.map((file, k) => ({ count: file.count, before: { ...spans[k]!, count: file.count } }));
      }
    }),
  );
});
