import type { Question } from '../wire/query.ts';
import { relayed, sizeOf, type UpstreamAnswer } from '../wire/relay.ts';

export interface CacheLimits {
  readonly entries: number;
  readonly bytes: number;
}

interface Kept {
  readonly answer: UpstreamAnswer;
  readonly cameAt: number;
  /** Until when nobody is asked again for what is out of date: servers that fail are not pressed (RFC 8767 5). */
  spared: number;
}

/** Seconds that a stale answer is given, and that its servers are let alone (RFC 8767 4 and 5). */
const STALE_SECONDS = 30;

/**
 * What servers said, by question; the one that was not used for longest goes first. Answers are kept whole under what was asked, so that
 * records of other names that came with them are never an answer (RFC 5452 6). Times in milliseconds, of any clock that only goes forward.
 */
export class AnswerCache {
  readonly #limits: CacheLimits;
  /** Seconds beyond its time that an answer may be given when nobody can say anything newer; 0: not at all. */
  readonly #staleSeconds: number;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(limits: CacheLimits, staleSeconds: number) {
    this.#limits = limits;
    this.#staleSeconds = staleSeconds;
  }

  get entries(): number {
    return this.#kept.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The answer as long as it is in date, with what is left of its times to live. */
  find(question: Question, now: number): Buffer | undefined {
    const key = keyOf(question);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const age = (now - kept.cameAt) / 1_000;
    if (age < kept.answer.seconds) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return relayed(kept.answer, question, { seconds: Math.floor(age) });
    }
    if (now < kept.spared) return this.#stale(kept, question, now);
    if (age >= kept.answer.seconds + this.#staleSeconds) this.#drop(key);
    return undefined;
  }

  /** Whether there is an answer that is out of date and may be given all the same. */
  hasStale(question: Question, now: number): boolean {
    const kept = this.#kept.get(keyOf(question));
    if (kept === undefined) return false;
    const over = (now - kept.cameAt) / 1_000 - kept.answer.seconds;
    return over >= 0 && over < this.#staleSeconds;
  }

  /** The answer although it is out of date; for when all servers fail. They are then let alone for a while. */
  findStale(question: Question, now: number): Buffer | undefined {
    const kept = this.#kept.get(keyOf(question));
    const stale = kept && this.#stale(kept, question, now);
    if (kept !== undefined && stale !== undefined) kept.spared = now + STALE_SECONDS * 1_000;
    return stale;
  }

  keep(question: Question, answer: UpstreamAnswer, now: number): void {
    if (answer.seconds === 0) return;
    const key = keyOf(question);
    this.#drop(key);
    const size = sizeOf(answer) + key.length;
    if (size > this.#limits.bytes / 16) return;
    this.#kept.set(key, { answer, cameAt: now, spared: 0 });
    this.#bytes += size;
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limits.entries && this.#bytes <= this.#limits.bytes) break;
      this.#drop(oldest);
    }
  }

  #stale({ answer, cameAt }: Kept, question: Question, now: number): Buffer | undefined {
    const over = (now - cameAt) / 1_000 - answer.seconds;
    return over < this.#staleSeconds ? relayed(answer, question, { seconds: 0, stale: STALE_SECONDS }) : undefined;
  }

  #drop(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#bytes -= sizeOf(kept.answer) + key.length;
  }
}

/** Answers differ by what is asked, and by whether signatures and their checking are wanted (RFC 4035 4.7). */
export function keyOf({ name, type, dnssecOk, checkingDisabled }: Question): string {
  return `${name} ${type}${dnssecOk ? ' DO' : ''}${checkingDisabled ? ' CD' : ''}`;
}
