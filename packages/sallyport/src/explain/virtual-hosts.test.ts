import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexOf } from './testing/resources.ts';
import { virtualHostsOf } from './virtual-hosts.ts';

test('every domain is told with the clusters behind it, sorted, each once', () => {
  const match = { prefix: '/' };
  const routes = [
    { match, route: { cluster: 'b' } },
    {
      match,
      route: {
        weightedClusters: {
          clusters: [
            { name: 'a', weight: 1 },
            { name: 'b', weight: 1 },
          ],
        },
      },
    },
    { match, redirect: {} },
  ];
  const virtualHosts = [
    { name: 'x', domains: ['x.example', 'x'], routes },
    { name: 'none', domains: ['*'], routes: [{ match, directResponse: { status: 502 } }] },
  ];
  assert.deepEqual(virtualHostsOf(indexOf({ routes: [{ name: '80', virtualHosts }] }), '80'), {
    'x.example': ['a', 'b'],
    x: ['a', 'b'],
    '*': [],
  });
});

test('a configuration that is not there has no domains', () => {
  assert.equal(virtualHostsOf(indexOf({}), '80'), undefined);
});
