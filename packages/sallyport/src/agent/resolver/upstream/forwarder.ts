import { randomInt } from 'node:crypto';
import { RCODE } from '../wire/header.ts';
import type { Question } from '../wire/query.ts';
import { asNoData, relayed, type UpstreamAnswer, upstreamAnswer, upstreamQuery } from '../wire/relay.ts';
import { Servers, type Transport } from './ask-servers.ts';
import { askStream } from './ask-stream.ts';
import { AnswerCache, type CacheLimits, keyOf } from './cache.ts';
import type { Server } from './resolv-conf.ts';

/**
 * Who knows the names that we do not. `unix`: another resolver of ours outside of the network namespace, spoken to as over TCP: so
 * no packet needs a way out, and no rule an exception for it. `nobody`: the tables are the whole world, as in a laboratory.
 */
export type Upstream =
  | { readonly kind: 'servers'; readonly servers: readonly Server[] }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'nobody' };

export interface ForwarderOptions {
  /** For each server asked, in milliseconds. Default 2,500, and twice that in a second round. */
  readonly timeoutMs?: number;
  /** All servers at once instead of one after the other. */
  readonly parallel?: boolean;
  /** Seconds beyond its time that an answer is given when all servers fail (RFC 8767). Default 0: not at all. */
  readonly staleSeconds?: number;
  /** `false`: nothing is kept. Default 10,000 answers, 8 MiB. */
  readonly cache?: CacheLimits | false;
}

export type Forwarded =
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  /** Too many questions are open already. */
  | { readonly kind: 'busy' }
  /** All servers failed or were silent. */
  | { readonly kind: 'failed' };

const CACHE: CacheLimits = { entries: 10_000, bytes: 8 * 1024 * 1024 };
const TIMEOUT_MS = 2_500;
/** A resolver outside has servers of its own to wait for. */
const OUTSIDE_MS = 20_000;
const MOST_PENDING = 512;
/** How long a failure is repeated without asking again, so that clients that retry make no storm (RFC 9520 3.2). */
const FAILURE_MS = 1_000;
const MOST_FAILURES = 1_000;
/** After this time a client is given what is out of date rather than kept waiting (RFC 8767 5). */
const IMPATIENT_MS = 1_800;

/** Asks for what the tables do not know, keeps what it is told, and asks for one thing once however many want it. */
export class Forwarder {
  readonly upstream: Upstream;
  readonly #servers: Servers | undefined;
  readonly #cache: AnswerCache | undefined;
  /** Questions that are being asked, by what was asked: a second one waits for the first (RFC 5452 5). */
  readonly #open = new Map<string, Promise<UpstreamAnswer | undefined>>();
  readonly #failed = new Map<string, number>();

  constructor(upstream: Upstream, options: ForwarderOptions = {}) {
    this.upstream = upstream;
    const { timeoutMs = TIMEOUT_MS, parallel = false, staleSeconds = 0, cache = CACHE } = options;
    if (upstream.kind === 'servers') this.#servers = new Servers(upstream.servers, { timeoutMs, parallel });
    if (cache !== false) this.#cache = new AnswerCache(cache, staleSeconds);
  }

  /** Whether this is one of our own queries, sent back to us by whatever captures port 53. */
  isOwn(question: Question): boolean {
    return this.#servers?.isOwn(question) ?? false;
  }

  /** Questions that are being asked now. */
  get pending(): number {
    return this.#open.size;
  }

  /** What is known already. */
  known(question: Question): Buffer | undefined {
    return this.#cache?.find(question, performance.now());
  }

  /** `exists`: the name is ours, only not with records of this type, so that nobody can say that it does not exist. */
  async ask(question: Question, transport: Transport, exists = false): Promise<Forwarded> {
    const key = `${keyOf(question)}${exists ? ' ours' : ''}${question.edns ? ` ${question.udpSize}` : ''} ${transport}`;
    let open = this.#open.get(key);
    if (open === undefined) {
      if (performance.now() < (this.#failed.get(key) ?? 0)) return this.#stale(question) ?? { kind: 'failed' };
      if (this.#open.size >= MOST_PENDING) return this.#stale(question) ?? { kind: 'busy' };
      open = this.#ask(question, transport, exists, key).finally(() => this.#open.delete(key));
      this.#open.set(key, open);
    }
    const isPatient = this.#cache?.hasStale(question, performance.now()) !== true;
    const answer = await (isPatient ? open : within(IMPATIENT_MS, open));
    if (answer === undefined || isFailure(answer)) {
      const stale = this.#stale(question);
      if (stale !== undefined) return stale;
    }
    return answer === undefined ? { kind: 'failed' } : { kind: 'answer', bytes: relayed(answer, question) };
  }

  #stale(question: Question): Forwarded | undefined {
    const bytes = this.#cache?.findStale(question, performance.now());
    return bytes && { kind: 'answer', bytes };
  }

  async #ask(question: Question, transport: Transport, exists: boolean, key: string): Promise<UpstreamAnswer | undefined> {
    const bytes = await this.#said(question, transport).catch(() => undefined);
    const said = bytes && upstreamAnswer(bytes, question);
    const answer = said && exists ? asNoData(said) : said;
    if (answer === undefined || isFailure(answer)) this.#remember(key);
    else this.#cache?.keep(question, answer, performance.now());
    return answer;
  }

  /** Throws when the system has no socket left. */
  async #said(question: Question, transport: Transport): Promise<Buffer | undefined> {
    return this.upstream.kind === 'unix' ? askOutside(this.upstream.path, question) : this.#servers?.ask(question, transport);
  }

  #remember(failed: string): void {
    this.#failed.delete(failed);
    this.#failed.set(failed, performance.now() + FAILURE_MS);
    for (const oldest of this.#failed.keys()) {
      if (this.#failed.size <= MOST_FAILURES) break;
      this.#failed.delete(oldest);
    }
  }
}

async function askOutside(path: string, question: Question): Promise<Buffer | undefined> {
  const id = randomInt(0x10000);
  const { wire } = question;
  const answer = await askStream({ path }, { id, wire, message: upstreamQuery(id, question, wire) }, OUTSIDE_MS);
  return answer === 'unreachable' ? undefined : answer;
}

function isFailure({ flags }: UpstreamAnswer): boolean {
  const rcode = flags & 0x000f;
  return rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN;
}

/** What is not there in time is undefined. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  const first = await Promise.race([promise, late]);
  clearTimeout(timer);
  return first;
}
