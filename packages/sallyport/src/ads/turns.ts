import type { Talk } from './roster.ts';

/** Bytes sent before the event loop gets its turn: some milliseconds of work. */
const TURN_BYTES = 4 * 1024 * 1024;
/** Likewise for small responses. */
const TURN_RESPONSES = 256;

/** Streams that may have something to send, in a circle: each sends one response, then it is the next one's turn. */
export class Turns {
  readonly #serve: (talk: Talk) => number;
  readonly #defer: (run: () => void) => void;
  #queue: Talk[] = [];
  #planned = false;

  /** `serve` gives one stream its turn, says how many bytes it sent and adds it again if there is more; `defer` runs something soon. */
  constructor(serve: (talk: Talk) => number, defer: (run: () => void) => void) {
    this.#serve = serve;
    this.#defer = defer;
  }

  add(talk: Talk): void {
    if (talk.queued || !talk.open) return;
    talk.queued = true;
    this.#queue.push(talk);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned || this.#queue.length === 0) return;
    this.#planned = true;
    this.#defer(() => this.#run());
  }

  #run(): void {
    this.#planned = false;
    let bytes = 0;
    let responses = 0;
    let at = 0;
    for (; at < this.#queue.length; at += 1) {
      if (bytes >= TURN_BYTES || responses >= TURN_RESPONSES) break;
      const talk = this.#queue[at] as Talk;
      talk.queued = false;
      if (!talk.open || !talk.writable) continue;
      const sent = this.#serve(talk);
      if (sent === 0) continue;
      bytes += sent;
      responses += 1;
    }
    this.#queue = this.#queue.slice(at);
    this.#plan();
  }
}
