import type { Addresses, Found, Names } from './names.ts';
import { type Rate, RateLimit } from './rate.ts';
import { specialName } from './special-names.ts';
import type { Transport } from './upstream/ask-servers.ts';
import type { Forwarder } from './upstream/forwarder.ts';
import { EDE, type ExtendedError } from './wire/edns.ts';
import type { Rcode } from './wire/header.ts';
import type { Question } from './wire/query.ts';
import { addressReply, anyReply, emptyReply } from './wire/reply.ts';

/** Istio's, and not configurable there either (spec/istio.md 3.4). */
const TTL_SECONDS = 30;
/** Of the questions that are open with servers, one client may have so many. */
const MOST_PENDING = 256;
/**
 * Types that say where and how a host is reached beside its address (RFC 9460). For names of ours that is the proxy's business: hints of real
 * addresses, keys for hiding the name, or other protocols would lead around it.
 */
const SERVICE_TYPES: ReadonlySet<string> = new Set(['UNKNOWN_64', 'UNKNOWN_65', 'SVCB', 'HTTPS']);

const NOT_READY: ExtendedError = { code: EDE.notReady, text: 'no table of names has come from the control plane yet' };
const TOO_FAST: ExtendedError = { code: EDE.prohibited, text: 'too many new names a second' };
const TOO_MANY: ExtendedError = { code: EDE.prohibited, text: 'too many questions are open' };
const NO_SERVER: ExtendedError = { code: EDE.noReachableAuthority, text: 'no server answered' };
const LOOP: ExtendedError = { code: EDE.noReachableAuthority, text: 'queries of this resolver come back to it' };
const NOT_RECURSIVE: ExtendedError = { code: EDE.notSupported, text: 'not known here, and recursion was not asked for' };

export interface AnsweringOptions {
  readonly names: Names;
  readonly forwarder: Forwarder;
  /** Questions that go upstream, by client. */
  readonly rate?: Rate;
  /** Hears once that queries come back to us. */
  readonly onLoop: () => void;
}

/** How questions were answered so far. */
export interface AnswerCounts {
  table: number;
  /** From what servers said before. */
  kept: number;
  /** By servers. */
  upstream: number;
  /** Too many, or nobody answered. */
  failed: number;
}

/** From where a question came. */
export interface From {
  readonly address: string;
  readonly transport: Transport;
  /** Octets that an answer may have. */
  readonly most: number;
}

/** What a resolver says: from the table of names, else from upstream, else the reason why there is nothing. */
export class Answering {
  readonly #options: AnsweringOptions;
  readonly #rate: RateLimit | undefined;
  /** Open questions by client. */
  readonly #pending = new Map<string, number>();
  readonly counts: AnswerCounts = { table: 0, kept: 0, upstream: 0, failed: 0 };
  #turn = 0;

  constructor(options: AnsweringOptions) {
    this.#options = options;
    if (options.rate !== undefined) this.#rate = new RateLimit(options.rate);
  }

  /** Answers at once where nobody has to be asked. */
  answer(question: Question, from: From): Buffer | Promise<Buffer> {
    if (question.type === 'ANY') return anyReply(question);
    const found = this.#find(question.name);
    if (found === 'none') return emptyReply(question, 'NXDOMAIN', { authoritative: true });
    switch (found.kind) {
      case 'known':
        return this.#known(question, found, from);
      case 'not-ready':
        return emptyReply(question, 'SERVFAIL', { error: NOT_READY });
      case 'unknown':
        return this.#forward(question, from, false);
    }
  }

  #find(name: string): Found | 'none' {
    const found = this.#options.names.lookup(name);
    return found.kind === 'unknown' ? specialName(name) : found;
  }

  #known(
    question: Question,
    { addresses, alias }: { addresses: Addresses; alias?: string },
    from: From,
  ): Buffer | Promise<Buffer> {
    const { type } = question;
    this.counts.table += 1;
    if (type === 'A' || type === 'AAAA') {
      this.#turn = (this.#turn + 1) & 0xffff;
      const answer = { addresses: addresses[type], ttlSeconds: TTL_SECONDS, first: this.#turn, most: from.most };
      return addressReply(question, alias === undefined ? answer : { ...answer, alias });
    }
    // Mail, text and so on may be known elsewhere, as Istio has it; that the name exists is known here.
    const isOurs = SERVICE_TYPES.has(type) || this.#options.forwarder.upstream.kind === 'nobody' || alias !== undefined;
    return isOurs ? emptyReply(question, 'NOERROR', { authoritative: true }) : this.#forward(question, from, true);
  }

  #forward(question: Question, from: From, exists: boolean): Buffer | Promise<Buffer> {
    const { forwarder } = this.#options;
    if (forwarder.upstream.kind === 'nobody') return emptyReply(question, 'NXDOMAIN');
    const known = forwarder.known(question);
    if (known !== undefined) {
      this.counts.kept += 1;
      return known;
    }
    if (forwarder.isOwn(question)) {
      this.#options.onLoop();
      return this.#fail(question, 'SERVFAIL', LOOP);
    }
    if (!question.recursionDesired) return emptyReply(question, 'REFUSED', { error: NOT_RECURSIVE });
    if (this.#rate?.take(from.address, performance.now()) === false) return this.#fail(question, 'REFUSED', TOO_FAST);
    if ((this.#pending.get(from.address) ?? 0) >= MOST_PENDING) return this.#fail(question, 'SERVFAIL', TOO_MANY);
    return this.#ask(question, from, exists);
  }

  async #ask(question: Question, { address, transport }: From, exists: boolean): Promise<Buffer> {
    this.#pending.set(address, (this.#pending.get(address) ?? 0) + 1);
    const said = await this.#options.forwarder.ask(question, transport, exists);
    const left = this.#pending.get(address)! - 1;
    if (left === 0) this.#pending.delete(address);
    else this.#pending.set(address, left);
    switch (said.kind) {
      case 'answer':
        this.counts.upstream += 1;
        return said.bytes;
      case 'busy':
        return this.#fail(question, 'SERVFAIL', TOO_MANY);
      case 'failed':
        return this.#fail(question, 'SERVFAIL', NO_SERVER);
    }
  }

  #fail(question: Question, rcode: Rcode, error: ExtendedError): Buffer {
    this.counts.failed += 1;
    return emptyReply(question, rcode, { error });
  }
}
