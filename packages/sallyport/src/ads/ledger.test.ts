import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Ledger, marks } from './ledger.ts';

describe('a ledger', () => {
  it('is a value: whatever is made from it, it says what it said', () => {
    const change = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.nat({ max: 3 }), { nil: undefined }));
    const steps = fc.array(
      fc.record({ from: fc.nat({ max: 20 }), changes: fc.array(change, { maxLength: 4 }), read: fc.nat({ max: 20 }) }),
    );
    fc.assert(
      fc.property(steps, (history) => {
        const made = [{ ledger: new Ledger<number>(), rows: new Map<string, number>() }];
        for (const { from, changes, read } of history) {
          const { ledger, rows } = made[from % made.length] ?? made[0]!;
          const after = new Map(rows);
          for (const [name, value] of changes) {
            if (value === undefined) after.delete(name);
            else after.set(name, value);
          }
          made.push({ ledger: ledger.with(changes), rows: after });
          const seen = made[read % made.length]!;
          assert.deepEqual(new Map(seen.ledger.entries()), seen.rows);
        }
        for (const { ledger, rows } of made) assert.deepEqual(new Map([...ledger.keys()].map((k) => [k, ledger.get(k)])), rows);
      }),
    );
  });

  it('is the same when nothing changes', () => {
    const ledger = new Ledger([['a', 1]]);
    assert.equal(
      ledger.with([
        ['a', 1],
        ['b', undefined],
      ]),
      ledger,
    );
    assert.deepEqual([...new Ledger<true>().with(marks(['x', 'y'])).keys()], ['x', 'y']);
  });
});
