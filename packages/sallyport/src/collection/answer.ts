import { InputTable, type Table } from './table.ts';
import type { Answer, Diff, Equal, Failure } from './types.ts';

type Answering<I, V> = (changes: Diff<I>, set: (key: string, row: V | undefined) => void) => void;

/** Rows given from outside when the table they answer has settled. */
export class AnswerTable<I, V> extends InputTable<V> implements Answer<I, V> {
  readonly #to: Table<I>;
  readonly #failures: Table<Failure>;
  #answer: Answering<I, V> = () => {};

  constructor(name: string, order: number, equal: Equal<V>, to: Table<I>, failures: Table<Failure>) {
    super(name, order, equal);
    this.#to = to;
    this.#failures = failures;
  }

  by(answer: Answering<I, V>): void {
    this.#answer = answer;
  }

  override settle(): void {
    try {
      this.#answer(this.#to.diff(), (key, row) => this.write(key, row));
      if (this.#failures.size > 0) this.#failures.write(this.name, undefined);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#failures.write(this.name, { collection: this.name, key: '', message });
    }
    super.settle();
  }
}
