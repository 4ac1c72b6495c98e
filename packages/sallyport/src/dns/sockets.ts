import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { ipFamily } from '../lib/ip.ts';
import type { Server, Wire } from './wire.ts';

type Accepts = (packet: Buffer) => boolean;

/** Queries over the network. Each has a socket of its own, connected, so that only the server asked can answer. */
export const socketWire: Wire = {
  exchange: (server, query, { over, timeoutMs, accepts }) =>
    over === 'udp' ? overUdp(server, query, timeoutMs, accepts) : overTcp(server, query, timeoutMs, accepts),
};

function overUdp({ address, port }: Server, query: Buffer, timeoutMs: number, accepts: Accepts): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(ipFamily(address) === 6 ? 'udp6' : 'udp4');
    let ended = false;
    const end = (outcome: Buffer | Error): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const timer = setTimeout(() => end(new Error('no answer')), timeoutMs);
    socket.on('error', end);
    socket.on('message', (packet) => {
      if (accepts(packet)) end(packet);
    });
    // Not connect's callback: it would be called on failure, too.
    socket.once('connect', () => socket.send(query, (error) => error && end(error)));
    socket.connect(port, address);
  });
}

/** Messages over TCP have their length before them (RFC 1035 section 4.2.2). */
function overTcp({ address, port }: Server, query: Buffer, timeoutMs: number, accepts: Accepts): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    let received: Buffer = Buffer.alloc(0);
    const end = (outcome: Buffer | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (outcome instanceof Error) reject(outcome);
      else resolve(outcome);
    };
    const timer = setTimeout(() => end(new Error('no answer over TCP')), timeoutMs);
    socket.on('error', end);
    socket.on('close', () => end(new Error('the connection was closed without an answer')));
    socket.on('connect', () => {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(query.length);
      socket.write(Buffer.concat([head, query]));
    });
    socket.on('data', (part) => {
      received = Buffer.concat([received, part]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const packet = received.subarray(2, 2 + received.readUInt16BE(0));
        if (accepts(packet)) return end(packet);
        received = received.subarray(2 + packet.length);
      }
    });
  });
}
