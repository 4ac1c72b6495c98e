import { Readable } from './readable.ts';
import type { Change, Collection, Diff, Equal, Input } from './types.ts';

/** Anything that must follow a table's changes before later derivations run. */
export interface Follower {
  follow(key: string, before: unknown, after: unknown): void;
}

/** Anything that makes something of each row: hears of rows that were not there before. */
export interface Consumer<V> {
  arrive(cell: Cell<V>): void;
}

/** How often the running commit has written a cell: only those written twice can end where they began. */
const UNTOUCHED = 0;
const WRITTEN = 1;
const REWRITTEN = 2;

/** One key of one table: its row, if there is one, and what the running commit did to it. */
export class Cell<V = unknown> extends Readable {
  readonly table: Table<V>;
  row: V | undefined = undefined;
  /** The row before the running commit, while `writes` says that there was a write. */
  before: V | undefined = undefined;
  writes: typeof UNTOUCHED | typeof WRITTEN | typeof REWRITTEN = UNTOUCHED;
  /** Who gives the row, in the terms of its table. */
  source: unknown = undefined;

  constructor(table: Table<V>, key: string) {
    super(key);
    this.table = table;
  }
}

/** Rows, what the running commit did to them, and who wants to know. */
export class Table<V> implements Collection<V> {
  readonly name: string;
  readonly order: number;
  readonly equal: Equal<V>;
  readonly followers: Follower[] = [];
  readonly consumers: Consumer<V>[] = [];
  readonly #cells = new Map<string, Cell<V>>();
  #changed: Cell<V>[] = [];
  #diff: Diff<V> | undefined;
  #size = 0;

  constructor(name: string, order: number, equal: Equal<V>) {
    this.name = name;
    this.order = order;
    this.equal = equal;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#cells.get(key)?.row;
  }

  *keys(): IterableIterator<string> {
    for (const cell of this.#cells.values()) if (cell.row !== undefined) yield cell.key;
  }

  *entries(): IterableIterator<[string, V]> {
    for (const { key, row } of this.#cells.values()) if (row !== undefined) yield [key, row];
  }

  *cells(): IterableIterator<Cell<V>> {
    for (const cell of this.#cells.values()) if (cell.row !== undefined) yield cell;
  }

  find(key: string): Cell<V> | undefined {
    return this.#cells.get(key);
  }

  /** The cell of a key, made on demand so that a reader of an absent row hears of its arrival. */
  cell(key: string): Cell<V> {
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      cell = new Cell<V>(this, key);
      this.#cells.set(key, cell);
    }
    return cell;
  }

  /** Forgets a cell without a row that nobody reads. */
  release(cell: Cell<V>): void {
    if (cell.row === undefined && cell.writes === UNTOUCHED && !cell.isRead) this.#cells.delete(cell.key);
  }

  write(key: string, row: V | undefined): void {
    if (row !== undefined) this.put(this.cell(key), row);
    else {
      const cell = this.#cells.get(key);
      if (cell !== undefined) this.put(cell, undefined);
    }
  }

  put(cell: Cell<V>, row: V | undefined): void {
    const present = cell.row;
    if (present === row) return;
    if (present === undefined) this.#size += 1;
    else if (row === undefined) this.#size -= 1;
    else if (this.equal(present, row)) return;
    if (cell.writes === UNTOUCHED) {
      cell.writes = WRITTEN;
      cell.before = present;
      this.#changed.push(cell);
    } else cell.writes = REWRITTEN;
    cell.row = row;
  }

  /** Drops changes that ended where they began, then tells followers, readers and consumers of the others. */
  settle(): void {
    if (this.#changed.length === 0) return;
    if (this.#changed.some(({ writes }) => writes === REWRITTEN))
      this.#changed = this.#changed.filter((cell) => !this.#isBack(cell));
    const { followers, consumers } = this;
    for (const cell of this.#changed) {
      const { key, before, row } = cell;
      for (const follower of followers) follower.follow(key, before, row);
      cell.touchReaders();
      if (before === undefined) for (const consumer of consumers) consumer.arrive(cell);
    }
  }

  #isBack(cell: Cell<V>): boolean {
    const { before, row, writes } = cell;
    if (writes !== REWRITTEN) return false;
    if (before !== row && (before === undefined || row === undefined || !this.equal(before, row))) return false;
    cell.row = before;
    this.#rest(cell);
    return true;
  }

  #rest(cell: Cell<V>): void {
    cell.writes = UNTOUCHED;
    cell.before = undefined;
    if (cell.row === undefined) this.release(cell);
  }

  get changes(): number {
    return this.#changed.length;
  }

  diff(): Diff<V> {
    this.#diff ??= new Map(this.#changed.map((cell) => [cell.key, changeOf(cell)]));
    return this.#diff;
  }

  forgetChanges(): void {
    this.#diff = undefined;
    if (this.#changed.length === 0) return;
    for (const cell of this.#changed) this.#rest(cell);
    this.#changed = [];
  }
}

function changeOf<V>({ before, row }: Cell<V>): Change<V> {
  if (before === undefined) return row === undefined ? {} : { after: row };
  return row === undefined ? { before } : { before, after: row };
}

export class InputTable<V> extends Table<V> implements Input<V> {
  readonly input = true;
}
