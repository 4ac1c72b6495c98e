import { AnswerTable } from './answer.ts';
import { Derivation } from './derivation.ts';
import { DistinctTable } from './distinct.ts';
import { identical } from './equal.ts';
import { IndexTable, Place } from './index-table.ts';
import { SplitTable } from './split.ts';
import { InputTable, Table } from './table.ts';
import type { Answer, Collection, Commit, Derive, Diff, Equal, Failure, Graph, Index, Input, Reason } from './types.ts';
import { UnionTable } from './union.ts';

export interface GraphOptions {
  /** Only a test switches this off, to see that the incremental property has teeth. */
  readonly tracking?: boolean;
}

/**
 * Creates an empty graph. Collections are created once, in the order data flows; a derivation may read only what
 * was created before it, so creation order is the order of computation and a cycle cannot be written
 * (docs/decisions/0001-collection-engine.md).
 */
export function createGraph(options: GraphOptions = {}): Graph {
  return new CollectionGraph(options.tracking ?? true);
}

class CollectionGraph implements Graph {
  readonly #tables: Table<unknown>[] = [];
  readonly #observers = new Set<(commit: Commit) => void>();
  readonly #failures = new Table<Failure>('failures', Number.MAX_SAFE_INTEGER, (a, b) => a.message === b.message);
  readonly #tracking: boolean;
  #version = 0;
  #committing = false;

  constructor(tracking: boolean) {
    this.#tracking = tracking;
  }

  get failures(): Collection<Failure> {
    return this.#failures;
  }

  input<V>(name: string, equal: Equal<V> = identical): Input<V> {
    return this.#add(new InputTable<V>(name, this.#tables.length, equal));
  }

  answer<I, V>(name: string, to: Collection<I>, equal: Equal<V> = identical): Answer<I, V> {
    return this.#add(new AnswerTable<I, V>(name, this.#tables.length, equal, to as Table<I>, this.#failures));
  }

  index<V>(name: string, of: Collection<V>, keysOf: (row: V, key: string) => Iterable<string>): Index<V> {
    return new IndexTable(name, of as Table<V>, keysOf);
  }

  derive<I, O>(name: string, from: Collection<I>, fn: Derive<I, O>, equal: Equal<O> = identical): Collection<O> {
    const order = this.#tables.length;
    return this.#add(new Derivation(name, order, equal, from as Table<I>, fn, this.#failures, this.#tracking));
  }

  distinct<I, O>(
    name: string,
    from: Collection<I>,
    project: (row: I, key: string) => Iterable<readonly [string, O]>,
  ): Collection<O> {
    return this.#add(new DistinctTable(name, this.#tables.length, from as Table<I>, project));
  }

  split<I, O>(
    name: string,
    from: Collection<I>,
    parts: (row: I, key: string) => Iterable<readonly [string, O]>,
    equal: Equal<O> = identical,
  ): Collection<O> {
    return this.#add(new SplitTable(name, this.#tables.length, equal, from as Table<I>, parts));
  }

  union<V>(name: string, ...of: readonly Collection<V>[]): Collection<V> {
    return this.#add(new UnionTable(name, this.#tables.length, of as readonly Table<V>[]));
  }

  #add<T extends { readonly name: string }>(table: T): T {
    if (this.#committing) throw new Error(`${table.name} is created inside a commit`);
    if (this.#tables.some((t) => t.name === table.name)) throw new Error(`there are two collections called ${table.name}`);
    this.#tables.push(table as unknown as Table<unknown>);
    return table;
  }

  commit(write: (tx: { set<V>(to: Input<V>, key: string, row: V | undefined): void }) => void): void {
    if (this.#committing) throw new Error('a commit inside a commit: observers must not write');
    this.#committing = true;
    try {
      // Collected first: a writer that throws half-way leaves nothing behind.
      const writes: [InputTable<unknown>, string, unknown][] = [];
      write({ set: (to, key, row) => writes.push([to as InputTable<unknown>, key, row]) });
      for (const [to, key, row] of writes) to.write(key, row);
      const recomputed = this.#settle();
      this.#version += 1;
      const tables = this.#tables;
      const commit = {
        version: this.#version,
        recomputed,
        get changed(): ReadonlyMap<string, number> {
          return new Map(tables.flatMap(({ name, changes }) => (changes > 0 ? [[name, changes] as const] : [])));
        },
        diff: <V>(of: Collection<V>): Diff<V> => (of as Table<V>).diff(),
      };
      for (const observer of this.#observers) observer(commit);
    } finally {
      for (const table of this.#tables) table.forgetChanges();
      this.#failures.forgetChanges();
      this.#committing = false;
    }
  }

  #settle(): ReadonlyMap<string, number> {
    const recomputed = new Map<string, number>();
    for (const table of this.#tables) {
      if (!(table instanceof Derivation)) {
        table.settle();
        continue;
      }
      const rows = table.run();
      if (rows > 0) recomputed.set(table.name, rows);
    }
    this.#failures.settle();
    return recomputed;
  }

  onCommit(observer: (commit: Commit) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  why(of: Collection<unknown>, key: string): Reason | undefined {
    if (of.get(key) === undefined) return undefined;
    return reasonOf(of as Table<unknown>, key, new Set());
  }
}

function reasonOf(table: Table<unknown>, key: string, seen: Set<string>): Reason {
  const place = `${table.name}\n${key}`;
  if (seen.has(place)) return { from: table.name, key, read: [] };
  seen.add(place);
  return { from: table.name, key, read: readFor(table, key, seen) };
}

function readFor(table: Table<unknown>, key: string, seen: Set<string>): readonly Reason[] {
  if (table instanceof DistinctTable) {
    const member = table.memberOf(key);
    return member === undefined ? [] : [reasonOf(table.from, member, seen)];
  }
  if (table instanceof SplitTable) {
    const whole = table.wholeOf(key);
    return whole === undefined ? [] : [reasonOf(table.from, whole, seen)];
  }
  if (table instanceof UnionTable) {
    const source = table.sourceOf(key);
    return source === undefined ? [] : [reasonOf(source, key, seen)];
  }
  if (!(table instanceof Derivation)) return [];
  return table
    .readsOf(key)
    .map((read) =>
      read instanceof Place ? { from: read.index.name, key: read.key, read: [] } : reasonOf(read.table, read.key, seen),
    );
}

/** The input rows at the ends of a reason, each once: what the outside world said that made this row. */
export function* inputsOf(
  reason: Reason,
  inputs: ReadonlySet<string>,
  seen = new Set<string>(),
): Generator<{ from: string; key: string }> {
  const place = `${reason.from}\n${reason.key}`;
  if (inputs.has(reason.from) && !seen.has(place)) {
    seen.add(place);
    yield { from: reason.from, key: reason.key };
  }
  for (const read of reason.read) yield* inputsOf(read, inputs, seen);
}
