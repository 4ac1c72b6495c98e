/** What one row was before a commit and is after it; an absent side means there was, or is, no row. */
export interface Change<V> {
  readonly before?: V;
  readonly after?: V;
}

/** The rows of one collection that a commit changed, by key. */
export type Diff<V> = ReadonlyMap<string, Change<V>>;

export type Equal<V> = (a: V, b: V) => boolean;

/** A keyed table of immutable rows. Reading it directly is for observers; derivations read through {@link Read}. */
export interface Collection<V> {
  readonly name: string;
  readonly size: number;
  get(key: string): V | undefined;
  keys(): IterableIterator<string>;
  entries(): IterableIterator<[string, V]>;
}

/** A collection that the outside world writes, inside {@link Graph.commit}. */
export interface Input<V> extends Collection<V> {
  readonly input: true;
}

/**
 * A collection that something outside gives in answer to the changes of another one, inside the commit that made them: everything
 * created later, and every observer, sees question and answer at once.
 */
export interface Answer<I, V> extends Input<V> {
  /**
   * Who answers, in every commit from now on, also in one that changed nothing there. It is synchronous and may write rows of this
   * collection alone. What it throws is a defect, and is kept as one.
   */
  by(answer: (changes: Diff<I>, set: (key: string, row: V | undefined) => void) => void): void;
}

/** Keys of a collection's rows by something those rows say. Maintained, never searched. */
export interface Index<V> {
  readonly name: string;
  readonly of: Collection<V>;
  /** For observers. The order of the keys means nothing: sort where order matters. */
  at(key: string): ReadonlySet<string>;
}

/** All that a derivation may look at besides its own row. Every call is remembered, also one that finds nothing. */
export interface Read {
  get<V>(from: Collection<V>, key: string): V | undefined;
  /** The keys of the rows at this place of the index. Their order means nothing: sort where order matters. */
  lookup<V>(index: Index<V>, at: string): ReadonlySet<string>;
}

/** A pure, synchronous function of one row and of what it reads. It gives the rows made from it, by key. */
export type Derive<I, O> = (row: I, key: string, read: Read) => Iterable<readonly [string, O]>;

export interface Transaction {
  /** Writes a row, or removes it when `row` is undefined. A row equal to the present one changes nothing. */
  set<V>(to: Input<V>, key: string, row: V | undefined): void;
}

/** What one commit did. Valid while observers run. */
export interface Commit {
  readonly version: number;
  diff<V>(of: Collection<V>): Diff<V>;
  /** How many rows each derivation computed, by its name; derivations that computed nothing are absent. */
  readonly recomputed: ReadonlyMap<string, number>;
  /** How many rows are different now, by table; tables where nothing is are absent. */
  readonly changed: ReadonlyMap<string, number>;
}

/** A derivation that threw for a row, or two rows that made the same key. A defect of ours, never of the user. */
export interface Failure {
  readonly collection: string;
  readonly key: string;
  readonly message: string;
}

/** How a row came about: the row it was derived from first, then everything that was read for it. */
export interface Reason {
  readonly from: string;
  readonly key: string;
  readonly read: readonly Reason[];
}

export interface Graph {
  input<V>(name: string, equal?: Equal<V>): Input<V>;
  /** Rows that whoever is named by {@link Answer.by} gives in answer to `to`; none before. */
  answer<I, V>(name: string, to: Collection<I>, equal?: Equal<V>): Answer<I, V>;
  index<V>(name: string, of: Collection<V>, keysOf: (row: V, key: string) => Iterable<string>): Index<V>;
  derive<I, O>(name: string, from: Collection<I>, fn: Derive<I, O>, equal?: Equal<O>): Collection<O>;
  /**
   * One row for each distinct key that `project` names: how things that many rows share are computed once.
   * A key names its content: rows that name the same key, now or later, must give equal values; the first one is kept.
   */
  distinct<I, O>(
    name: string,
    from: Collection<I>,
    project: (row: I, key: string) => Iterable<readonly [string, O]>,
  ): Collection<O>;
  /**
   * The parts of each row as rows of their own, so that who depends on one part hears of no change to another. `parts` only
   * takes a row apart and never throws; parts of different rows have different keys.
   */
  split<I, O>(
    name: string,
    from: Collection<I>,
    parts: (row: I, key: string) => Iterable<readonly [string, O]>,
    equal?: Equal<O>,
  ): Collection<O>;
  /** The rows of several collections in one. Their keys should differ; where they do not, the collection named first wins. */
  union<V>(name: string, ...of: readonly Collection<V>[]): Collection<V>;
  /** Defects that the engine caught. Observers may read it; derivations may not. */
  readonly failures: Collection<Failure>;
  commit(write: (tx: Transaction) => void): void;
  /** Observers run after everything has settled, in the order they were added. They must not commit. */
  onCommit(observer: (commit: Commit) => void): () => void;
  why(of: Collection<unknown>, key: string): Reason | undefined;
}
