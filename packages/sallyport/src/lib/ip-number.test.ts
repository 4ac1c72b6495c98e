import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipNumber, ipOfNumber, isCountable } from './ip-number.ts';

test('addresses and numbers stand for each other', () => {
  const check = (address: string, number: bigint) => {
    assert.equal(ipNumber(address), number);
    assert.equal(ipOfNumber(number, address.includes(':') ? 6 : 4), address);
  };
  check('0.0.0.0', 0n);
  check('240.240.0.1', 0xf0f00001n);
  check('255.255.255.255', 0xffffffffn);
  check('::1', 1n);
  check('2001:2::1', (0x20010002n << 96n) + 1n);
  check('2001:2:0:0:1::', (0x20010002n << 96n) + (1n << 48n));
});

test('names, prefixes and zones cannot be counted with', () => {
  for (const text of ['a.example', '10.0.0.0/8', 'fe80::1%eth0', '']) assert.equal(isCountable(text), false, text);
  assert.equal(isCountable('2001:db8::1'), true);
});
