import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { framed, readFrames } from './stream-frames.ts';

const messages = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((octets) => Buffer.from(octets)),
  { maxLength: 6 },
);

async function readIn(parts: readonly Buffer[], longest = 100): Promise<{ readonly got: Buffer[]; readonly ended: boolean }> {
  const stream = new PassThrough();
  const got: Buffer[] = [];
  readFrames(stream, longest, (message) => got.push(Buffer.from(message)));
  for (const part of parts) stream.write(part);
  await sleep(0);
  return { got, ended: stream.destroyed };
}

test('messages come whole and in order, however the stream is cut (RFC 1035 4.2.2, RFC 7766 8)', async () => {
  await fc.assert(
    fc.asyncProperty(messages, fc.array(fc.nat(60), { maxLength: 20 }), async (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(framed));
      const at = [...new Set([0, ...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
      const parts = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
      const { got, ended } = await readIn(parts);
      assert.deepEqual(got, sent);
      assert.equal(ended, false);
    }),
    { numRuns: 100 },
  );
});

test('a length of zero, and one above the bound, ends the stream', async () => {
  assert.equal((await readIn([Buffer.from([0, 0])])).ended, true);
  assert.equal((await readIn([Buffer.from([0, 101])])).ended, true);
  assert.equal((await readIn([Buffer.from([0, 100])])).ended, false);
});

test('a message that trickles in ends the stream when its time is over; one that is whole in time does not (RFC 7766 6.5)', async () => {
  const start = () => {
    const stream = new PassThrough().on('error', () => {});
    let got = 0;
    readFrames(stream, 100, () => (got += 1), 150);
    return { stream, got: () => got };
  };
  const slow = start();
  const quick = start();
  quick.stream.write(framed(Buffer.from('a')));
  for (let i = 0; i < 40 && !slow.stream.destroyed; i += 1) {
    slow.stream.write(Buffer.from([i === 0 ? 0 : 90]));
    await sleep(20);
  }
  assert.deepEqual([slow.stream.destroyed, slow.got()], [true, 0]);
  assert.deepEqual([quick.stream.destroyed, quick.got()], [false, 1]);
});
