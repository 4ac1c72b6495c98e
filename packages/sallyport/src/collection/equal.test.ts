import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { structural } from './equal.ts';

const plain = fc.anything({ withMap: false, withSet: false, withTypedArray: false, withNullPrototype: true, maxDepth: 3 });

it('structural equality agrees with the strict deep equality of Node on plain data', () => {
  fc.assert(
    fc.property(plain, plain, (a, b) => {
      assert.equal(structural(a, structuredClone(a)), isDeepStrictEqual(a, structuredClone(a)));
      assert.equal(structural(a, b), isDeepStrictEqual(a, b));
    }),
  );
});

it('structural equality tells bytes, sets and missing fields apart', () => {
  assert.ok(structural(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
  assert.ok(!structural(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert.ok(structural(new Set(['a', 'b']), new Set(['b', 'a'])));
  assert.ok(!structural({ a: undefined }, { b: undefined }));
  assert.ok(!structural([1], { 0: 1 }));
});
