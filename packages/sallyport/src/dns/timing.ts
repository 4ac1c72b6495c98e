/** How long answers are used, in milliseconds. */
export interface Timing {
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
}

export const DEFAULT_TIMING: Timing = { minTtlMs: 5_000, maxTtlMs: 300_000 };

/** For how long "there is none" holds where the zone does not say (RFC 2308 section 5 gives no default; this is what resolvers use at the least). */
const NEGATIVE_TTL_S = 30;
/** Names that were looked up together are not looked up together for ever. */
const SPREAD = 0.05;
const MOST_SPREAD_MS = 1_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/** When to ask again after an answer: as soon as it has run out, never before; `random` is from 0 to 1. */
export function refreshAfter(ttlSeconds: number | undefined, { minTtlMs, maxTtlMs }: Timing, random: number): number {
  const ms = Math.min(Math.max((ttlSeconds ?? NEGATIVE_TTL_S) * 1_000, minTtlMs), maxTtlMs);
  return ms + Math.min(ms * SPREAD, MOST_SPREAD_MS) * random;
}

/** When to ask again after so many failures in a row: twice as late each time, and half of it by chance. */
export function retryAfter(failures: number, random: number): number {
  const ms = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
  return ms * (0.5 + random / 2);
}
