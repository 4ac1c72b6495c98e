import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode } from 'dns-packet';
import { ask, opt } from '../testing/messages.ts';
import type { Question } from '../wire/query.ts';
import { upstreamAnswer } from '../wire/relay.ts';
import { AnswerCache } from './cache.ts';

const ROOMY = { entries: 100, bytes: 1 << 20 };

function answerTo(question: Question, ttl = 60, text = '') {
  const [name, type] = [question.name, 'TXT' as const];
  const bytes = encode({ type: 'response', questions: [{ name, type }], answers: [{ name, type, ttl, data: text }] });
  return upstreamAnswer(bytes, question) ?? assert.fail('not whole');
}
const ttlOf = (bytes: Buffer | undefined) => bytes && decode(bytes).answers?.map((record) => 'ttl' in record && record.ttl)[0];
const asked = (name: string) => ask(name, 'TXT');

test('an answer is given until its time is over, with what is left of it', () => {
  const cache = new AnswerCache(ROOMY, 0);
  cache.keep(asked('a'), answerTo(asked('a')), 1_000);
  assert.equal(ttlOf(cache.find(asked('a'), 1_000)), 60);
  assert.equal(ttlOf(cache.find(asked('a'), 60_999)), 1);
  assert.equal(cache.find(asked('a'), 61_000), undefined);
  assert.deepEqual([cache.entries, cache.bytes], [0, 0]);
});

test('answers with signatures, and unchecked ones, are others (RFC 4035 4.7)', () => {
  const cache = new AnswerCache(ROOMY, 0);
  cache.keep(asked('a'), answerTo(asked('a')), 0);
  assert.equal(cache.find(ask('a', 'TXT', { additionals: [opt(1_400, { dnssecOk: true })] }), 0), undefined);
  assert.equal(cache.find(ask('a', 'TXT', { flags: 0x0110 }), 0), undefined);
  assert.equal(cache.find(ask('a', 'A'), 0), undefined);
  assert.ok(cache.find(ask('A', 'TXT', { additionals: [opt()] }), 0));
});

test('the answer that was not used for longest goes first, when there are too many or they are too large', () => {
  const cache = new AnswerCache({ entries: 3, bytes: 1 << 20 }, 0);
  for (const name of ['a', 'b', 'c']) cache.keep(asked(name), answerTo(asked(name)), 0);
  cache.find(asked('a'), 1);
  cache.keep(asked('d'), answerTo(asked('d')), 1);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => cache.find(asked(name), 1) !== undefined),
    [true, false, true, true],
  );
  const small = new AnswerCache({ entries: 1_000, bytes: 20_000 }, 0);
  for (let i = 0; i < 500; i += 1) small.keep(asked(`n${i}`), answerTo(asked(`n${i}`), 60, 'x'.repeat(200)), 0);
  assert.ok(small.entries > 10 && small.bytes <= 20_000, `${small.entries} entries, ${small.bytes} bytes`);
});

test('one answer does not take the place of all others', () => {
  const cache = new AnswerCache({ entries: 10, bytes: 10_000 }, 0);
  cache.keep(asked('a'), answerTo(asked('a')), 0);
  const huge = { ...answerTo(asked('b')), records: Buffer.alloc(5_000) };
  cache.keep(asked('b'), huge, 0);
  assert.deepEqual([cache.find(asked('a'), 0) !== undefined, cache.find(asked('b'), 0)], [true, undefined]);
});

test('what is out of date is given for the time allowed, and its servers are let alone for half a minute each time (RFC 8767 5)', () => {
  const cache = new AnswerCache(ROOMY, 100);
  cache.keep(asked('a'), answerTo(asked('a'), 10), 0);
  assert.deepEqual([cache.hasStale(asked('a'), 9_999), cache.hasStale(asked('a'), 10_000)], [false, true]);
  assert.equal(cache.find(asked('a'), 20_000), undefined);
  assert.equal(ttlOf(cache.findStale(asked('a'), 20_000)), 30);
  assert.equal(ttlOf(cache.find(asked('a'), 49_000)), 30);
  assert.equal(cache.find(asked('a'), 51_000), undefined);
  assert.equal(cache.findStale(asked('a'), 110_000), undefined);
  assert.equal(cache.find(asked('a'), 110_000), undefined);
  assert.equal(cache.entries, 0);
});
