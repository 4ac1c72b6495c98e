import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionVectors, noVectors } from '../registry/testing/conformance.ts';
import { bySpecificity, isSubsetOf, overlaps, selects, wildcardsOf } from './host.ts';

test('wildcards are tried from the most specific to the star', () => {
  assert.deepEqual([...wildcardsOf('a.b.c')], ['*.b.c', '*.c', '*']);
  assert.deepEqual([...wildcardsOf('*.b.c')], ['*.c', '*']);
  assert.deepEqual([...wildcardsOf('*')], []);
});

const pairs = (fn: string, ours: (a: string, b: string) => boolean) => {
  for (const { args, result } of functionVectors('host-matching', fn)) {
    const [a, b] = args as [string, string];
    assert.equal(ours(a, b), result.value, `${fn}(${a}, ${b})`);
  }
};

test('hosts match, contain each other and are ordered as in Istio', { skip: noVectors }, () => {
  pairs('hostMatches', overlaps);
  pairs('hostSubsetOf', isSubsetOf);
  for (const { args, result } of functionVectors('host-matching', 'hostsSort'))
    assert.deepEqual([...(args[0] as string[])].sort(bySpecificity), result.value);
});

test('labels select as in Istio', { skip: noVectors }, () => {
  for (const { args, result } of functionVectors('labels', 'labelsSubsetOf')) {
    const [selector, labels] = args as (Record<string, string> | null)[];
    assert.equal(selects(selector ?? {}, labels ?? {}), result.value, JSON.stringify(args));
  }
});
