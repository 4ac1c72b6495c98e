import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticNames } from './names.ts';

const names = staticNames({
  'API.example.test.': ['198.51.100.1', '2001:db8::1'],
  'v4.example.test': ['198.51.100.4'],
  '*.example.test': ['198.51.100.9'],
  '*.deep.example.test': ['198.51.100.8'],
});

test('a name is known by any spelling of the table, and each type gets its family', () => {
  assert.deepEqual(names.lookup('api.example.test', 'A'), { kind: 'known', addresses: ['198.51.100.1'] });
  assert.deepEqual(names.lookup('api.example.test', 'AAAA'), { kind: 'known', addresses: ['2001:db8::1'] });
});

test('a known name without addresses of a family, or asked for another type, is known and has none', () => {
  assert.deepEqual(names.lookup('v4.example.test', 'AAAA'), { kind: 'known', addresses: [] });
  assert.deepEqual(names.lookup('v4.example.test', 'TXT'), { kind: 'known', addresses: [] });
});

test('the exact name wins, then the longest wildcard; the wildcard’s own parent is not meant', () => {
  assert.deepEqual(names.lookup('x.example.test', 'A'), { kind: 'known', addresses: ['198.51.100.9'] });
  assert.deepEqual(names.lookup('x.deep.example.test', 'A'), { kind: 'known', addresses: ['198.51.100.8'] });
  assert.deepEqual(names.lookup('example.test', 'A'), { kind: 'unknown' });
  assert.deepEqual(names.lookup('other.test', 'A'), { kind: 'unknown' });
});
