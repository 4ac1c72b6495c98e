import { createHash } from 'node:crypto';

/** A short, stable name for some bytes or texts: 16 hexadecimal digits of SHA-256 over all of them in order. */
export function contentHash(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}
