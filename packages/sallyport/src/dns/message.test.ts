import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, decode, encode } from 'dns-packet';
import fc from 'fast-check';
import type { Question } from '../model/index.ts';
import { queryFor, readReply } from './message.ts';

const QUESTION: Question = { name: 'api.example.com', type: 'A' };
const ID = 4_711;
const questions = [{ type: 'A' as const, class: 'IN' as const, name: QUESTION.name }];
const reply = (answers: readonly Answer[]): Buffer => encode({ type: 'response', id: ID, questions, answers: [...answers] });
const a = (name: string, data: string, ttl = 60): Answer => ({ type: 'A', name, ttl, data });
const cname = (name: string, data: string, ttl = 60): Answer => ({ type: 'CNAME', name, ttl, data });

test('a query asks one absolute question, with recursion', () => {
  for (const edns of [true, false]) {
    const { id, flag_rd, questions: asked, additionals } = decode(queryFor(ID, QUESTION, edns));
    assert.deepEqual([id, flag_rd, asked, additionals?.length], [ID, true, questions, edns ? 1 : 0]);
  }
});

test('records of a reply count only on the way from the name asked for', () => {
  const read = (...answers: readonly Answer[]) => readReply(reply(answers), ID, QUESTION);
  assert.deepEqual(read(a('API.example.com', '192.0.2.1'), a('api.example.com', '192.0.2.2', 7)), {
    kind: 'addresses',
    addresses: ['192.0.2.1', '192.0.2.2'],
    ttl: 7,
  });
  const chain = [
    cname('api.example.com', 'b.net', 9),
    a('c.net', '203.0.113.66'),
    cname('b.net', 'd.net', 5),
    a('d.net', '192.0.2.3'),
  ];
  assert.deepEqual(read(...chain), { kind: 'addresses', addresses: ['192.0.2.3'], ttl: 5 });
  assert.deepEqual(read(a('other.example.com', '203.0.113.66')), { kind: 'none', exists: true, ttl: undefined });
  assert.equal(read(cname('api.example.com', 'b.net'), cname('b.net', 'api.example.com'))?.kind, 'failed');
});

test('a reply to another question, or with another id, is none', () => {
  const bytes = reply([a(QUESTION.name, '192.0.2.1')]);
  assert.equal(readReply(bytes, ID + 1, QUESTION), undefined);
  assert.equal(readReply(bytes, ID, { ...QUESTION, name: 'b.example.com' }), undefined);
  assert.equal(readReply(bytes, ID, { ...QUESTION, type: 'AAAA' }), undefined);
  assert.equal(readReply(queryFor(ID, QUESTION, false), ID, QUESTION), undefined);
});

test('whatever octets come, reading them ends and gives addresses of the right family, or none', () => {
  const good = reply([cname(QUESTION.name, 'b.net'), a('b.net', '192.0.2.1'), a('b.net', '192.0.2.2')]);
  const mutated = fc
    .array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 })
    .map((changes) => changes.reduce((bytes, [at, octet]) => bytes.fill(octet, at, at + 1), Buffer.from(good)));
  const cut = fc.tuple(mutated, fc.nat(good.length)).map(([bytes, length]) => bytes.subarray(0, length));
  const any = fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets));
  fc.assert(
    fc.property(fc.oneof(mutated, cut, any), (bytes) => {
      const read = readReply(bytes, ID, QUESTION);
      if (read?.kind !== 'addresses') return;
      assert.ok(read.addresses.length > 0 && read.ttl >= 0);
      for (const address of read.addresses) assert.match(address, /^\d+\.\d+\.\d+\.\d+$/);
    }),
    { numRuns: 20_000 },
  );
});
