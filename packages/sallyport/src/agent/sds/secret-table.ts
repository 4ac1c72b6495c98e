import { isEqual, type Material } from './material.ts';

/** A secret at one moment. The version says which of two came later, and nothing about what is in them. */
export interface Held {
  readonly name: string;
  readonly version: string;
  readonly material: Material;
}

type Hear = (held: Held) => void;

interface Row {
  held: Held | undefined;
  readonly followers: Set<Hear>;
  /** Ends what keeps the secret up to date. */
  stop: (() => void) | undefined;
}

/** Keeps a secret up to date for as long as somebody follows it; undefined when nothing is to be done for this name. */
export type Keep = (name: string, put: (material: Material) => void) => (() => void) | undefined;

/** The secrets that somebody follows, and those that were put. A secret is read for the first who asks and forgotten after the last. */
export class SecretTable {
  readonly #rows = new Map<string, Row>();
  readonly #keep: Keep;
  #versions = 0;

  constructor(keep: Keep) {
    this.#keep = keep;
  }

  /** Sets a secret that is kept whether or not anybody follows it. Does nothing when it is what it was. */
  put(name: string, material: Material): void {
    const row = this.#row(name);
    if (isEqual(row.held?.material, material)) return;
    this.#versions += 1;
    row.held = { name, version: String(this.#versions), material };
    for (const hear of [...row.followers]) hear(row.held);
  }

  /** Tells what the secret is, at once if it is known, and then whenever it changes. Gives the way to end that. */
  follow(name: string, hear: Hear): () => void {
    const row = this.#row(name);
    // Of its own, so that the same function can follow twice.
    const follower: Hear = (held) => hear(held);
    if (row.held !== undefined) follower(row.held);
    row.followers.add(follower);
    if (row.followers.size === 1) row.stop = this.#keep(name, (material) => this.put(name, material));
    return () => {
      if (!row.followers.delete(follower) || row.followers.size > 0) return;
      if (row.stop === undefined && row.held !== undefined) return;
      row.stop?.();
      this.#rows.delete(name);
    };
  }

  /** How many names are known or followed. */
  get size(): number {
    return this.#rows.size;
  }

  #row(name: string): Row {
    let row = this.#rows.get(name);
    if (row === undefined) {
      row = { held: undefined, followers: new Set(), stop: undefined };
      this.#rows.set(name, row);
    }
    return row;
  }
}
