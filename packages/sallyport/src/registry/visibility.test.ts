import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Visibility } from '../model/index.ts';
import { type EntryVisibility, underCeiling } from './entry-visibility.ts';
import { exportedTo, isVisibleIn, namesAll } from './visibility.ts';

const only = (...names: string[]): Visibility => ({ kind: 'namespaces', names });

test('a star makes everything else moot, a tilde hides, a dot is the own namespace', () => {
  assert.deepEqual(exportedTo(['a', '*', '~'], 'shop', []), { kind: 'public' });
  assert.deepEqual(exportedTo(['a', '~'], 'shop', ['*']), { kind: 'none' });
  assert.deepEqual(exportedTo(['pay', '.', 'shop'], 'shop', ['*']), only('pay', 'shop'));
});

test('no list takes the default of the mesh, and a mesh without default is open', () => {
  assert.deepEqual(exportedTo([], 'shop', ['.']), only('shop'));
  assert.deepEqual(exportedTo(undefined, 'shop', ['~']), { kind: 'none' });
  assert.deepEqual(exportedTo(undefined, 'shop', []), { kind: 'public' });
});

test('one visibility includes another as sets of words: public does not include a namespace', () => {
  assert.equal(namesAll(only('a', 'b'), only('a')), true);
  assert.equal(namesAll({ kind: 'public' }, only('a')), false);
  assert.equal(isVisibleIn({ kind: 'public' }, 'a'), true);
  assert.equal(isVisibleIn({ kind: 'none' }, 'a'), false);
});

const ceiling = (rest: EntryVisibility): EntryVisibility => ({ applyToSidecars: true, ...rest });

test('the operator’s ceiling narrows what entries export and never widens it', () => {
  const namespaceOnly = ceiling({ defaultVisibility: 'NAMESPACE' });
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', {}, namespaceOnly), only('shop'));
  assert.deepEqual(underCeiling(only('pay'), 'shop', {}, namespaceOnly), { kind: 'none' });
  assert.deepEqual(underCeiling({ kind: 'none' }, 'shop', {}, ceiling({ defaultVisibility: 'PUBLIC' })), { kind: 'none' });
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', {}, ceiling({ defaultVisibility: 'NONE' })), { kind: 'none' });
});

test('without applyToSidecars the ceiling is for others', () => {
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', {}, { defaultVisibility: 'NONE' }), { kind: 'public' });
});

test('the first policy whose rules all select the namespace decides', () => {
  const policies = ceiling({
    defaultVisibility: 'NONE',
    policies: [
      { rules: [{ namespaceSelector: { matchLabels: { team: 'a' } } }], visibility: 'NAMESPACE' },
      {
        rules: [{ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['b', 'c'] }] } }],
        visibility: 'PUBLIC',
      },
      { rules: [{ namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Perhaps' }] } }], visibility: 'PUBLIC' },
    ],
  });
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', { team: 'a' }, policies), only('shop'));
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', { team: 'c' }, policies), { kind: 'public' });
  assert.deepEqual(underCeiling({ kind: 'public' }, 'shop', { team: 'z' }, policies), { kind: 'none' });
});
