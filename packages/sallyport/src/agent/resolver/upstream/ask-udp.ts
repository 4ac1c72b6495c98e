import { createSocket } from 'node:dgram';
import { ipFamily } from '../../../lib/ip.ts';
import { isAnswerTo } from '../wire/relay.ts';
import type { Server } from './resolv-conf.ts';

export interface UdpQuery {
  readonly id: number;
  /** The whole message, and the question in it. */
  readonly message: Buffer;
  readonly wire: Buffer;
  /** Octets that an answer may have. */
  readonly longest: number;
}

/**
 * The answer; `unlike` when one came that fits but for the spelling of the name, so that it should be asked for over
 * TCP, where nobody can forge; undefined when none came in time.
 */
export type UdpAnswer = Buffer | 'unlike' | undefined;

/**
 * A socket of its own for each query, so that its port is as hard to guess as the id (RFC 5452 9.2); connected, so that others cannot
 * answer (9.1). What does not fit is no answer and does not end the waiting.
 */
export function askUdp(server: Server, query: UdpQuery, timeoutMs: number): Promise<UdpAnswer> {
  return new Promise((resolve) => {
    const socket = createSocket(ipFamily(server.address) === 6 ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(undefined), timeoutMs);
    let ended = false;
    function end(answer: UdpAnswer): void {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    }
    socket.on('error', () => end(undefined));
    socket.on('message', (bytes) => {
      const fits = isAnswerTo(bytes, query.id, query.wire);
      if (fits === 'no') return;
      end(fits === 'case' ? 'unlike' : bytes.length > query.longest ? undefined : bytes);
    });
    // Not connect's callback: it would be called on failure, too.
    socket.once('connect', () => {
      if (!ended) socket.send(query.message, (error) => error && end(undefined));
    });
    socket.connect(server.port, server.address);
  });
}
