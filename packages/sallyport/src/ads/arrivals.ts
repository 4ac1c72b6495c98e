import type { Talk } from './roster.ts';

/** Streams that are let in together: enough to share the work, few enough not to keep the others waiting for a second. */
const TOGETHER = 16;

/** Streams that have said who they are and whose class is to be found: gathered while input is at hand, let in together. */
export class Arrivals {
  readonly #admit: (talks: readonly Talk[]) => void;
  readonly #defer: (run: () => void) => void;
  #waiting: Talk[] = [];

  constructor(admit: (talks: readonly Talk[]) => void, defer: (run: () => void) => void) {
    this.#admit = admit;
    this.#defer = defer;
  }

  add(talk: Talk): void {
    this.#waiting.push(talk);
    if (this.#waiting.length === 1) this.#plan();
  }

  #plan(): void {
    this.#defer(() => {
      const talks = this.#waiting.slice(0, TOGETHER);
      this.#waiting = this.#waiting.slice(TOGETHER);
      if (this.#waiting.length > 0) this.#plan();
      this.#admit(talks);
    });
  }
}
