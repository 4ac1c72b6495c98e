import { identical } from './equal.ts';
import { type Few, membersOf, withMember, withoutMember } from './few.ts';
import { type Cell, type Follower, Table } from './table.ts';

/** The keys of the rows that name a place, kept as the source of the place's cell. */
type Members = Few<string>;

/** One row per distinct key that the rows of another table name; it lives as long as one of them does. */
export class DistinctTable<I, O> extends Table<O> implements Follower {
  readonly from: Table<I>;
  readonly #project: (row: I, key: string) => Iterable<readonly [string, O]>;

  constructor(name: string, order: number, from: Table<I>, project: (row: I, key: string) => Iterable<readonly [string, O]>) {
    super(name, order, identical);
    this.from = from;
    this.#project = project;
    for (const [key, row] of from.entries()) this.follow(key, undefined, row);
    from.followers.push(this);
  }

  follow(key: string, before: unknown, after: unknown): void {
    const is = after === undefined ? [] : this.#named(after as I, key);
    if (before !== undefined) {
      const kept = new Set(is.map(([place]) => place));
      for (const [place] of this.#named(before as I, key)) if (!kept.has(place)) this.#remove(place, key);
    }
    for (const [place, row] of is) this.#add(this.cell(place), key, row);
  }

  #named(row: I, key: string): readonly (readonly [string, O])[] {
    const named = this.#project(row, key);
    return Array.isArray(named) ? named : [...named];
  }

  #add(cell: Cell<O>, key: string, row: O): void {
    const members = cell.source as Members;
    cell.source = withMember(members, key);
    // A place emptied and filled again within one commit keeps the row it had: equal keys mean equal rows.
    if (members === undefined) this.put(cell, cell.before ?? row);
  }

  #remove(place: string, key: string): void {
    const cell = this.find(place);
    if (cell === undefined) return;
    cell.source = withoutMember(cell.source as Members, key);
    if (cell.source === undefined) this.put(cell, undefined);
  }

  memberOf(place: string): string | undefined {
    const [first] = membersOf(this.find(place)?.source as Members);
    return first;
  }
}
