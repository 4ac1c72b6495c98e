import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inRanges, isPublicName, specialRanges, specialUse } from './special-ranges.ts';

test('addresses that are not of the Internet are told, in every spelling', () => {
  const uses: Readonly<Record<string, string>> = {
    '169.254.169.254': 'link-local',
    '168.63.129.16': 'metadata',
    '100.100.100.200': 'metadata',
    '192.0.0.192': 'reserved',
    '127.9.9.9': 'loopback',
    '0.0.0.0': 'this host',
    '10.1.2.3': 'private',
    '172.31.255.255': 'private',
    '100.64.0.1': 'shared',
    '240.240.0.1': 'reserved',
    '255.255.255.255': 'reserved',
    '::': 'reserved',
    '::1': 'loopback',
    '::ffff:169.254.169.254': 'reserved',
    '64:ff9b::a9fe:a9fe': 'link-local',
    '64:ff9b::a00:1': 'private',
    '2002:a9fe:a9fe::1': 'reserved',
    '2001:0:1::1': 'reserved',
    'fd00:ec2::254': 'private',
    'fe80::1': 'link-local',
    'ff02::1': 'multicast',
  };
  for (const [address, use] of Object.entries(uses)) assert.equal(specialUse(address), use, address);
  for (const address of ['198.51.100.10', '203.0.113.66', '8.8.8.8', '172.32.0.1', '2001:db8::1', '64:ff9b::808:808'])
    assert.equal(specialUse(address), undefined, address);
});

test('what is allowed is taken out of the ranges, and nothing else', () => {
  const ranges = specialRanges(['10.88.0.0/16', 'fd00::/8', '192.0.2.0/24']);
  for (const address of ['10.88.0.1', '10.88.255.255', 'fd00:ec2::254', '192.0.2.1', '8.8.8.8'])
    assert.equal(inRanges(address, ranges), false, address);
  for (const address of ['10.87.255.255', '10.89.0.0', '10.0.0.1', '10.255.255.255', 'fc00::1', '127.0.0.1'])
    assert.equal(inRanges(address, ranges), true, address);
  assert.deepEqual(specialRanges(['0.0.0.0/0', '::/0']), []);
});

test('ranges and uses say the same of every address', () => {
  const ranges = specialRanges([]);
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      assert.equal(inRanges(address, ranges), specialUse(address) !== undefined);
    }),
  );
});

test('private names are none of the public ones', () => {
  for (const name of ['api.example.com', 'a.co.uk', 'example.com.']) assert.equal(isPublicName(name), true, name);
  for (const name of ['db', 'db.internal', 'printer.local', 'x.home.arpa', '10.0.0.1', 'svc.ns.svc.cluster.local'])
    assert.equal(isPublicName(name), false, name);
});
