/**
 * A map with the manners of a value: `with` gives a new ledger and the old one still says what it said. The newest holds the
 * rows, an older one only how it differed, so a step costs what it changes although a stream knows thousands of names.
 * Whoever reads an older ledger pays for a copy; outside tests nobody does.
 */
export class Ledger<V> {
  #rows: Map<string, V> | undefined;
  #newer: Ledger<V> | undefined;
  /** Names that the newer one changed, and what they had here: two lists, as a cold start fills them with every name there is. */
  #changed: readonly string[] = [];
  #had: readonly (V | undefined)[] = [];

  constructor(rows: Iterable<readonly [string, V]> = []) {
    this.#rows = rows instanceof Map ? rows : new Map(rows);
  }

  get size(): number {
    return this.#open().size;
  }

  get(name: string): V | undefined {
    return this.#open().get(name);
  }

  has(name: string): boolean {
    return this.#open().has(name);
  }

  keys(): IterableIterator<string> {
    return this.#open().keys();
  }

  entries(): IterableIterator<[string, V]> {
    return this.#open().entries();
  }

  /** This ledger with some rows set, or deleted where the value is undefined. */
  with(changes: Iterable<readonly [string, V | undefined]>): Ledger<V> {
    const rows = this.#open();
    const changed: string[] = [];
    const had: (V | undefined)[] = [];
    for (const [name, value] of changes) {
      const before = rows.get(name);
      if (before === value) continue;
      changed.push(name);
      had.push(before);
      if (value === undefined) rows.delete(name);
      else rows.set(name, value);
    }
    if (changed.length === 0) return this;
    this.#rows = undefined;
    this.#changed = changed;
    this.#had = had;
    this.#newer = new Ledger<V>(rows);
    return this.#newer;
  }

  #open(): Map<string, V> {
    if (this.#rows !== undefined) return this.#rows;
    const older: Ledger<V>[] = [];
    let at: Ledger<V> = this;
    while (at.#newer !== undefined) {
      older.push(at);
      at = at.#newer;
    }
    const rows = new Map(at.#rows);
    for (const ledger of older.reverse()) {
      for (let i = ledger.#changed.length - 1; i >= 0; i -= 1) {
        const [name, before] = [ledger.#changed[i] as string, ledger.#had[i]];
        if (before === undefined) rows.delete(name);
        else rows.set(name, before);
      }
    }
    this.#rows = rows;
    this.#newer = undefined;
    this.#changed = [];
    this.#had = [];
    return rows;
  }
}

/** The rows that mark names, for {@link Ledger.with}. */
export function* marks(names: Iterable<string>): Generator<readonly [string, true]> {
  for (const name of names) yield [name, true];
}
