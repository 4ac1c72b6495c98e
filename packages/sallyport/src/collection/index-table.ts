import { Readers } from './readers.ts';
import type { Follower, Table } from './table.ts';
import type { Index } from './types.ts';

const NONE: ReadonlySet<string> = new Set();

/** Keeps, for each place, the keys of the rows that name it; readers of a place hear of it only when its members change. */
export class IndexTable<V> implements Index<V>, Follower {
  readonly name: string;
  readonly of: Table<V>;
  readonly readers: Readers = new Readers(this);
  readonly #keysOf: (row: V, key: string) => Iterable<string>;
  readonly #members = new Map<string, Set<string>>();

  constructor(name: string, of: Table<V>, keysOf: (row: V, key: string) => Iterable<string>) {
    this.name = name;
    this.of = of;
    this.#keysOf = keysOf;
    for (const [key, row] of of.entries()) for (const place of keysOf(row, key)) this.#add(place, key);
    of.followers.push(this);
  }

  at(place: string): ReadonlySet<string> {
    return this.#members.get(place) ?? NONE;
  }

  follow(key: string, before: unknown, after: unknown): void {
    const was = new Set(before === undefined ? [] : this.#keysOf(before as V, key));
    const is = new Set(after === undefined ? [] : this.#keysOf(after as V, key));
    for (const place of was) if (!is.has(place)) this.#remove(place, key);
    for (const place of is) if (!was.has(place)) this.#add(place, key);
  }

  #add(place: string, key: string): void {
    let members = this.#members.get(place);
    if (members === undefined) {
      members = new Set();
      this.#members.set(place, members);
    }
    members.add(key);
    this.readers.touch(place);
  }

  #remove(place: string, key: string): void {
    const members = this.#members.get(place);
    members?.delete(key);
    if (members?.size === 0) this.#members.delete(place);
    this.readers.touch(place);
  }
}
