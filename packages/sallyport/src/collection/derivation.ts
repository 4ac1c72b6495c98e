import type { IndexTable } from './index-table.ts';
import { type Reader, Table } from './table.ts';
import type { Collection, Derive, Equal, Failure, Index, Read } from './types.ts';

interface RowState<O> extends Reader {
  outputs: ReadonlyMap<string, O>;
  /** The reader sets this row stands in, each with what it was read from (for `why`). */
  reads: Map<Set<Reader>, readonly [Table<unknown> | IndexTable<unknown>, string]>;
}

/** Recomputes exactly the rows whose input row or remembered reads changed. */
export class Derivation<I, O> extends Table<O> {
  readonly from: Table<I>;
  readonly #fn: Derive<I, O>;
  readonly #states = new Map<string, RowState<O>>();
  readonly #owner = new Map<string, RowState<O>>();
  readonly #rivals = new Map<string, Set<RowState<O>>>();
  readonly #dirty = new Set<string>();
  readonly #failures: Table<Failure>;
  readonly #tracking: boolean;

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
    for (const key of from.keys()) this.#dirty.add(key);
  }

  touch(reader: Reader): void {
    this.#dirty.add(reader.key);
  }

  /** Computes what is dirty and gives the number of rows computed. */
  run(): number {
    for (const key of this.from.changedKeys.keys()) this.#dirty.add(key);
    if (this.#dirty.size === 0) return 0;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const key of dirty) this.#compute(key);
    this.settle();
    return dirty.length;
  }

  #compute(key: string): void {
    const row = this.from.get(key);
    const state = this.#states.get(key);
    if (row === undefined) {
      if (state !== undefined) this.#forget(state);
      this.#failures.write(`${this.name}\n${key}`, undefined);
      return;
    }
    const reads: RowState<O>['reads'] = new Map();
    let outputs: ReadonlyMap<string, O>;
    try {
      outputs = new Map(this.#fn(row, key, this.#reader(reads)));
      this.#failures.write(`${this.name}\n${key}`, undefined);
    } catch (error) {
      // The last good output stays; the reads of both runs are kept, so that a mend of either is noticed.
      this.#failures.write(`${this.name}\n${key}`, { collection: this.name, key, message: messageOf(error) });
      outputs = state?.outputs ?? new Map();
      for (const [set, from] of state?.reads ?? []) reads.set(set, from);
    }
    this.#publish(state ?? { node: this, key, outputs: new Map(), reads: new Map() }, outputs, reads);
  }

  #publish(state: RowState<O>, outputs: ReadonlyMap<string, O>, reads: RowState<O>['reads']): void {
    this.#states.set(state.key, state);
    for (const set of state.reads.keys()) if (!reads.has(set)) set.delete(state);
    for (const set of reads.keys()) set.add(state);
    state.reads = reads;
    const before = state.outputs;
    state.outputs = outputs;
    for (const out of before.keys()) if (!outputs.has(out)) this.#release(out, state);
    for (const [out, row] of outputs) this.#claim(out, row, state);
  }

  #forget(state: RowState<O>): void {
    this.#states.delete(state.key);
    for (const set of state.reads.keys()) set.delete(state);
    const outputs = state.outputs;
    state.outputs = new Map();
    for (const out of outputs.keys()) this.#release(out, state);
  }

  #claim(out: string, row: O, state: RowState<O>): void {
    const owner = this.#owner.get(out);
    if (owner === undefined || owner === state) {
      this.#owner.set(out, state);
      this.write(out, row);
      return;
    }
    // Two producers of one key: the smaller input key wins, whichever came first, so that history does not matter.
    const rivals = this.#rivals.get(out) ?? new Set([owner]);
    this.#rivals.set(out, rivals.add(state));
    this.#settleRivals(out, rivals);
  }

  #release(out: string, state: RowState<O>): void {
    const rivals = this.#rivals.get(out);
    if (rivals === undefined) {
      this.#owner.delete(out);
      this.write(out, undefined);
      return;
    }
    rivals.delete(state);
    this.#settleRivals(out, rivals);
  }

  #settleRivals(out: string, rivals: Set<RowState<O>>): void {
    const [winner, ...others] = [...rivals].sort((a, b) => (a.key < b.key ? -1 : 1));
    if (winner === undefined) return;
    this.#owner.set(out, winner);
    this.write(out, winner.outputs.get(out));
    const failureKey = `${this.name}\n=${out}`;
    if (others.length > 0) {
      const message = `rows ${others.map((o) => o.key).join(', ')} also produce this key; ${winner.key} wins`;
      this.#failures.write(failureKey, { collection: this.name, key: out, message });
      return;
    }
    this.#rivals.delete(out);
    this.#failures.write(failureKey, undefined);
  }

  #reader(reads: RowState<O>['reads']): Read {
    const remember = (from: Table<unknown> | IndexTable<unknown>, key: string) => {
      const order = 'of' in from ? from.of.order : from.order;
      if (order >= this.order) throw new Error(`${this.name} reads ${from.name}, which is created after it`);
      if (this.#tracking) reads.set(from.readers.at(key), [from, key]);
    };
    return {
      get: <V>(from: Collection<V>, key: string) => {
        remember(from as Table<unknown>, key);
        return from.get(key);
      },
      lookup: <V>(index: Index<V>, at: string) => {
        remember(index as unknown as IndexTable<unknown>, at);
        return index.at(at);
      },
    };
  }

  /** What made this row: its input row and everything read for it. */
  readsOf(out: string): readonly (readonly [Table<unknown> | IndexTable<unknown>, string])[] {
    const state = this.#owner.get(out);
    return state === undefined ? [] : [[this.from as Table<unknown>, state.key], ...state.reads.values()];
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
