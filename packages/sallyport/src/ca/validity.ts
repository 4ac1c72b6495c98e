/** Certificates begin this much before they are made, since the clocks of those who check them may be slow (spec/security.md P9). */
export const SKEW_MS = 2 * 60 * 1000;

/** X.509 knows no parts of a second; cut off, so that nothing is valid for longer than was meant. */
export function wholeSecond(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}
