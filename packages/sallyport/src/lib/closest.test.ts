import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closest, editDistance } from './closest.ts';

test('the nearest candidate is proposed, and none if all are far', () => {
  const fields = ['hosts', 'ports', 'resolution', 'exportTo', 'subjectAltNames'];
  assert.equal(closest('host', fields), 'hosts');
  assert.equal(closest('resloution', fields), 'resolution');
  assert.equal(closest('export_to', fields), 'exportTo');
  assert.equal(closest('Hosts', fields), 'hosts');
  assert.equal(closest('timeout', fields), undefined);
  assert.equal(closest('x', fields), undefined);
});

test('the distance is symmetric, zero for equal texts only, and never above the longer text', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b, 100);
      assert.equal(distance, editDistance(b, a, 100));
      assert.equal(distance === 0, a === b);
      assert.ok(distance <= Math.max(a.length, b.length));
    }),
  );
});
