import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { OwnClients } from './clients.ts';

test('loopback and the addresses of this machine are ours, others are not (RFC 5358)', async () => {
  const clients = new OwnClients();
  assert.deepEqual([clients.isOwn('127.0.0.9'), clients.isOwn('::1')], [true, true]);
  assert.equal(clients.isOwn('198.51.100.9'), undefined);
  assert.equal(await clients.find('198.51.100.9'), false);
  assert.equal(clients.isOwn('198.51.100.9'), false);
  const own = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ address }) => !address.startsWith('fe80'));
  for (const { address } of own) assert.equal(await clients.find(address), true, address);
  assert.equal(await clients.find('2001:db8::dead'), false);
});
