import { randomBytes, randomInt } from 'node:crypto';
import { isTruncated } from '../wire/header.ts';
import type { Question } from '../wire/query.ts';
import { isServerFailure, longestAnswer, recased, upstreamQuery } from '../wire/relay.ts';
import { askStream } from './ask-stream.ts';
import { askUdp } from './ask-udp.ts';
import type { Server } from './resolv-conf.ts';

export interface AskOptions {
  /** How long one server is waited for; the second time round twice as long. */
  readonly timeoutMs: number;
  /** Asks all at once and takes the first good answer, instead of one after the other. */
  readonly parallel: boolean;
}

/** Over what the client asked. Who asked over a connection is asked for over one: his answer may be long. */
export type Transport = 'udp' | 'tcp';

const ROUNDS = 2;
/** How long a server that was silent is asked last. */
const SILENT_MS = 10_000;

/** Several servers as one: asked in their order, or at once; those that were silent lately come last. */
export class Servers {
  readonly #servers: readonly Server[];
  readonly #options: AskOptions;
  readonly #silentSince = new Map<Server, number>();
  /** What we have asked and not heard yet, and how to give it up: a query that comes back to us is a loop, not a client. */
  readonly #asked = new Map<string, () => void>();

  constructor(servers: readonly Server[], options: AskOptions) {
    this.#servers = servers;
    this.#options = options;
  }

  /** Whether this is one of our own queries, sent back to us by whatever captures port 53. It is then given up. */
  isOwn({ id, type, name }: Question): boolean {
    const giveUp = this.#asked.get(keyOf(id, type, name));
    giveUp?.();
    return giveUp !== undefined;
  }

  /** The first good answer, else a server's refusal, else undefined: nobody answered. */
  async ask(question: Question, transport: Transport): Promise<Buffer | undefined> {
    return this.#options.parallel ? this.#askAll(question, transport) : this.#askInTurn(question, transport);
  }

  async #askInTurn(question: Question, transport: Transport): Promise<Buffer | undefined> {
    let refusal: Buffer | undefined;
    let asked = this.#inOrder();
    for (let round = 1; round <= ROUNDS && asked.length > 0; round += 1) {
      const silent: Server[] = [];
      for (const server of asked) {
        const answer = await this.#askOne(server, question, transport, this.#options.timeoutMs * round);
        if (answer === undefined) silent.push(server);
        else if (answer === 'loop') continue;
        else if (isServerFailure(answer)) refusal ??= answer;
        else return answer;
      }
      asked = silent;
    }
    return refusal;
  }

  async #askAll(question: Question, transport: Transport): Promise<Buffer | undefined> {
    let refusal: Buffer | undefined;
    const goodAnswer = async (server: Server): Promise<Buffer> => {
      for (let round = 1; round <= ROUNDS; round += 1) {
        const answer = await this.#askOne(server, question, transport, this.#options.timeoutMs * round);
        if (answer === undefined) continue;
        if (answer !== 'loop' && !isServerFailure(answer)) return answer;
        if (answer !== 'loop') refusal ??= answer;
        break;
      }
      throw new Error('no good answer');
    };
    return Promise.any(this.#servers.map(goodAnswer)).catch(() => refusal);
  }

  #inOrder(): readonly Server[] {
    const now = performance.now();
    const isSilent = (server: Server) => now - (this.#silentSince.get(server) ?? Number.NEGATIVE_INFINITY) < SILENT_MS;
    return [...this.#servers.filter((server) => !isSilent(server)), ...this.#servers.filter(isSilent)];
  }

  /** Undefined: silent. `loop`: it sends what we ask back to us, so that there is no use in asking again. */
  async #askOne(
    server: Server,
    question: Question,
    transport: Transport,
    timeoutMs: number,
  ): Promise<Buffer | 'loop' | undefined> {
    const id = this.#freshId(question);
    const key = keyOf(id, question.type, question.name);
    const looped = new Promise<'loop'>((resolve) => this.#asked.set(key, () => resolve('loop')));
    try {
      const answer = await Promise.race([askBy(transport, server, id, question, timeoutMs), looped]);
      if (Buffer.isBuffer(answer)) this.#silentSince.delete(server);
      else this.#silentSince.set(server, performance.now());
      return answer;
    } finally {
      this.#asked.delete(key);
    }
  }

  #freshId({ type, name }: Question): number {
    for (;;) {
      const id = randomInt(0x10000);
      if (!this.#asked.has(keyOf(id, type, name))) return id;
    }
  }
}

async function askBy(
  transport: Transport,
  server: Server,
  id: number,
  question: Question,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  const overTcp = async () => {
    const message = upstreamQuery(id, question, question.wire);
    return askStream({ host: server.address, port: server.port }, { id, message, wire: question.wire }, timeoutMs);
  };
  const overUdp = () => {
    const wire = recased(question.wire, randomBytes(32));
    return askUdp(server, { id, wire, message: upstreamQuery(id, question, wire), longest: longestAnswer(question) }, timeoutMs);
  };
  if (transport === 'tcp') {
    const answer = await overTcp();
    if (answer !== 'unreachable') return answer;
  }
  const answer = await overUdp();
  if (answer === undefined) return undefined;
  if (answer !== 'unlike' && !isTruncated(answer)) return answer;
  const whole = transport === 'tcp' ? 'unreachable' : await overTcp();
  if (whole !== undefined && whole !== 'unreachable') return whole;
  return answer === 'unlike' ? undefined : answer;
}

function keyOf(id: number, type: string, name: string): string {
  return `${id} ${type} ${name}`;
}
