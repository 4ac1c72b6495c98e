import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layered, staticNames } from './names.ts';

const names = staticNames({
  'API.example.test.': ['198.51.100.1', '2001:db8::1'],
  'v4.example.test': ['198.51.100.4'],
  '*.example.test': ['198.51.100.9'],
  '*.deep.example.test': ['198.51.100.8'],
});

const known = (A: readonly string[], AAAA: readonly string[] = []) => ({ kind: 'known', addresses: { A, AAAA } });

test('a name is known by any spelling of the table, with its addresses by family', () => {
  assert.deepEqual(names.lookup('api.example.test'), known(['198.51.100.1'], ['2001:db8::1']));
  assert.deepEqual(names.lookup('v4.example.test'), known(['198.51.100.4']));
});

test('the exact name wins, then the longest wildcard; the wildcard’s own parent is not meant', () => {
  assert.deepEqual(names.lookup('x.example.test'), known(['198.51.100.9']));
  assert.deepEqual(names.lookup('x.deep.example.test'), known(['198.51.100.8']));
  assert.deepEqual(names.lookup('example.test'), { kind: 'unknown' });
  assert.deepEqual(names.lookup('other.test'), { kind: 'unknown' });
});

test('of several tables the first that knows a name has it, and one that is not ready keeps the others from being asked', () => {
  const first = staticNames({ 'v4.example.test': ['192.0.2.1'] });
  assert.deepEqual(layered(first, names).lookup('v4.example.test'), known(['192.0.2.1']));
  assert.deepEqual(layered(first, names).lookup('x.example.test'), known(['198.51.100.9']));
  const waiting = { lookup: () => ({ kind: 'not-ready' }) as const };
  assert.deepEqual(layered(waiting, names).lookup('v4.example.test'), { kind: 'not-ready' });
});
