import { identical } from './equal.ts';
import { Table } from './table.ts';

/** The rows of several tables in one. Their keys should differ; where they do not, the table named first wins. */
export class UnionTable<V> extends Table<V> {
  readonly of: readonly Table<V>[];

  constructor(name: string, order: number, of: readonly Table<V>[]) {
    super(name, order, identical);
    this.of = of;
    for (const table of of) {
      for (const key of table.keys()) this.#copy(key);
      table.followers.push({ follow: (key) => this.#copy(key) });
    }
  }

  #copy(key: string): void {
    this.write(key, this.sourceOf(key)?.get(key));
  }

  sourceOf(key: string): Table<V> | undefined {
    return this.of.find((table) => table.get(key) !== undefined);
  }
}
