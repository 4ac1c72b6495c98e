import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Few, hasMember, membersOf, withMember, withoutMember } from './few.ts';

test('few members are a set, however many come and go', () => {
  const step = fc.record({ adds: fc.boolean(), member: fc.nat(12).map(String) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let few: Few<string>;
      const set = new Set<string>();
      for (const { adds, member } of steps) {
        few = adds ? withMember(few, member) : withoutMember(few, member);
        if (adds) set.add(member);
        else set.delete(member);
        assert.equal(hasMember(few, member), adds);
        assert.deepEqual(new Set(membersOf(few)), set);
        assert.equal(few === undefined, set.size === 0);
      }
    }),
  );
});
