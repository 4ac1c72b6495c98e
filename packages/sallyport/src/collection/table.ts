import type { Change, Collection, Diff, Equal, Input } from './types.ts';

/** One row of one derivation, seen as a reader of other rows. */
export interface Reader {
  readonly node: { readonly order: number; touch(reader: Reader): void };
  readonly key: string;
}

/** Who read what: the readers of each key of one table or index. */
export class Readers {
  readonly #byKey = new Map<string, Set<Reader>>();

  /** The set of readers of a key, made on demand so that a reader of an absent row hears of its arrival. */
  at(key: string): Set<Reader> {
    let readers = this.#byKey.get(key);
    if (readers === undefined) {
      readers = new Set();
      this.#byKey.set(key, readers);
    }
    return readers;
  }

  touch(key: string): void {
    const readers = this.#byKey.get(key);
    if (readers === undefined) return;
    if (readers.size === 0) this.#byKey.delete(key);
    else for (const reader of readers) reader.node.touch(reader);
  }
}

/** Anything that must follow a table's changes before later derivations run. */
export interface Follower {
  follow(key: string, before: unknown, after: unknown): void;
}

/** Rows, what the running commit did to them, and who wants to know. */
export class Table<V> implements Collection<V> {
  readonly name: string;
  readonly order: number;
  readonly equal: Equal<V>;
  readonly readers = new Readers();
  readonly followers: Follower[] = [];
  readonly #rows = new Map<string, V>();
  #before = new Map<string, V | undefined>();

  constructor(name: string, order: number, equal: Equal<V>) {
    this.name = name;
    this.order = order;
    this.equal = equal;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: string): V | undefined {
    return this.#rows.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#rows.keys();
  }

  entries(): IterableIterator<[string, V]> {
    return this.#rows.entries();
  }

  write(key: string, row: V | undefined): void {
    const present = this.#rows.get(key);
    if (present === row) return;
    if (present !== undefined && row !== undefined && this.equal(present, row)) return;
    if (!this.#before.has(key)) this.#before.set(key, present);
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
  }

  /** Drops changes that ended where they began, then tells followers and readers of the others. */
  settle(): void {
    for (const [key, before] of this.#before) {
      const after = this.#rows.get(key);
      if (before === after || (before !== undefined && after !== undefined && this.equal(before, after))) {
        this.#before.delete(key);
        if (before !== undefined && before !== after) this.#rows.set(key, before);
        continue;
      }
      for (const follower of this.followers) follower.follow(key, before, after);
      this.readers.touch(key);
    }
  }

  get changedKeys(): ReadonlyMap<string, V | undefined> {
    return this.#before;
  }

  diff(): Diff<V> {
    const diff = new Map<string, Change<V>>();
    for (const [key, before] of this.#before) {
      const after = this.#rows.get(key);
      diff.set(key, { ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
    }
    return diff;
  }

  forgetChanges(): void {
    if (this.#before.size > 0) this.#before = new Map();
  }
}

export class InputTable<V> extends Table<V> implements Input<V> {
  readonly input = true;
}
