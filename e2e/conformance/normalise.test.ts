import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences, normalise } from './normalise.ts';

const compare = (ours: Parameters<typeof normalise>[0], theirs: Parameters<typeof normalise>[0]) =>
  differences(normalise(ours), normalise(theirs));

test('what is a set is compared as one, whatever the order and however often something is said', () => {
  assert.deepEqual(compare({ ips: ['b', 'a'] }, { ips: ['a', 'b', 'a'] }), []);
  assert.deepEqual(compare({ ips: ['a'] }, { ips: ['a', 'c'] }), ['.ips[1]: ours (absent) | theirs "c"']);
});

test('an endpoint that stands there twice is not the same as one', () => {
  const endpoint = { endpoint: { address: '192.0.2.1' } };
  assert.equal(compare({ lbEndpoints: [endpoint] }, { lbEndpoints: [endpoint, endpoint] }).length, 1);
});

test('a list whose order means something keeps it', () => {
  assert.equal(compare({ routes: ['a', 'b'] }, { routes: ['b', 'a'] }).length, 2);
});

test('what only names objects needs no equality, everything else in metadata does', () => {
  const metadata = (workload: string, external: boolean) => ({ filterMetadata: { istio: { workload, external } } });
  assert.deepEqual(compare(metadata('a;b', true), metadata('c;d', true)), []);
  assert.equal(compare(metadata('a;b', true), metadata('a;b', false)).length, 1);
});
