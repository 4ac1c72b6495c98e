import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from 'dns-packet';
import { ask, codeOf, extendedErrorOf, opt, queryFor, questionOf } from '../testing/messages.ts';
import { addressReply, anyReply, emptyReply, truncatedReply } from './reply.ts';

const MANY = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`);
const recordsIn = (bytes: Buffer) =>
  decode(bytes).answers?.map((record) =>
    'data' in record && 'ttl' in record ? [record.name, record.type, record.data, record.ttl] : [],
  );

test('an address answer has the question as it was asked, all addresses, authority, and EDNS only for who used it', () => {
  const bytes = addressReply(ask('Api.test'), { addresses: ['198.51.100.1', '198.51.100.2'], ttlSeconds: 30, most: 512 });
  const answer = decode(bytes);
  assert.equal(answer.questions?.[0]?.name, 'Api.test');
  assert.deepEqual(recordsIn(bytes), [
    ['Api.test', 'A', '198.51.100.1', 30],
    ['Api.test', 'A', '198.51.100.2', 30],
  ]);
  assert.deepEqual([answer.flag_aa, answer.flag_ra, answer.flag_rd, answer.additionals], [true, true, true, []]);
  const edns = ask('a.test', 'AAAA', { additionals: [opt(1_400, { dnssecOk: true })] });
  const [record] = decode(addressReply(edns, { addresses: ['2001:db8::1'], ttlSeconds: 30, most: 512 })).additionals ?? [];
  assert.deepEqual(record?.type === 'OPT' && [record.udpPayloadSize, record.flag_do], [4_096, true]);
});

test('a name that means another is answered with a CNAME and the other’s addresses (RFC 1034 3.6.2)', () => {
  const question = ask('api.example.shop.svc', 'AAAA');
  const answer = { addresses: ['2001:db8::1', '2001:db8::2'], alias: 'api.example', ttlSeconds: 30, most: 512 };
  assert.deepEqual(recordsIn(addressReply(question, answer)), [
    ['api.example.shop.svc', 'CNAME', 'api.example', 30],
    ['api.example', 'AAAA', '2001:db8::1', 30],
    ['api.example', 'AAAA', '2001:db8::2', 30],
  ]);
});

test('a name without addresses of the family exists all the same: NOERROR and nothing (RFC 2308 2.2)', () => {
  const answer = decode(addressReply(ask('a.test'), { addresses: [], alias: 'b.test', ttlSeconds: 30, most: 512 }));
  assert.deepEqual([codeOf(answer), answer.answers], ['NOERROR', []]);
});

test('addresses come in turns, each of them once', () => {
  const addresses = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
  const orders = [0, 1, 2, 3].map((first) =>
    recordsIn(addressReply(ask('a.test'), { addresses, ttlSeconds: 30, first, most: 512 }))?.map(([, , data]) =>
      String(data).at(-1),
    ),
  );
  assert.deepEqual(orders, [
    ['1', '2', '3'],
    ['2', '3', '1'],
    ['3', '1', '2'],
    ['1', '2', '3'],
  ]);
});

test('what does not fit is left out, and TC says so (RFC 2181 9); no answer is longer than allowed', () => {
  for (const [question, alias] of [
    [ask('a.test'), undefined],
    [ask('a.test.shop'), 'a.test'],
    [ask('a.test', 'A', { additionals: [opt(700)] }), undefined],
  ] as const) {
    const most = question.udpSize;
    const bytes = addressReply(question, {
      addresses: MANY,
      ttlSeconds: 30,
      first: 95,
      most,
      ...(alias !== undefined && { alias }),
    });
    const answer = decode(bytes);
    assert.ok(bytes.length <= most && bytes.length > most - 16, `${bytes.length} of ${most}`);
    assert.equal(answer.flag_tc, true);
    assert.equal(new Set(recordsIn(bytes)?.map(([, , data]) => data)).size, answer.answers?.length);
  }
  const whole = decode(addressReply(ask('a.test'), { addresses: MANY, ttlSeconds: 30, most: 65_535 }));
  assert.deepEqual([whole.flag_tc, whole.answers?.length], [false, 100]);
});

test('a truncated answer without records says so and is empty (RFC 7766 5)', () => {
  const answer = decode(truncatedReply(ask('a.test')));
  assert.deepEqual([answer.flag_tc, answer.answers], [true, []]);
});

test('a question for everything is answered with one record that says so (RFC 8482 4.2)', () => {
  const bytes = anyReply(questionOf(queryFor('a.test', 255)));
  const [record, ...rest] = decode(bytes).answers ?? [];
  assert.deepEqual([record?.type === 'HINFO' && record.data, rest], [{ cpu: 'RFC8482', os: '' }, []]);
  assert.ok(bytes.length < 60);
});

test('the reason of a failure is told to who uses EDNS (RFC 8914 2)', () => {
  const error = { code: 14, text: 'not ready' };
  assert.equal(extendedErrorOf(emptyReply(ask('a.test', 'A', { additionals: [opt()] }), 'SERVFAIL', { error })), 14);
  assert.deepEqual(decode(emptyReply(ask('a.test'), 'SERVFAIL', { error })).additionals, []);
});
