import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flood } from './testing/flood.ts';

// The short form of `npm run soak -- dns`, which sends a million.
test('mutated packets, and an upstream that answers with such, neither end the server nor keep honest questions from their answers', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const seen = await flood({ packets: 10_000, seed });
  const { isAlive, unanswered, packets, tooLong } = seen;
  assert.deepEqual(
    { isAlive, unanswered, packets, tooLong },
    { isAlive: true, unanswered: 0, packets: 10_000, tooLong: 0 },
    `seed ${seed}`,
  );
});
