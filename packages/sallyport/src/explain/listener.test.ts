import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseListener } from './listener.ts';
import { call, indexOf, listener, socketAddress } from './testing/resources.ts';

function check(binds: readonly string[], address: string, expected: readonly [name: string | undefined, by: string]): void {
  const listeners = binds.map((bind) => (bind.startsWith('virtual') ? { ...listener('0.0.0.0:1'), name: bind } : listener(bind)));
  const { listener: found, step } = chooseListener(indexOf({ listeners }), call({ address }));
  assert.deepEqual([found?.name, step.by], expected);
}

test('the exact address wins over wildcards, these over the listener for everything', () => {
  const all = ['virtualOutbound', '0.0.0.0:80', '192.0.2.1:80'];
  check(all, '192.0.2.1', ['192.0.2.1:80', 'exact']);
  check(all, '192.0.2.2', ['0.0.0.0:80', 'wildcard']);
  check(['virtualOutbound', '0.0.0.0:81', '192.0.2.1:81'], '192.0.2.1', ['virtualOutbound', 'catchAll']);
  check(['0.0.0.0:81'], '192.0.2.1', [undefined, 'none']);
});

test('IPv6 calls prefer the IPv6 wildcard and fall back to 0.0.0.0; IPv4 calls never take the IPv6 one', () => {
  check([':::80', '0.0.0.0:80'], '2001:db8::1', [':::80', 'wildcard']);
  check(['0.0.0.0:80'], '2001:db8::1', ['0.0.0.0:80', 'any']);
  check([':::80'], '192.0.2.1', [undefined, 'none']);
});

test('an IPv6 address is the same however it is spelled', () => {
  check(['2001:db8:0:0::1:80', '0.0.0.0:80'], '2001:0DB8::1', ['2001:db8:0:0::1:80', 'exact']);
});

test('additional addresses count like the first', () => {
  const both = listener('192.0.2.1:80', { additionalAddresses: [{ address: socketAddress('192.0.2.2:80') }] });
  const index = indexOf({ listeners: [both] });
  assert.equal(chooseListener(index, call({ address: '192.0.2.2' })).listener?.name, '192.0.2.1:80');
  assert.equal(chooseListener(index, call({ address: '192.0.2.3' })).listener, undefined);
});

test('inbound calls arrive at virtualInbound and nowhere else', () => {
  const inbound = { ...listener('0.0.0.0:15006'), name: 'virtualInbound' };
  const listeners = [listener('0.0.0.0:80'), inbound];
  assert.equal(chooseListener(indexOf({ listeners }), call({ inbound: true })).listener?.name, 'virtualInbound');
  assert.deepEqual(chooseListener(indexOf({ listeners: [listener('0.0.0.0:80')] }), call({ inbound: true })).step, {
    at: 'listener',
    tried: ['virtualInbound'],
    by: 'none',
  });
});

test('the step lists what was looked for, in order', () => {
  const tried = (address: string) => chooseListener(indexOf({}), call({ address })).step.tried;
  assert.deepEqual(tried('192.0.2.1'), ['192.0.2.1:80', '0.0.0.0:80', 'virtualOutbound']);
  assert.deepEqual(tried('2001:db8::1'), ['[2001:db8::1]:80', '[::]:80', '0.0.0.0:80', 'virtualOutbound']);
});
