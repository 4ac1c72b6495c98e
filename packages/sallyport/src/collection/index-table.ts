import { type Few, hasMember, membersOf, withMember, withoutMember } from './few.ts';
import { Readable } from './readable.ts';
import type { Follower, Table } from './table.ts';
import type { Index } from './types.ts';

const NONE: ReadonlySet<string> = new Set();

/** One place of an index and the keys that stand there. */
export class Place extends Readable {
  readonly index: IndexTable<unknown>;
  #members: Few<string>;

  constructor(index: IndexTable<unknown>, key: string) {
    super(key);
    this.index = index;
    this.#members = undefined;
  }

  get isEmpty(): boolean {
    return this.#members === undefined;
  }

  get members(): ReadonlySet<string> {
    if (this.#members === undefined) return NONE;
    const members = membersOf(this.#members);
    return members instanceof Set ? members : new Set(members);
  }

  /** False if it stood there already. */
  add(key: string): boolean {
    if (hasMember(this.#members, key)) return false;
    this.#members = withMember(this.#members, key);
    return true;
  }

  delete(key: string): void {
    this.#members = withoutMember(this.#members, key);
  }
}

/** Keeps, for each place, the keys of the rows that name it; readers of a place hear of it only when its members change. */
export class IndexTable<V> implements Index<V>, Follower {
  readonly name: string;
  readonly of: Table<V>;
  readonly order: number;
  readonly #keysOf: (row: V, key: string) => Iterable<string>;
  readonly #places = new Map<string, Place>();

  constructor(name: string, of: Table<V>, keysOf: (row: V, key: string) => Iterable<string>) {
    this.name = name;
    this.of = of;
    this.order = of.order;
    this.#keysOf = keysOf;
    for (const [key, row] of of.entries()) this.follow(key, undefined, row);
    of.followers.push(this);
  }

  at(place: string): ReadonlySet<string> {
    return this.#places.get(place)?.members ?? NONE;
  }

  /** The place, made on demand so that a reader of an empty one hears of the first member. */
  place(key: string): Place {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = new Place(this as IndexTable<unknown>, key);
      this.#places.set(key, place);
    }
    return place;
  }

  /** Forgets an empty place that nobody reads. */
  release(place: Place): void {
    if (place.isEmpty && !place.isRead) this.#places.delete(place.key);
  }

  follow(key: string, before: unknown, after: unknown): void {
    const was = before === undefined ? [] : listOf(this.#keysOf(before as V, key));
    const is = after === undefined ? [] : listOf(this.#keysOf(after as V, key));
    if (was.length === is.length && was.every((place, i) => place === is[i])) return;
    const kept = was.length === 0 ? undefined : new Set(is);
    for (const place of was) if (!kept?.has(place)) this.#remove(place, key);
    for (const place of is) this.#add(place, key);
  }

  #add(at: string, key: string): void {
    const place = this.place(at);
    if (place.add(key)) place.touchReaders();
  }

  #remove(at: string, key: string): void {
    const place = this.#places.get(at);
    if (place === undefined) return;
    place.delete(key);
    place.touchReaders();
    this.release(place);
  }
}

const listOf = (keys: Iterable<string>): readonly string[] => (Array.isArray(keys) ? keys : [...keys]);
