import { identical } from './equal.ts';
import { type Follower, Table } from './table.ts';

/** One row per distinct key that the rows of another table name; it lives as long as one of them does. */
export class DistinctTable<I, O> extends Table<O> implements Follower {
  readonly from: Table<I>;
  readonly #project: (row: I, key: string) => Iterable<readonly [string, O]>;
  readonly #members = new Map<string, Set<string>>();

  constructor(name: string, order: number, from: Table<I>, project: (row: I, key: string) => Iterable<readonly [string, O]>) {
    super(name, order, identical);
    this.from = from;
    this.#project = project;
    for (const [key, row] of from.entries()) this.follow(key, undefined, row);
    from.followers.push(this);
  }

  follow(key: string, before: unknown, after: unknown): void {
    const is = new Map(after === undefined ? [] : this.#project(after as I, key));
    if (before !== undefined) for (const [place] of this.#project(before as I, key)) if (!is.has(place)) this.#remove(place, key);
    for (const [place, row] of is) this.#add(place, key, row);
  }

  #add(place: string, key: string, row: O): void {
    const members = this.#members.get(place);
    if (members !== undefined) {
      members.add(key);
      // A place emptied and filled again within one commit keeps the row it had: equal keys mean equal rows.
      if (this.get(place) === undefined) this.write(place, row);
      return;
    }
    this.#members.set(place, new Set([key]));
    this.write(place, row);
  }

  #remove(place: string, key: string): void {
    const members = this.#members.get(place);
    members?.delete(key);
    if (members?.size !== 0) return;
    this.#members.delete(place);
    this.write(place, undefined);
  }

  memberOf(place: string): string | undefined {
    return this.#members.get(place)?.values().next().value;
  }
}
