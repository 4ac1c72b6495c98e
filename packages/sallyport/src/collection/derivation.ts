import type { IndexTable, Place } from './index-table.ts';
import type { Readable } from './readable.ts';
import { NOTHING, RowState } from './row-state.ts';
import { type Cell, type Consumer, Table } from './table.ts';
import type { Derive, Equal, Failure, Read } from './types.ts';

type Rows<O> = readonly (readonly [string, O])[];

/** Up to this number of rows are held against each other to find one key twice; more make a set. */
const FEW = 8;

/** Recomputes exactly the rows whose input row or remembered reads changed. */
export class Derivation<I, O> extends Table<O> implements Consumer<I> {
  readonly from: Table<I>;
  readonly #fn: Derive<I, O>;
  /** Rows that several input rows make, with what each of them gives. */
  readonly #rivals = new Map<Cell<O>, Map<RowState<I, O>, O>>();
  /** Rows to compute; the list is emptied, never replaced. */
  readonly #dirty: RowState<I, O>[] = [];
  readonly #failures: Table<Failure>;
  readonly #tracking: boolean;
  /** What the row that is being computed has read so far. */
  readonly #reads: Readable[] = [];
  readonly #read: Read;

  constructor(
    name: string,
    order: number,
    equal: Equal<O>,
    from: Table<I>,
    fn: Derive<I, O>,
    failures: Table<Failure>,
    tracking: boolean,
  ) {
    super(name, order, equal);
    this.from = from;
    this.#fn = fn;
    this.#failures = failures;
    this.#tracking = tracking;
    this.#read = {
      get: <V>(table: unknown, at: string) => {
        const cell = this.#checked(table as Table<V>).cell(at);
        this.#remember(cell);
        return cell.row;
      },
      lookup: (index, at) => {
        const place = this.#checked(index as unknown as IndexTable<unknown>).place(at);
        this.#remember(place);
        return place.members;
      },
    };
    for (const cell of from.cells()) this.arrive(cell);
    from.consumers.push(this);
  }

  arrive(cell: Cell<I>): void {
    new RowState<I, O>(cell, this.#dirty);
  }

  /** Computes what is dirty and gives the number of rows computed. */
  run(): number {
    const dirty = this.#dirty;
    if (dirty.length === 0) return 0;
    // Nothing that is computed here can make another row of this table dirty: it reads only what was created before.
    for (const state of dirty) {
      state.clean();
      this.#compute(state);
    }
    const rows = dirty.length;
    dirty.length = 0;
    this.settle();
    return rows;
  }

  #compute(state: RowState<I, O>): void {
    const { key, row } = state.input;
    if (row === undefined) {
      this.#forget(state);
      return;
    }
    this.#reads.length = 0;
    let rows: Rows<O>;
    try {
      rows = distinctKeys(this.#fn(row, key, this.#read));
      this.#mend(key);
    } catch (error) {
      // The last good output stays; the reads of both runs are kept, so that a mend of either is noticed.
      this.#failures.write(`${this.name}\n${key}`, { collection: this.name, key, message: messageOf(error) });
      this.#reads.push(...state.reads);
      state.subscribe(this.#reads);
      return;
    }
    state.subscribe(this.#reads);
    this.#publish(state, rows);
  }

  #publish(state: RowState<I, O>, rows: Rows<O>): void {
    const before = state.outputs;
    const [only] = rows;
    if (only !== undefined && rows.length === 1) {
      // By far the most common: one row, and mostly the same one as before.
      const cell = !Array.isArray(before) && (before as Cell<O>).key === only[0] ? (before as Cell<O>) : this.cell(only[0]);
      state.outputs = cell;
      if (Array.isArray(before)) for (const made of before as readonly Cell<O>[]) if (made !== cell) this.#release(made, state);
      if (!Array.isArray(before) && before !== cell) this.#release(before as Cell<O>, state);
      this.#claim(cell, only[1], state);
      return;
    }
    const made = state.made;
    const cells = rows.length === 0 ? NOTHING : rows.map(([key]) => this.cell(key));
    state.outputs = cells;
    if (made.length > 0) {
      const kept = new Set(cells);
      for (const cell of made) if (!kept.has(cell)) this.#release(cell, state);
    }
    for (const [i, cell] of cells.entries()) this.#claim(cell, rows[i]![1], state);
  }

  #forget(state: RowState<I, O>): void {
    const made = state.made;
    state.outputs = NOTHING;
    state.end();
    for (const cell of made) this.#release(cell, state);
    this.#mend(state.input.key);
  }

  #mend(key: string): void {
    if (this.#failures.size > 0) this.#failures.write(`${this.name}\n${key}`, undefined);
  }

  #claim(cell: Cell<O>, row: O, state: RowState<I, O>): void {
    const owner = cell.source as RowState<I, O> | undefined;
    if (owner === undefined) cell.source = state;
    const rivals = this.#rivals.size === 0 ? undefined : this.#rivals.get(cell);
    if (rivals === undefined && (owner === undefined || owner === state)) {
      this.put(cell, row);
      return;
    }
    // Two producers of one key: the smaller input key wins, whichever came first, so that history does not matter.
    const all = rivals ?? new Map([[owner as RowState<I, O>, cell.row as O]]);
    this.#rivals.set(cell, all.set(state, row));
    this.#settleRivals(cell, all);
  }

  #release(cell: Cell<O>, state: RowState<I, O>): void {
    const rivals = this.#rivals.get(cell);
    if (rivals === undefined) {
      cell.source = undefined;
      this.put(cell, undefined);
      return;
    }
    rivals.delete(state);
    this.#settleRivals(cell, rivals);
  }

  #settleRivals(cell: Cell<O>, rivals: ReadonlyMap<RowState<I, O>, O>): void {
    const [winner, ...others] = [...rivals].sort(([a], [b]) => (a.input.key < b.input.key ? -1 : 1));
    if (winner === undefined) return;
    const [state, row] = winner;
    cell.source = state;
    this.put(cell, row);
    const failureKey = `${this.name}\n=${cell.key}`;
    if (others.length > 0) {
      const names = others.map(([{ input }]) => input.key).join(', ');
      const message = `rows ${names} also produce this key; ${state.input.key} wins`;
      this.#failures.write(failureKey, { collection: this.name, key: cell.key, message });
      return;
    }
    this.#rivals.delete(cell);
    this.#failures.write(failureKey, undefined);
  }

  #checked<T extends { readonly name: string; readonly order: number }>(from: T): T {
    if (from.order >= this.order) throw new Error(`${this.name} reads ${from.name}, which is created after it`);
    return from;
  }

  #remember(read: Readable): void {
    if (this.#tracking && this.#reads.at(-1) !== read) this.#reads.push(read);
  }

  /** What made this row: its input row and everything read for it. */
  readsOf(out: string): readonly (Cell | Place)[] {
    const state = this.find(out)?.source as RowState<I, O> | undefined;
    return state === undefined ? [] : [...new Set([state.input, ...state.reads])].map((read) => read as Cell | Place);
  }
}

/** Of rows with one key the last counts. */
function distinctKeys<O>(rows: Iterable<readonly [string, O]>): Rows<O> {
  const list = Array.isArray(rows) ? (rows as Rows<O>) : [...rows];
  if (list.length <= 1) return list;
  const isDistinct =
    list.length <= FEW
      ? list.every(([key], i) => !list.some(([other], j) => j < i && other === key))
      : new Set(list.map(([key]) => key)).size === list.length;
  return isDistinct ? list : [...new Map(list)];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
