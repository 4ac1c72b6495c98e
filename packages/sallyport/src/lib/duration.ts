const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000_000_000,
  m: 60_000_000_000,
  s: 1_000_000_000,
  ms: 1_000_000,
  us: 1_000,
  µs: 1_000,
  ns: 1,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(h|ms|us|µs|ns|m|s)/y;

/**
 * Nanoseconds of a duration written as Go or protojson do (`1h2m3.5s`, `100ms`, `-1s`), or undefined if it is none.
 * Exact for every value that both formats can write up to 104 days in nanoseconds, beyond that to a double's precision.
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (body === '') return undefined;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < body.length) {
    const found = PART.exec(body);
    if (found === null) return undefined;
    total += Number(found[1]) * UNITS[found[2]!]!;
  }
  return sign * Math.round(total);
}

/** Seconds and nanoseconds, the shape of google.protobuf.Duration. */
export function splitDuration(nanoseconds: number): { readonly seconds: bigint; readonly nanos: number } {
  const seconds = Math.trunc(nanoseconds / 1e9);
  return { seconds: BigInt(seconds), nanos: Math.round(nanoseconds - seconds * 1e9) };
}
