import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCidr } from '../lib/ip.ts';
import type { AddressClaim } from '../model/index.ts';
import { addressFor } from './choose.ts';
import { Ledger } from './ledger.ts';
import { settle, type Terms } from './settle.ts';

const HOUR = 3_600_000;
const terms = (now: number, more: Partial<Terms> = {}): Terms => ({
  prefixes: { 4: parseCidr('243.0.0.0/16')!, 6: parseCidr('fd73:616c:6c79::/96')! },
  restMs: 24 * HOUR,
  now,
  ...more,
});
const claim = (host: string, imported: readonly string[] = [], createdAt = 0): AddressClaim => ({ host, imported, createdAt });

/** A ledger after these claims, each list a change of its own at its time. */
function after(
  ...changes: readonly { readonly claims?: readonly AddressClaim[]; readonly gone?: readonly string[]; readonly at: number }[]
) {
  const ledger = new Ledger();
  for (const { claims = [], gone = [], at } of changes) ledger.take(settle(ledger, claims, gone, terms(at)).steps);
  return ledger;
}
const addresses = (ledger: Ledger, host: string) => ledger.holding(host)?.addresses;

describe('settle', () => {
  test('gives a host one address of each family, in the prefixes, and always the same ones', () => {
    const ledger = after({ claims: [claim('db.example.com')], at: 7 });
    const [four, six] = addresses(ledger, 'db.example.com')!;
    assert.match(four!, /^243\.0\.\d+\.\d+$/);
    assert.match(six!, /^fd73:616c:6c79::[0-9a-f]+:[0-9a-f]+$/);
    assert.deepEqual(ledger.holding('db.example.com'), {
      host: 'db.example.com',
      addresses: [four, six],
      since: 7,
      from: 'ledger',
    });
    assert.deepEqual(addresses(after({ claims: [claim('db.example.com')], at: 99 }), 'db.example.com'), [four, six]);
  });

  test('has nothing to do for a host that has what it wants', () => {
    const ledger = after({ claims: [claim('a.example')], at: 1 });
    assert.deepEqual(settle(ledger, [claim('a.example')], [], terms(2)).steps, []);
  });

  test('takes over what a status gives, completes it, and lets the older of two have it', () => {
    const ledger = after({
      claims: [claim('young.example', ['240.240.0.1'], 5), claim('old.example', ['240.240.0.1'], 3)],
      at: 1,
    });
    assert.equal(addresses(ledger, 'old.example')?.[0], '240.240.0.1');
    assert.equal(ledger.holding('old.example')?.from, 'status');
    assert.equal(addresses(ledger, 'old.example')?.length, 2);
    assert.match(addresses(ledger, 'young.example')![0]!, /^243\./);
  });

  test('does not take an address from its owner for whoever comes later with an older status', () => {
    const ledger = after(
      { claims: [claim('first.example', ['240.240.0.1'], 9)], at: 1 },
      { claims: [claim('older.example', ['240.240.0.1'], 1)], at: 2 },
    );
    assert.equal(ledger.ownerOf('240.240.0.1'), 'first.example');
  });

  test('lets addresses rest, gives them back to their host, and forgets it only when another needs them', () => {
    const only: Partial<Terms> = { prefixes: { 4: parseCidr('243.0.0.8/30')!, 6: parseCidr('fd73::8/126')! } };
    const ledger = new Ledger();
    const step = (at: number, claims: readonly string[], gone: readonly string[] = []) => {
      const settled = settle(
        ledger,
        claims.map((host) => claim(host)),
        gone,
        terms(at, only),
      );
      ledger.take(settled.steps);
      return settled;
    };
    step(0, ['a.example', 'b.example']);
    const had = addresses(ledger, 'a.example');
    step(HOUR, [], ['a.example']);
    const early = step(2 * HOUR, ['c.example']);
    assert.deepEqual([...early.usedUp], [['c.example', [4, 6]]]);
    assert.equal(early.retryAt, 25 * HOUR);
    assert.equal(addresses(ledger, 'c.example'), undefined);
    step(3 * HOUR, ['a.example']);
    assert.deepEqual(addresses(ledger, 'a.example'), had);
    step(4 * HOUR, [], ['a.example']);
    assert.equal(step(28 * HOUR - 1, ['c.example']).usedUp.size, 1);
    assert.equal(step(28 * HOUR, ['c.example']).usedUp.size, 0);
    assert.deepEqual(addresses(ledger, 'c.example'), had);
    assert.equal(ledger.holding('a.example'), undefined);
  });

  test('keeps an address that rests although the clock went back', () => {
    const ledger = after({ claims: [claim('a.example')], at: 100 * HOUR }, { gone: ['a.example'], at: 100 * HOUR });
    const only = { prefixes: { 4: parseCidr(`${addresses(ledger, 'a.example')![0]}/32`)!, 6: terms(0).prefixes[6] } };
    assert.deepEqual(settle(ledger, [claim('b.example')], [], terms(2 * HOUR, only)).usedUp.get('b.example'), [4]);
  });

  test('goes on giving the family that is left when the other is used up', () => {
    const only = { prefixes: { 4: parseCidr('243.0.0.8/30')!, 6: parseCidr('fd73::/96')! } };
    const ledger = new Ledger();
    const settled = settle(
      ledger,
      ['a', 'b', 'c'].map((host) => claim(host)),
      [],
      terms(1, only),
    );
    ledger.take(settled.steps);
    assert.deepEqual([...settled.usedUp], [['c', [4]]]);
    assert.equal(addresses(ledger, 'c')?.length, 1);
  });

  test('leaves hosts where they are when the prefixes change', () => {
    const ledger = after({ claims: [claim('a.example')], at: 1 });
    const had = addresses(ledger, 'a.example');
    const other = { prefixes: { 4: parseCidr('10.9.0.0/16')!, 6: parseCidr('fd00::/64')! } };
    ledger.take(settle(ledger, [claim('a.example'), claim('b.example')], [], terms(2, other)).steps);
    assert.deepEqual(addresses(ledger, 'a.example'), had);
    assert.match(addresses(ledger, 'b.example')![0]!, /^10\.9\./);
  });
});

test('an address that software may take for that of a network is never chosen, and every other one is', () => {
  const prefix = parseCidr('243.0.0.0/23')!;
  const taken = new Set<string>();
  for (let i = 0; ; i += 1) {
    const address = addressFor(`host-${i}.example`, prefix, (one) => !taken.has(one));
    if (address === undefined) break;
    taken.add(address);
  }
  assert.equal(taken.size, 2 * 254);
  assert.ok(![...taken].some((address) => /\.(0|255)$/.test(address)));
});

test('of ten thousand hosts hardly any two want the same address', () => {
  const ledger = after({ claims: Array.from({ length: 10_000 }, (_, i) => claim(`svc-${i}.example.com`)), at: 1 });
  const moved = [...ledger.holdings()].filter(
    ({ host, addresses: has }) => addressFor(host, terms(1).prefixes[6], () => true) !== has[1],
  );
  assert.ok(moved.length <= 1, `${moved.length}`);
});
