import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sanitizedName } from './names.ts';

test('names are made of parts as Gloo publishes them, long ones with a hash', () => {
  assert.equal(
    sanitizedName('externalservice', 'httpbin', 'ns', 'cluster1', 'httpbin.org', 'web'),
    'externalservice-httpbin-ns-cluster1-httpbin-org-web',
  );
  assert.equal(sanitizedName('vd', '*.Example.com/x', 'w'), 'vd---example-com-x-w');
  const long = sanitizedName('externalservice', 'a'.repeat(60));
  assert.equal(long.length, 63);
  assert.match(long, /^externalservice-aaaaaaaaaaaaaaa-[0-9a-f]{31}$/);
  assert.notEqual(long, sanitizedName('externalservice', 'a'.repeat(61)));
  assert.equal(sanitizedName('a'.repeat(63)).length, 63);
  assert.match(sanitizedName('a'.repeat(63)), /^a+$/);
});
