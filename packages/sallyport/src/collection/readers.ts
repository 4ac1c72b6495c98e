/** One row of one derivation, seen as a reader of other rows. */
export interface Reader {
  readonly node: { touch(reader: Reader): void };
  readonly key: string;
}

/** Anything whose keys can be read: a table, or an index. */
export interface Readable {
  readonly name: string;
}

/**
 * Who read one key of one table or index. Most keys have one reader or none, so a set is made only for the second:
 * with a hundred thousand rows that is most of the engine's memory.
 */
export class Bucket {
  readonly from: Readable;
  readonly key: string;
  #one: Reader | undefined;
  #many: Set<Reader> | undefined;

  constructor(from: Readable, key: string) {
    this.from = from;
    this.key = key;
  }

  get empty(): boolean {
    return this.#one === undefined && this.#many === undefined;
  }

  add(reader: Reader): void {
    if (this.#many !== undefined) this.#many.add(reader);
    else if (this.#one === undefined) this.#one = reader;
    else if (this.#one !== reader) {
      this.#many = new Set([this.#one, reader]);
      this.#one = undefined;
    }
  }

  delete(reader: Reader): void {
    if (this.#one === reader) this.#one = undefined;
    else if (this.#many?.delete(reader) && this.#many.size === 0) this.#many = undefined;
  }

  touch(): void {
    this.#one?.node.touch(this.#one);
    if (this.#many !== undefined) for (const reader of this.#many) reader.node.touch(reader);
  }
}

/** The readers of each key of one table or index. */
export class Readers {
  readonly #of: Readable;
  readonly #byKey = new Map<string, Bucket>();

  constructor(of: Readable) {
    this.#of = of;
  }

  /** The bucket of a key, made on demand so that a reader of an absent row hears of its arrival. */
  at(key: string): Bucket {
    let bucket = this.#byKey.get(key);
    if (bucket === undefined) {
      bucket = new Bucket(this.#of, key);
      this.#byKey.set(key, bucket);
    }
    return bucket;
  }

  touch(key: string): void {
    const bucket = this.#byKey.get(key);
    if (bucket === undefined) return;
    if (bucket.empty) this.#byKey.delete(key);
    else bucket.touch();
  }
}
