import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResolvConf, systemServers } from './resolv-conf.ts';

test('servers are read in order; comments, options and what is no address are not servers', () => {
  const text =
    '# nameserver 9.9.9.9\nsearch corp.test\n  nameserver 192.0.2.1 \nnameserver fe80::1%eth0\nnameserver dns.test\noptions edns0\n';
  assert.deepEqual(parseResolvConf(text), [
    { address: '192.0.2.1', port: 53 },
    { address: 'fe80::1%eth0', port: 53 },
  ]);
});

test('the resolver itself is left out, but only on its own port', () => {
  const text = 'nameserver 127.0.0.1\nnameserver 192.0.2.1\n';
  assert.deepEqual(parseResolvConf(text, [{ address: '127.0.0.1', port: 53 }]), [{ address: '192.0.2.1', port: 53 }]);
  assert.equal(parseResolvConf(text, [{ address: '127.0.0.1', port: 15053 }]).length, 2);
});

test('a machine without the file has no servers', async () => {
  assert.deepEqual(await systemServers([], '/nowhere/resolv.conf'), []);
});
