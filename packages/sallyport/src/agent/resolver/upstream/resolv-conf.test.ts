import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResolvConf, systemResolvConf } from './resolv-conf.ts';

test('servers are read in order; comments, options and what is no address are not servers', () => {
  const text =
    '# nameserver 9.9.9.9\nsearch corp.test\n  nameserver 192.0.2.1 # first\nnameserver fe80::1%eth0\nnameserver dns.test\noptions edns0\n';
  assert.deepEqual(parseResolvConf(text).servers, [
    { address: '192.0.2.1', port: 53 },
    { address: 'fe80::1%eth0', port: 53 },
  ]);
});

test('of several lists of search domains the last one counts, in lower case and without final dots', () => {
  const text = 'domain old.test\nsearch Shop.svc.cluster.local. svc.cluster.local\n';
  assert.deepEqual(parseResolvConf(text).search, ['shop.svc.cluster.local', 'svc.cluster.local']);
  assert.deepEqual(parseResolvConf('search .\n').search, []);
});

test('servers are asked in another order where the file says so', () => {
  const text = 'nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions timeout:1 rotate\n';
  const falling = [0.9, 0.1];
  const { servers } = parseResolvConf(text, [], () => falling.shift() ?? 0);
  assert.deepEqual(
    servers.map(({ address }) => address),
    ['192.0.2.2', '192.0.2.1'],
  );
});

test('the resolver itself is left out, but only on its own port', () => {
  const text = 'nameserver 127.0.0.1\nnameserver 192.0.2.1\n';
  assert.deepEqual(parseResolvConf(text, [{ address: '127.0.0.1', port: 53 }]).servers, [{ address: '192.0.2.1', port: 53 }]);
  assert.equal(parseResolvConf(text, [{ address: '127.0.0.1', port: 15053 }]).servers.length, 2);
});

test('a machine without the file has no servers', async () => {
  assert.deepEqual(await systemResolvConf([], '/nowhere/resolv.conf'), { servers: [], search: [] });
});
