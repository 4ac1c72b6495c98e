import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateLegacy } from './allocate.ts';

const v4 = (...names: string[]) => Object.fromEntries([...allocateLegacy(names)].map(([name, [address]]) => [name, address]));

test('names get the addresses that Istio gives them (spec/istio.md 3.1)', () => {
  assert.deepEqual(allocateLegacy(['/foo.com']).get('/foo.com'), ['240.240.227.81', '2001:2::f0f0:e351']);
  assert.deepEqual(v4('a/a.example.com', 'b/a.example.com'), {
    'a/a.example.com': '240.240.134.206',
    'b/a.example.com': '240.240.41.100',
  });
});

test('of two names with one hash the later one is moved', () => {
  assert.deepEqual(v4('/a17061.example.com', '/a44155.example.com'), {
    '/a17061.example.com': '240.240.25.11',
    '/a44155.example.com': '240.240.31.17',
  });
});

test('a second entry for a host moves the address of both, the defect that this allocator is kept for', () => {
  assert.deepEqual(v4('default/istio.io'), { 'default/istio.io': '240.240.122.168' });
  assert.deepEqual(v4('default/istio.io', 'default/istio.io'), { 'default/istio.io': '240.240.91.120' });
});

test('a full table gives every name an address of its own, and one name more gets none', () => {
  const names = Array.from({ length: 65025 }, (_, i) => `/host-${i}.example.com`);
  const given = allocateLegacy(names);
  const addresses = new Set([...given.values()].map(([address]) => address));
  assert.equal(addresses.size, given.size);
  assert.ok(given.size > 65000, `${given.size}`);
  assert.equal(given.has('/host-65024.example.com'), false);
});
