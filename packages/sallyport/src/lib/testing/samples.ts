/**
 * How many samples a slow property draws: all of them, unless SAMPLES_SHARE says which part. The inner loop sets it (scripts/check.ts);
 * `npm test` draws all.
 */
export function samples(all: number): number {
  return Math.max(1, Math.ceil(all * Number(process.env['SAMPLES_SHARE'] ?? '1')));
}
