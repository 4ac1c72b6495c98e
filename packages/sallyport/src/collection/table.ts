import { Readers } from './readers.ts';
import type { Change, Collection, Diff, Equal, Input } from './types.ts';

/** Anything that must follow a table's changes before later derivations run. */
export interface Follower {
  follow(key: string, before: unknown, after: unknown): void;
}

/** Rows, what the running commit did to them, and who wants to know. */
export class Table<V> implements Collection<V> {
  readonly name: string;
  readonly order: number;
  readonly equal: Equal<V>;
  readonly readers: Readers = new Readers(this);
  readonly followers: Follower[] = [];
  readonly #rows = new Map<string, V>();
  #before = new Map<string, V | undefined>();
  /** Keys written more than once in the running commit: only these can end where they began. */
  #rewritten = new Set<string>();

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
    if (this.#before.has(key)) this.#rewritten.add(key);
    else this.#before.set(key, present);
    if (row === undefined) this.#rows.delete(key);
    else this.#rows.set(key, row);
  }

  /** Drops changes that ended where they began, then tells followers and readers of the others. */
  settle(): void {
    for (const [key, before] of this.#before) {
      const after = this.#rows.get(key);
      if (this.#rewritten.has(key) && this.#isBack(before, after)) {
        this.#before.delete(key);
        if (before !== undefined) this.#rows.set(key, before);
        continue;
      }
      for (const follower of this.followers) follower.follow(key, before, after);
      this.readers.touch(key);
    }
  }

  #isBack(before: V | undefined, after: V | undefined): boolean {
    return before === after || (before !== undefined && after !== undefined && this.equal(before, after));
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
    if (this.#rewritten.size > 0) this.#rewritten = new Set();
  }
}

export class InputTable<V> extends Table<V> implements Input<V> {
  readonly input = true;
}
