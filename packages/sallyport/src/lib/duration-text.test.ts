import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDuration, splitDuration } from './duration.ts';
import { durationText } from './duration-text.ts';

test('durations are written as Go writes them', () => {
  const check = (seconds: bigint, nanos: number, expected: string): void =>
    assert.equal(durationText({ seconds, nanos }), expected);
  check(0n, 0, '0s');
  check(6n, 0, '6s');
  check(1n, 500_000_000, '1.5s');
  check(0n, 300_000_000, '300ms');
  check(0n, 1_500_000, '1.5ms');
  check(0n, 2_050, '2.05µs');
  check(0n, 7, '7ns');
  check(90n, 0, '1m30s');
  check(7200n, 0, '2h0m0s');
  check(3661n, 10_000_000, '1h1m1.01s');
  check(-1n, -500_000_000, '-1.5s');
});

test('what is written reads back as the same duration', () => {
  fc.assert(
    fc.property(fc.integer({ min: -8_000_000_000_000_000, max: 8_000_000_000_000_000 }), (ns) => {
      assert.equal(parseDuration(durationText(splitDuration(ns))), ns);
    }),
  );
});
