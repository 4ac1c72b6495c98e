import { randomInt } from 'node:crypto';
import type { Question } from '../model/index.ts';
import { dislikesEdns, queryFor, type Reply, readReply } from './message.ts';
import { type Server, serverText, type Wire } from './wire.ts';

/** What became of a question. */
export type Heard =
  | { readonly reply: Extract<Reply, { kind: 'addresses' | 'none' }>; readonly server: string }
  /** What went wrong with each server, in one sentence. */
  | { readonly error: string };

export interface Asking {
  readonly wire: Wire;
  /** For each server and transport. */
  readonly timeoutMs: number;
  /** Is told of every packet sent. */
  readonly onQuery: () => void;
}

/** Asks the servers in turn, until one says something. Never rejects. */
export async function ask(question: Question, servers: readonly Server[], asking: Asking): Promise<Heard> {
  const errors: string[] = [];
  for (const server of servers) {
    const reply = await askOne(question, server, asking);
    if (reply.kind === 'addresses' || reply.kind === 'none') return { reply, server: serverText(server) };
    errors.push(`${serverText(server)}: ${reply.kind === 'failed' ? reply.detail : 'the answer stays truncated'}`);
  }
  return { error: errors.join('; ') || 'there is no server to ask' };
}

async function askOne(question: Question, server: Server, asking: Asking): Promise<Reply> {
  const first = await tried(question, server, 'udp', true, asking);
  const edns = !dislikesEdns(first);
  const reply = edns ? first : await tried(question, server, 'udp', false, asking);
  return reply.kind === 'truncated' ? tried(question, server, 'tcp', edns, asking) : reply;
}

async function tried(question: Question, server: Server, over: 'udp' | 'tcp', edns: boolean, asking: Asking): Promise<Reply> {
  const id = randomInt(0x10000);
  let reply: Reply | undefined;
  const accepts = (packet: Buffer): boolean => {
    reply = readReply(packet, id, question);
    return reply !== undefined;
  };
  asking.onQuery();
  try {
    await asking.wire.exchange(server, queryFor(id, question, edns), { over, timeoutMs: asking.timeoutMs, accepts });
  } catch (error) {
    return { kind: 'failed', detail: (error as Error).message };
  }
  return reply ?? { kind: 'failed', detail: 'no answer' };
}
