import { type Follower, Table } from './table.ts';
import type { Equal } from './types.ts';

/** What each row of another table is taken apart into. Nothing but the row is looked at, so no state is kept for it. */
export class SplitTable<I, O> extends Table<O> implements Follower {
  readonly from: Table<I>;
  readonly #parts: (row: I, key: string) => Iterable<readonly [string, O]>;

  constructor(
    name: string,
    order: number,
    equal: Equal<O>,
    from: Table<I>,
    parts: (row: I, key: string) => Iterable<readonly [string, O]>,
  ) {
    super(name, order, equal);
    this.from = from;
    this.#parts = parts;
    for (const [key, row] of from.entries()) this.follow(key, undefined, row);
    from.followers.push(this);
  }

  follow(key: string, before: unknown, after: unknown): void {
    const is = after === undefined ? [] : [...this.#parts(after as I, key)];
    if (before !== undefined) {
      const kept = new Set(is.map(([at]) => at));
      for (const [at] of this.#parts(before as I, key)) if (!kept.has(at)) this.write(at, undefined);
    }
    for (const [at, row] of is) {
      const cell = this.cell(at);
      cell.source = key;
      this.put(cell, row);
    }
  }

  /** Key of the row that this one is a part of. */
  wholeOf(at: string): string | undefined {
    return this.find(at)?.source as string | undefined;
  }
}
