import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { encode } from 'dns-packet';
import { framed } from '../wire/stream-frames.ts';
import { query } from './messages.ts';
import { mutated, randomFrom } from './mutated.ts';

export interface FloodOptions {
  readonly packets: number;
  readonly seed: number;
  readonly onProgress?: (sent: number, rssMib: number) => void;
}

export interface Flooded {
  readonly packets: number;
  /** Honest questions in between that were not answered. */
  readonly unanswered: number;
  /** Whether the server's process is there still. */
  readonly isAlive: boolean;
  /** Resident memory of the server after the first half, and the most after that, in MiB. */
  readonly rssHalf: number;
  readonly rssMost: number;
  /** Answers that were longer than what they answered allows (512 octets, or as EDNS says). */
  readonly tooLong: number;
}

/** What the server's process tells. */
export interface FloodedServer {
  readonly port: number;
  readonly rssMib: number;
}

const BURST = 100;

/**
 * Sends mutated packets over UDP and TCP to the agent's DNS server in a process of its own, whose upstream answers with mutated packets, too.
 * After each burst an honest question must be answered.
 */
export async function flood({ packets, seed, onProgress }: FloodOptions): Promise<Flooded> {
  const random = randomFrom(seed);
  const upstream = await hostileUpstream(random);
  const server = fork(fileURLToPath(new URL('./flooded-process.ts', import.meta.url)), [String(upstream.address().port)], {
    stdio: 'inherit',
  });
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  let isAlive = true;
  server.once('exit', () => {
    isAlive = false;
  });
  try {
    const { port } = await told(server);
    let [sent, unanswered, tooLong, rssHalf, rssMost] = [0, 0, 0, 0, 0];
    const heard = new Set<number>();
    socket.on('message', (answer) => {
      if (answer.length >= 2) heard.add(answer.readUInt16BE(0));
      if (answer.length > 4_096) tooLong += 1;
    });
    while (sent < packets && isAlive) {
      for (let i = 0; i < BURST && sent < packets; i += 1, sent += 1) socket.send(mutated(random), port, '127.0.0.1');
      if (sent % (BURST * 50) === 0) await overTcp(port, random);
      if (!(await isAnswered(socket, port, heard))) unanswered += 1;
      if (sent % Math.max(BURST, Math.floor(packets / 20 / BURST) * BURST) !== 0) continue;
      const { rssMib } = await ask(server);
      if (sent <= packets / 2) rssHalf = rssMib;
      else rssMost = Math.max(rssMost, rssMib);
      onProgress?.(sent, rssMib);
    }
    return { packets: sent, unanswered, isAlive, rssHalf, rssMost, tooLong };
  } finally {
    socket.close();
    upstream.close();
    if (isAlive) {
      const ended = once(server, 'exit');
      server.disconnect();
      await ended;
    }
  }
}

/** An honest question, asked up to five times, as a stub resolver does. */
async function isAnswered(socket: Socket, port: number, heard: Set<number>): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    heard.delete(HONEST);
    const honest = query('api.test');
    honest.writeUInt16BE(HONEST, 0);
    socket.send(honest, port, '127.0.0.1');
    for (let waited = 0; waited < 400; waited += 1) {
      if (heard.has(HONEST)) return true;
      await sleep(waited < 20 ? 0 : 5);
    }
  }
  return false;
}

const HONEST = 0xbeef;

async function overTcp(port: number, random: () => number): Promise<void> {
  const sockets = Array.from({ length: 5 }, () =>
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  for (const socket of sockets) {
    const frame = framed(mutated(random));
    if (random() < 0.2) frame.writeUInt16BE(Math.floor(random() * 0x10000), 0);
    socket.write(Buffer.concat([frame, framed(mutated(random))]));
    if (random() < 0.5) socket.end();
    else setTimeout(() => socket.destroy(), 50);
  }
  await sleep(1);
}

async function hostileUpstream(random: () => number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const name = message.subarray(12, message.indexOf(0, 12) + 5);
    const body = encode({ type: 'response', answers: [{ type: 'A', name: 'a.test', ttl: 60, data: '192.0.2.9' }] }).subarray(12);
    const head = Buffer.from([message[0]!, message[1]!, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const answer = mutated(random, Buffer.concat([head, name, body]));
    if (answer.length > 0) socket.send(answer, from.port, from.address);
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** The next thing that the process tells. Throws when it ends instead. */
function told(server: ChildProcess): Promise<FloodedServer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null) => reject(new Error(`the server ended: ${code ?? signal}`));
    server.once('exit', ended);
    server.once('message', (said) => {
      server.off('exit', ended);
      resolve(said as FloodedServer);
    });
  });
}

async function ask(server: ChildProcess): Promise<FloodedServer> {
  const heard = told(server);
  server.send('tell');
  return heard;
}
