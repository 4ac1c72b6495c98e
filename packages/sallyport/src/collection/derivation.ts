import type { IndexTable } from './index-table.ts';
import type { Bucket, Reader } from './readers.ts';
import { Table } from './table.ts';
import type { Derive, Equal, Failure, Read } from './types.ts';

interface RowState<O> extends Reader {
  /** Rows made, by key; each key once. */
  outputs: readonly (readonly [string, O])[];
  /** What was read, in order; what was read twice may stand twice. */
  reads: readonly Bucket[];
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
  /** What the row that is being computed has read so far. */
  #reads: Bucket[] = [];
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
      get: (table, at) => {
        this.#remember(table as Table<unknown>, at);
        return table.get(at);
      },
      lookup: (index, at) => {
        this.#remember(index as unknown as IndexTable<unknown>, at);
        return index.at(at);
      },
    };
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
    this.#reads = [];
    let outputs: readonly (readonly [string, O])[];
    try {
      outputs = distinctKeys(this.#fn(row, key, this.#read));
      if (this.#failures.size > 0) this.#failures.write(`${this.name}\n${key}`, undefined);
    } catch (error) {
      // The last good output stays; the reads of both runs are kept, so that a mend of either is noticed.
      this.#failures.write(`${this.name}\n${key}`, { collection: this.name, key, message: messageOf(error) });
      outputs = state?.outputs ?? [];
      this.#reads.push(...(state?.reads ?? []));
    }
    this.#publish(state ?? this.#newState(key), outputs, this.#reads);
  }

  #newState(key: string): RowState<O> {
    const state: RowState<O> = { node: this, key, outputs: [], reads: [] };
    this.#states.set(key, state);
    return state;
  }

  #publish(state: RowState<O>, outputs: readonly (readonly [string, O])[], reads: readonly Bucket[]): void {
    subscribe(state, reads);
    const before = state.outputs;
    state.outputs = outputs;
    if (before.length > 0) {
      const kept = keysOf(outputs);
      for (const [out] of before) if (!kept.has(out)) this.#release(out, state);
    }
    for (const [out, row] of outputs) this.#claim(out, row, state);
  }

  #forget(state: RowState<O>): void {
    this.#states.delete(state.key);
    subscribe(state, []);
    const outputs = state.outputs;
    state.outputs = [];
    for (const [out] of outputs) this.#release(out, state);
  }

  #claim(out: string, row: O, state: RowState<O>): void {
    const owner = this.#owner.get(out);
    if (owner === state) {
      const rivals = this.#rivals.get(out);
      if (rivals === undefined) this.write(out, row);
      else this.#settleRivals(out, rivals);
      return;
    }
    if (owner === undefined) {
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
    this.write(out, winner.outputs.find(([key]) => key === out)?.[1]);
    const failureKey = `${this.name}\n=${out}`;
    if (others.length > 0) {
      const message = `rows ${others.map((o) => o.key).join(', ')} also produce this key; ${winner.key} wins`;
      this.#failures.write(failureKey, { collection: this.name, key: out, message });
      return;
    }
    this.#rivals.delete(out);
    this.#failures.write(failureKey, undefined);
  }

  #remember(from: Table<unknown> | IndexTable<unknown>, key: string): void {
    const order = 'of' in from ? from.of.order : from.order;
    if (order >= this.order) throw new Error(`${this.name} reads ${from.name}, which is created after it`);
    if (!this.#tracking) return;
    const bucket = from.readers.at(key);
    if (this.#reads.at(-1) !== bucket) this.#reads.push(bucket);
  }

  /** What made this row: its input row and everything read for it. */
  readsOf(out: string): readonly (readonly [Table<unknown> | IndexTable<unknown>, string])[] {
    const state = this.#owner.get(out);
    if (state === undefined) return [];
    const reads = [...new Set(state.reads)].map(({ from, key }) => [from as Table<unknown> | IndexTable<unknown>, key] as const);
    return [[this.from as Table<unknown>, state.key], ...reads];
  }
}

/** Makes the row a reader of exactly these buckets. Most rows read the same as before, and then nothing is touched. */
function subscribe<O>(state: RowState<O>, reads: readonly Bucket[]): void {
  const before = state.reads;
  state.reads = reads;
  if (before.length === reads.length && before.every((bucket, i) => bucket === reads[i])) return;
  for (const bucket of reads) bucket.add(state);
  if (before.length === 0) return;
  const kept = new Set(reads);
  for (const bucket of before) if (!kept.has(bucket)) bucket.delete(state);
}

function distinctKeys<O>(rows: Iterable<readonly [string, O]>): readonly (readonly [string, O])[] {
  const list = Array.isArray(rows) ? (rows as readonly (readonly [string, O])[]) : [...rows];
  return list.length <= 1 || keysOf(list).size === list.length ? list : [...new Map(list)];
}

function keysOf(rows: readonly (readonly [string, unknown])[]): ReadonlySet<string> {
  return new Set(rows.map(([key]) => key));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
