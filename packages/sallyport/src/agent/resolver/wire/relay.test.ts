import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, decode, encode, type RecordType } from 'dns-packet';
import { ask, extendedErrorOf, opt } from '../testing/messages.ts';
import { HEADER } from './header.ts';
import { asNoData, isAnswerTo, recased, relayed, upstreamAnswer, upstreamQuery } from './relay.ts';

const A = (name: string, data: string, ttl = 60): Answer => ({ type: 'A', name, data, ttl, class: 'IN' });
const soa = (ttl: number, minimum: number): Answer => ({
  type: 'SOA',
  name: 'test',
  ttl,
  data: { mname: 'ns.test', rname: 'root.test', serial: 1, refresh: 2, retry: 3, expire: 4, minimum },
});
const said = (answers: Answer[], authorities: Answer[] = [], flags = 0, additionals: Answer[] = []) =>
  encode({ id: 5, type: 'response', flags, questions: [{ name: 'api.test', type: 'A' }], answers, authorities, additionals });
const taken = (bytes: Buffer, question = ask('api.test')) => upstreamAnswer(bytes, question) ?? assert.fail('not whole');

test('an upstream query carries nothing of the client’s but the question: no subnet, no cookie (RFC 7871 11, RFC 7873)', () => {
  const subnet = { ...opt(), options: [{ code: 'CLIENT_SUBNET' as const, ip: '203.0.113.0', sourcePrefixLength: 24 }] };
  const question = ask('a.test', 'A', { additionals: [subnet as never] });
  const sent = decode(upstreamQuery(99, question, question.wire));
  const [record] = sent.additionals ?? [];
  assert.deepEqual([sent.id, record?.type === 'OPT' && record.options, sent.flag_rd], [99, [], true]);
  const plain = ask('a.test');
  assert.deepEqual(decode(upstreamQuery(1, plain, plain.wire)).additionals, []);
});

test('the letters of a name are drawn by lot, and nothing else is (RFC 5452 9.3)', () => {
  const { wire } = ask('a-1.test', 'AAAA');
  const upper = recased(wire, new Uint8Array(32).fill(0xff));
  assert.equal(upper.toString('latin1').replaceAll('\0', ''), '\x03A-1\x04TEST\x1c\x01');
  assert.deepEqual(recased(upper, new Uint8Array(32).fill(0xff)), wire);
  assert.deepEqual(recased(wire, new Uint8Array(32)), wire);
});

test('an answer is taken only with its id, its question and all that it promises (RFC 5452 9.1)', () => {
  const { wire } = ask('api.test');
  const answer = (id: number, name: string, type: RecordType = 'A') =>
    encode({ id, type: 'response', questions: [{ name, type, class: 'IN' }] });
  assert.equal(isAnswerTo(answer(5, 'api.test'), 5, wire), 'yes');
  assert.equal(isAnswerTo(answer(5, 'API.test'), 5, wire), 'case');
  assert.equal(isAnswerTo(answer(6, 'api.test'), 5, wire), 'no');
  assert.equal(isAnswerTo(answer(5, 'evil.test'), 5, wire), 'no');
  assert.equal(isAnswerTo(answer(5, 'api.test', 'AAAA'), 5, wire), 'no');
  const query = answer(5, 'api.test');
  query.writeUInt16BE(0x0100, 2);
  assert.equal(isAnswerTo(query, 5, wire), 'no');
  assert.equal(isAnswerTo(said([A('api.test', '192.0.2.1')]).subarray(0, -2), 5, wire), 'no');
  // 65 and 97 would be one letter; as types of records they are two.
  const type = (number: number) => Buffer.concat([wire.subarray(0, -4), Buffer.from([0, number, 0, 1])]);
  const other = answer(5, 'api.test');
  type(97).copy(other, HEADER);
  assert.equal(isAnswerTo(other, 5, type(65)), 'no');
});

