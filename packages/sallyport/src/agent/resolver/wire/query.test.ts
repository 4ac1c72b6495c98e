import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { ask, codeOf, opt, query, questionOf } from '../testing/messages.ts';
import { readQuery } from './query.ts';
import { upstreamQuery } from './relay.ts';
import { anyReply, emptyReply } from './reply.ts';

function refused(bytes: Buffer): string | undefined {
  const found = readQuery(bytes);
  return found.kind === 'refuse' ? codeOf(decode(found.reply)) : found.kind;
}

test('names are one whatever their case (RFC 4343), and the question is kept as it was spelled', () => {
  const plain = ask('Api.Example.TEST', 'AAAA');
  assert.deepEqual([plain.name, plain.type, plain.udpSize, plain.edns], ['api.example.test', 'AAAA', 512, false]);
  assert.match(plain.wire.toString('latin1'), /Example/);
});

test('a client takes 512 octets, or what it says with EDNS, which below 512 counts as 512 (RFC 6891 6.2.3, 6.2.5)', () => {
  assert.equal(ask('a.test').udpSize, 512);
  assert.equal(ask('a.test', 'A', { additionals: [opt(1_400)] }).udpSize, 1_400);
  assert.equal(ask('a.test', 'A', { additionals: [opt(100)] }).udpSize, 512);
  assert.equal(ask('a.test', 'A', { additionals: [opt(65_535)] }).udpSize, 4_096);
});

test('the flags that an answer depends on are read: RD, CD, AD, and DO with EDNS', () => {
  const { recursionDesired, checkingDisabled, authenticData, dnssecOk } = ask('a.test', 'A', {
    flags: 0x0030,
    additionals: [opt(1_400, { dnssecOk: true })],
  });
  assert.deepEqual([recursionDesired, checkingDisabled, authenticData, dnssecOk], [false, true, true, true]);
});

test('a version of EDNS that is not spoken here is answered with the one that is (RFC 6891 6.1.3)', () => {
  const found = readQuery(query('a.test', 'A', { additionals: [opt(1_400, { ednsVersion: 1 })] }));
  assert.equal(found.kind, 'refuse');
  const [record] = decode(found.kind === 'refuse' ? found.reply : Buffer.alloc(12)).additionals ?? [];
  assert.deepEqual(record?.type === 'OPT' && [record.extendedRcode, record.ednsVersion], [1, 0]);
});

test('two EDNS records are a format error (RFC 6891 6.1.1)', () => {
  assert.equal(refused(query('a.test', 'A', { additionals: [opt(), opt()] })), 'FORMERR');
});

test('there is one question, no more (RFC 9619 4) and no less', () => {
  assert.equal(refused(encode({ type: 'query', questions: [] })), 'FORMERR');
  const two = [1, 2].map(() => ({ name: 'a.test', type: 'A' as const }));
  assert.equal(refused(encode({ type: 'query', questions: two })), 'FORMERR');
});

test('records besides the question are a format error', () => {
  const answers = [{ type: 'A' as const, name: 'a.test', data: '192.0.2.1' }];
  assert.equal(refused(query('a.test', 'A', { answers })), 'FORMERR');
});

test('transfers of zones, other classes and other operations are not served (RFC 1035 4.1.1, RFC 5936)', () => {
  assert.equal(refused(query('a.test', 'AXFR')), 'NOTIMP');
  assert.equal(refused(query('a.test', 'IXFR')), 'NOTIMP');
  assert.equal(refused(encode({ type: 'query', questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] })), 'NOTIMP');
  for (const opcode of [1, 2, 4, 5, 15]) {
    const other = query('a.test');
    other.writeUInt16BE(opcode << 11, 2);
    assert.equal(refused(other), 'NOTIMP');
  }
});

test('answers are not answered, so that two resolvers cannot keep each other busy', () => {
  assert.equal(refused(encode({ type: 'response', questions: [{ name: 'a.test', type: 'A' }] })), 'ignore');
  assert.equal(refused(Buffer.alloc(11)), 'ignore');
});

test('counts that lie, pointers that loop, labels that run over and names above 255 octets are format errors (RFC 1035 2.3.4, 4.1.4)', () => {
  const lying = query('a.test');
  lying.writeUInt16BE(255, 4);
  assert.equal(refused(lying), 'FORMERR');
  const started = query('a').subarray(0, 12);
  const withName = (...octets: number[]) => Buffer.concat([started, Buffer.from(octets), Buffer.from([0, 1, 0, 1])]);
  assert.equal(refused(withName(0xc0, 12)), 'FORMERR');
  assert.equal(refused(withName(40, 97, 0)), 'FORMERR');
  const label = [63, ...Buffer.from('a'.repeat(63))];
  assert.equal(refused(withName(...label, ...label, ...label, 61, ...Buffer.from('b'.repeat(61)), 0)), 'question');
  assert.equal(refused(withName(...label, ...label, ...label, 62, ...Buffer.from('b'.repeat(62)), 0)), 'FORMERR');
  assert.equal(refused(Buffer.concat([query('a.test'), Buffer.alloc(4_200)])), 'FORMERR');
});

test('a name with a dot inside a label is not the name with the dot between labels', () => {
  const wire = Buffer.concat([query('a').subarray(0, 12), Buffer.from([3]), Buffer.from('a.b'), Buffer.from([0, 0, 1, 0, 1])]);
  assert.equal(questionOf(wire).name, 'a\\046b');
});

test('what is refused costs less than what was sent, so that nobody is flooded by way of us (RFC 5358)', () => {
  for (const bytes of [
    query('a.test', 'AXFR'),
    encode({ type: 'query', questions: [] }),
    Buffer.concat([query('a'), Buffer.alloc(9)]),
  ]) {
    const found = readQuery(bytes);
    if (found.kind === 'refuse') assert.ok(found.reply.length <= bytes.length);
  }
});

test('no octets make it throw, and every answer it gives can be read', () => {
  const header = fc.constantFrom(
    query('a.test').subarray(0, 12),
    query('a.test', 'A', { additionals: [opt()] }).subarray(0, 12),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 600 }), (start, rest) => {
      const found = readQuery(Buffer.concat([start, rest]));
      if (found.kind === 'refuse') decode(found.reply);
      if (found.kind !== 'question') return;
      const { question } = found;
      for (const answer of [emptyReply(question, 'SERVFAIL'), anyReply(question), upstreamQuery(1, question, question.wire)])
        decode(answer);
    }),
    { numRuns: 2_000 },
  );
});

test('every type of record may be asked for', () => {
  for (const type of ['TXT', 'MX', 'SRV', 'PTR', 'CAA', 'NAPTR'] satisfies RecordType[])
    assert.equal(ask('a.test', type).type, type);
});
