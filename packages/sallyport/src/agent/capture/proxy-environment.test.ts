import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyEnvironment } from './proxy-environment.ts';

test('both spellings name the proxy, what else was set stays, and old exceptions do not', () => {
  const env = proxyEnvironment(15080, { HOME: '/h', NO_PROXY: '*', http_proxy: 'http://old' });
  assert.deepEqual([env['http_proxy'], env['HTTPS_PROXY'], env['all_proxy']], Array(3).fill('http://127.0.0.1:15080'));
  assert.deepEqual([env['HOME'], env['NO_PROXY']], ['/h', 'localhost,127.0.0.1,::1']);
});