test('an answer is given with the client’s id and spelling, without authority of ours', () => {
  const question = ask('API.test');
  const answer = decode(relayed(taken(said([A('api.test', '192.0.2.1')], [], 0x0400), question), question));
  assert.deepEqual([answer.id, answer.questions?.[0]?.name, answer.flag_aa, answer.answers?.length], [7, 'API.test', false, 1]);
});

test('records that were not asked for are not passed on: authority and additional sections (RFC 5452 6)', () => {
  const bytes = said([A('api.test', '192.0.2.1')], [{ type: 'NS', name: 'test', data: 'ns.evil' }], 0, [
    A('bank.test', '203.0.113.66'),
  ]);
  const answer = decode(relayed(taken(bytes), ask('api.test')));
  assert.deepEqual([answer.answers?.length, answer.authorities, answer.additionals], [1, [], []]);
});

test('that there is nothing is passed on with its SOA, by which it is kept (RFC 2308 2.2, 5)', () => {
  const answer = taken(said([], [soa(900, 60)], 3));
  assert.equal(answer.seconds, 60);
  assert.equal(decode(relayed(answer, ask('api.test'))).authorities?.length, 1);
  assert.equal(taken(said([], [soa(30, 60)])).seconds, 30);
  assert.equal(taken(said([], [soa(90_000, 90_000)])).seconds, 300);
  assert.equal(taken(said([])).seconds, 0);
  const dangling = taken(said([{ type: 'CNAME', name: 'api.test', data: 'gone.test', ttl: 10 }], [soa(900, 60)], 3));
  assert.equal(dangling.seconds, 10);
  assert.equal(decode(relayed(dangling, ask('api.test'))).authorities?.length, 1);
});

test('an answer is kept as long as its shortest record, an hour at most, and not at all when it is truncated or a failure', () => {
  assert.equal(taken(said([A('api.test', '192.0.2.1', 60), A('api.test', '192.0.2.2', 20)])).seconds, 20);
  assert.equal(taken(said([A('api.test', '192.0.2.1', 100_000)])).seconds, 3_600);
  assert.equal(taken(said([A('api.test', '192.0.2.1', 0)])).seconds, 0);
  // Its highest bit set, a time to live counts as none (RFC 2181 8).
  assert.equal(taken(said([A('api.test', '192.0.2.1', 0x80000001)])).seconds, 0);
  assert.equal(taken(said([A('api.test', '192.0.2.1')], [], 0x0200)).seconds, 0);
  assert.equal(taken(said([], [soa(900, 60)], 2)).seconds, 0);
});

test('times to live count down, and a stale answer has 30 seconds and says that it is one (RFC 8767 4, RFC 8914 4.4)', () => {
  const question = ask('api.test', 'A', { additionals: [opt()] });
  const answer = taken(said([A('api.test', '192.0.2.1', 60)]), question);
  const ttlOf = (bytes: Buffer) => decode(bytes).answers?.map((record) => 'ttl' in record && record.ttl);
  assert.deepEqual(ttlOf(relayed(answer, question, { seconds: 25 })), [35]);
  assert.deepEqual(ttlOf(relayed(answer, question, { seconds: 99 })), [0]);
  const stale = relayed(answer, question, { seconds: 0, stale: 30 });
  assert.deepEqual([ttlOf(stale), extendedErrorOf(stale)], [[30], 3]);
});

test('a client sees AD only when it asked for it, and CD is copied (RFC 6840 5.8, RFC 4035 3.2.2)', () => {
  const bytes = said([A('api.test', '192.0.2.1')], [], 0x0020);
  const seen = (flags: number) => {
    const question = ask('api.test', 'A', { flags });
    const { flag_ad, flag_cd } = decode(relayed(taken(bytes, question), question));
    return [flag_ad, flag_cd];
  };
  assert.deepEqual(seen(0x0100), [false, false]);
  assert.deepEqual(seen(0x0120), [true, false]);
  assert.deepEqual(seen(0x0110), [false, true]);
});

test('a name that is ours exists, whatever servers say of it (RFC 8020 2)', () => {
  const { flags } = asNoData(taken(said([], [soa(900, 60)], 3)));
  assert.equal(flags & 15, 0);
});
