import { type Few, membersOf, withMember, withoutMember } from './few.ts';

/** What can be marked as out of date: one row of one derivation, which reads others. */
export interface Reader {
  touch(): void;
}

/** Something with a key that derivations read: a row, present or not, or a place of an index. */
export class Readable {
  readonly key: string;
  #readers: Few<Reader>;

  constructor(key: string) {
    this.key = key;
    this.#readers = undefined;
  }

  get isRead(): boolean {
    return this.#readers !== undefined;
  }

  /** Adds a reader, once. */
  addReader(reader: Reader): void {
    this.#readers = withMember(this.#readers, reader);
  }

  removeReader(reader: Reader): void {
    this.#readers = withoutMember(this.#readers, reader);
  }

  touchReaders(): void {
    if (this.#readers !== undefined) for (const reader of membersOf(this.#readers)) reader.touch();
  }
}
