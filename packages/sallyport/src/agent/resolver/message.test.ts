import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Packet, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import {
  addressReply,
  isAnswerTo,
  type Question,
  readQuery,
  refusalReply,
  relayed,
  truncatedReply,
  upstreamQuery,
} from './message.ts';

const query = (name: string, type: RecordType = 'A', extra: Partial<Packet> = {}) =>
  encode({ id: 7, type: 'query', flags: 0x0100, questions: [{ name, type, class: 'IN' }], ...extra });
const opt = {
  type: 'OPT' as const,
  name: '.' as const,
  udpPayloadSize: 1400,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0x8000,
  flag_do: true,
  options: [],
};

const CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function read(bytes: Buffer): Question {
  const found = readQuery(bytes);
  return found.kind === 'question' ? found.question : assert.fail(`got ${found.kind}`);
}

function refused(bytes: Buffer): string {
  const found = readQuery(bytes);
  return found.kind === 'refuse' ? CODES[(decode(found.reply).flags ?? 0) & 15]! : found.kind;
}

test('a question keeps the spelling of its name, and says what the client can take', () => {
  const plain = read(query('Api.Example.TEST', 'AAAA'));
  assert.deepEqual([plain.name, plain.type, plain.udpSize, plain.edns], ['Api.Example.TEST', 'AAAA', 512, false]);
  const edns = read(query('a.test', 'A', { additionals: [opt] }));
  assert.deepEqual([edns.udpSize, edns.edns, edns.dnssecOk], [1400, true, true]);
});

test('what is no single question of class IN for one name is refused with the code that says so', () => {
  assert.equal(refused(query('a.test', 'AXFR')), 'NOTIMP');
  assert.equal(refused(encode({ type: 'query', questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] })), 'NOTIMP');
  assert.equal(refused(encode({ type: 'query', questions: [] })), 'FORMERR');
  assert.equal(
    refused(encode({ type: 'query', questions: [1, 2].map(() => ({ name: 'a.test', type: 'A' as const })) })),
    'FORMERR',
  );
  assert.equal(refused(encode({ type: 'response', questions: [{ name: 'a.test', type: 'A' }] })), 'ignore');
  const update = query('a.test');
  update.writeUInt16BE(0x2800, 2);
  assert.equal(refused(update), 'NOTIMP');
  assert.equal(refused(Buffer.alloc(11)), 'ignore');
});

test('counts that lie, pointers that loop and labels that run over are format errors', () => {
  const lying = query('a.test');
  lying.writeUInt16BE(255, 4);
  assert.equal(refused(lying), 'FORMERR');
  const looping = Buffer.concat([query('a').subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
  assert.equal(refused(looping), 'FORMERR');
  const overrun = Buffer.concat([query('a').subarray(0, 12), Buffer.from([40, 97, 0, 0, 1, 0, 1])]);
  assert.equal(refused(overrun), 'FORMERR');
});

test('no octets make it throw, and every answer it gives can be read', () => {
  const header = fc.constantFrom(
    query('a.test').subarray(0, 12),
    query('a.test', 'A', { additionals: [opt] }).subarray(0, 12),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 600 }), (start, rest) => {
      const found = readQuery(Buffer.concat([start, rest]));
      if (found.kind === 'refuse') decode(found.reply);
      if (found.kind === 'question')
        for (const answer of [refusalReply(found.question, 'SERVFAIL'), upstreamQuery(1, found.question)]) decode(answer);
    }),
    { numRuns: 2_000 },
  );
});

test('a name with a dot inside a label is not the name with the dot between labels', () => {
  const wire = Buffer.concat([query('a').subarray(0, 12), Buffer.from([3]), Buffer.from('a.b'), Buffer.from([0, 0, 1, 0, 1])]);
  assert.equal(read(wire).name, 'a\\046b');
});

test('an address answer has the question as it was asked, all addresses, and EDNS only for who used it', () => {
  const question = read(query('Api.test'));
  const answer = decode(addressReply(question, ['198.51.100.1', '198.51.100.2'], 30));
  assert.deepEqual(
    answer.questions?.map((q) => q.name),
    ['Api.test'],
  );
  assert.deepEqual(
    answer.answers?.map((a) => a.type === 'A' && [a.name, a.ttl, a.data]),
    [
      ['Api.test', 30, '198.51.100.1'],
      ['Api.test', 30, '198.51.100.2'],
    ],
  );
  assert.deepEqual(answer.additionals, []);
  assert.equal(decode(addressReply(read(query('a.test', 'A', { additionals: [opt] })), [], 30)).additionals?.length, 1);
});

test('a truncated answer says so and is empty', () => {
  const answer = decode(truncatedReply(read(query('a.test'))));
  assert.equal(answer.flag_tc, true);
  assert.deepEqual(answer.answers, []);
});

test('an upstream query carries nothing of the client’s but the question', () => {
  const subnet = { ...opt, options: [{ code: 'CLIENT_SUBNET' as const, ip: '203.0.113.0', sourcePrefixLength: 24 }] };
  const sent = decode(upstreamQuery(99, read(query('a.test', 'A', { additionals: [subnet as never] }))));
  assert.equal(sent.id, 99);
  const [record] = sent.additionals ?? [];
  assert.deepEqual(record?.type === 'OPT' && record.options, []);
});

test('an answer is taken only with its id and its question, whatever the case of its name', () => {
  const question = read(query('api.test'));
  const answer = (id: number, name: string, type: RecordType = 'A') =>
    encode({ id, type: 'response', questions: [{ name, type, class: 'IN' }] });
  assert.equal(isAnswerTo(answer(5, 'API.test'), 5, question), true);
  assert.equal(isAnswerTo(answer(6, 'api.test'), 5, question), false);
  assert.equal(isAnswerTo(answer(5, 'evil.test'), 5, question), false);
  assert.equal(isAnswerTo(answer(5, 'api.test', 'AAAA'), 5, question), false);
  assert.equal(isAnswerTo(query('api.test'), 7, question), false);
  const short = encode({
    id: 5,
    type: 'response',
    questions: [{ name: 'api.test', type: 'A' }],
    answers: [{ name: 'api.test', type: 'A', data: '192.0.2.1' }],
  });
  assert.equal(isAnswerTo(short.subarray(0, -2), 5, question), false);
  assert.equal(decode(relayed(answer(5, 'API.test'), question)).questions?.[0]?.name, 'api.test');
});
