import { Place } from './index-table.ts';
import type { Readable, Reader } from './readable.ts';
import { Cell } from './table.ts';

export const NOTHING: readonly never[] = [];

/** One input row of one derivation: what it read and what was made of it. */
export class RowState<I, O> implements Reader {
  readonly input: Cell<I>;
  readonly #dirty: RowState<I, O>[];
  #isDirty = false;
  /** What was read, in order; what was read twice may stand twice. One alone needs no list. */
  #reads: Readable | readonly Readable[] = NOTHING;
  /** Cells of the rows made, each once. One alone needs no list. */
  outputs: Cell<O> | readonly Cell<O>[] = NOTHING;

  /** `dirty`: where it waits when something that it read has changed. Its input row is read from the start. */
  constructor(input: Cell<I>, dirty: RowState<I, O>[]) {
    this.input = input;
    this.#dirty = dirty;
    input.addReader(this);
    this.touch();
  }

  touch(): void {
    if (this.#isDirty) return;
    this.#isDirty = true;
    this.#dirty.push(this);
  }

  clean(): void {
    this.#isDirty = false;
  }

  get made(): readonly Cell<O>[] {
    return Array.isArray(this.outputs) ? this.outputs : [this.outputs as Cell<O>];
  }

  get reads(): readonly Readable[] {
    return Array.isArray(this.#reads) ? this.#reads : [this.#reads as Readable];
  }

  /** Makes the row a reader of exactly these. Most rows read the same as before, and then nothing is touched. */
  subscribe(reads: readonly Readable[]): void {
    const [only] = reads;
    if (reads.length === 1 && this.#reads === only) return;
    const before = this.reads;
    if (before.length === reads.length && before.every((read, i) => read === reads[i])) return;
    // A copy, of just the length: the list that grew while reading is used again.
    this.#reads = only === undefined ? NOTHING : reads.length === 1 ? only : reads.slice();
    for (const read of reads) read.addReader(this);
    if (before.length === 0) return;
    const kept = new Set(reads).add(this.input);
    for (const read of before) if (!kept.has(read)) leave(read, this);
  }

  /** Ends all reading. */
  end(): void {
    const { reads } = this;
    this.#reads = NOTHING;
    for (const read of reads) leave(read, this);
    leave(this.input, this);
  }
}

function leave(read: Readable, reader: Reader): void {
  read.removeReader(reader);
  if (read instanceof Cell) read.table.release(read);
  else if (read instanceof Place) read.index.release(read);
}
