import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, type NetConnectOpts } from 'node:net';
import { ipFamily } from '../../lib/ip.ts';
import { isAnswerTo, isServerFailure, isTruncated, type Question, relayed, upstreamQuery } from './message.ts';
import type { Server } from './resolv-conf.ts';
import { framed, readFrames } from './stream-frames.ts';

/**
 * Who knows the names that we do not. `unix`: another resolver of ours outside of the network namespace, spoken to as over TCP: so
 * no packet needs a way out, and no rule an exception for it. `nobody`: the tables are the whole world, as in a laboratory.
 */
export type Upstream =
  | { readonly kind: 'servers'; readonly servers: readonly Server[] }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'nobody' };

const LONGEST = 65_535;

/** Asks the servers in turn. Undefined when all of them failed, or were silent for `timeoutMs` each. */
export class Forwarder {
  readonly #upstream: Upstream;
  readonly #timeoutMs: number;
  /** What we have asked and not heard yet: a query that comes back to us is a loop, not a client. */
  readonly #asked = new Set<string>();

  constructor(upstream: Upstream, timeoutMs = 2_500) {
    this.#upstream = upstream;
    this.#timeoutMs = timeoutMs;
  }

  /** Whether this is one of our own queries, sent back to us by whatever captures port 53. */
  isOwn(question: Question): boolean {
    return this.#asked.has(keyOf(question.id, question));
  }

  get pending(): number {
    return this.#asked.size;
  }

  async ask(question: Question): Promise<Buffer | undefined> {
    if (this.#upstream.kind === 'nobody') return undefined;
    if (this.#upstream.kind === 'unix') return this.#askOne(question, { path: this.#upstream.path });
    let refused: Buffer | undefined;
    for (const server of this.#upstream.servers) {
      const answer = await this.#askOne(question, server);
      if (answer !== undefined && !isServerFailure(answer)) return answer;
      refused = answer ?? refused;
    }
    return refused;
  }

  async #askOne(question: Question, server: Server | { readonly path: string }): Promise<Buffer | undefined> {
    const id = randomInt(0x10000);
    const key = keyOf(id, question);
    if (this.#asked.has(key)) return this.#askOne(question, server);
    this.#asked.add(key);
    try {
      const query = upstreamQuery(id, question);
      const isExpected = (bytes: Buffer) => isAnswerTo(bytes, id, question);
      const overUdp = 'path' in server ? undefined : await askUdp(server, query, this.#timeoutMs, isExpected);
      if (!('path' in server) && (overUdp === undefined || !isTruncated(overUdp))) return overUdp && relayed(overUdp, question);
      const to = 'path' in server ? { path: server.path } : { host: server.address, port: server.port };
      const overTcp = (await askStream(to, query, this.#timeoutMs, isExpected)) ?? overUdp;
      return overTcp && relayed(overTcp, question);
    } finally {
      this.#asked.delete(key);
    }
  }
}

function keyOf(id: number, question: Question): string {
  return `${id} ${question.type} ${question.name.toLowerCase()}`;
}

/** A socket of its own for each query, so that its port is as hard to guess as the id; connected, so that others cannot answer. */
function askUdp(
  server: Server,
  query: Buffer,
  timeoutMs: number,
  isExpected: (b: Buffer) => boolean,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(ipFamily(server.address) === 6 ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(undefined), timeoutMs);
    let ended = false;
    function end(answer: Buffer | undefined): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    }
    socket.on('error', () => end(undefined));
    socket.on('message', (bytes) => {
      if (isExpected(bytes)) end(bytes);
    });
    // Not connect's callback: it would be called on failure, too.
    socket.once('connect', () => socket.send(query, (error) => error && end(undefined)));
    socket.connect(server.port, server.address);
  });
}

function askStream(
  to: NetConnectOpts,
  query: Buffer,
  timeoutMs: number,
  isExpected: (b: Buffer) => boolean,
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(to);
    const end = (answer: Buffer | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    readFrames(socket, LONGEST, (bytes) => {
      if (isExpected(bytes)) end(bytes);
    });
    socket.write(framed(query));
  });
}
