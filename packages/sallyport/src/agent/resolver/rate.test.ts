import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from './rate.ts';

test('a client may do so much at once, and then so much a second, whatever others do', () => {
  const limit = new RateLimit({ perSecond: 2, burst: 3 });
  const taken = (client: string, now: number, times: number) =>
    Array.from({ length: times }, () => limit.take(client, now)).filter(Boolean).length;
  assert.equal(taken('a', 0, 10), 3);
  assert.equal(taken('b', 0, 10), 3);
  assert.equal(taken('a', 1_000, 10), 2);
  assert.equal(taken('a', 1_250, 10), 0);
  assert.equal(taken('a', 100_000, 10), 3);
});

test('clients beyond a number are forgotten, those that were not heard of for longest first', () => {
  const limit = new RateLimit({ perSecond: 0, burst: 1 });
  for (let i = 0; i < 3_000; i += 1) limit.take(`c${i}`, 0);
  assert.equal(limit.take('c2999', 0), false);
  assert.equal(limit.take('c0', 0), true);
});
