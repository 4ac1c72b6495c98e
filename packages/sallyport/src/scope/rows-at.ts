import type { Collection, Read } from '../collection/index.ts';

/** The rows with these keys, those that are there. */
export function rowsAt<V>(read: Read, of: Collection<V>, keys: Iterable<string>): V[] {
  return [...keys].map((key) => read.get(of, key)).filter((row) => row !== undefined);
}
