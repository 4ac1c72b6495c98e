const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait before the next start, after `failures` failures in a row (1 or more): doubles from a quarter of a second
 * to half a minute. `random` in [0, 1) takes away up to half, so that a hundred proxies do not return at once.
 */
export function backOff(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return Math.round(full * (1 - random / 2));
}
