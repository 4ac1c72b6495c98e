import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Socket, type Server as StreamServer } from 'node:net';
import { SallyportError } from '../../lib/error.ts';
import { ipFamily } from '../../lib/ip.ts';
import { type Answering, answerTo } from './answer.ts';
import { readQuery, truncatedReply } from './message.ts';
import { type Names, noNames } from './names.ts';
import { framed, readFrames } from './stream-frames.ts';
import { Forwarder, type Upstream } from './upstream.ts';

/** Both UDP and TCP on one port (0: any that is free for both), or a Unix socket, spoken to as TCP. */
export type Listen = { readonly address: string; readonly port: number } | { readonly path: string };

export interface ResolverOptions {
  readonly listen: readonly Listen[];
  readonly names?: Names;
  readonly upstream: Upstream;
  /** For each server asked, in milliseconds. Default 2,500. */
  readonly timeoutMs?: number;
  readonly log?: (line: string) => void;
}

export interface Resolver {
  /** The sockets in the order of `listen`, with the ports that they got. */
  readonly listening: readonly Listen[];
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 256;
const IDLE_MS = 10_000;
const LONGEST_QUERY = 4_096;

/**
 * A DNS server that answers from a table and forwards the rest (spec/istio.md 3.4, spec/security.md 1.7). Envoy's `dns_filter` cannot
 * take its place (spec/envoy.md 1.5). Throws PORT_IN_USE when it cannot listen; then nothing stays open.
 */
export async function startResolver(options: ResolverOptions): Promise<Resolver> {
  let warned = false;
  const answering: Answering = {
    names: options.names ?? noNames,
    forwarder: new Forwarder(options.upstream, options.timeoutMs),
    upstream: options.upstream.kind,
    onLoop: () => {
      if (!warned)
        options.log?.('DNS queries come back to this resolver: its own traffic is captured; forward through a Unix socket');
      warned = true;
    },
  };
  const open: Opened[] = [];
  try {
    for (const listen of options.listen) {
      open.push(...('path' in listen ? [await openStream(listen, answering)] : await openBoth(listen, answering)));
    }
  } catch (error) {
    await Promise.all(open.map((one) => one.close()));
    throw error;
  }
  return {
    listening: open.filter((one) => one.kind === 'stream').map((one) => one.listen),
    close: async () => {
      await Promise.all(open.map((one) => one.close()));
    },
  };
}

interface Opened {
  readonly kind: 'udp' | 'stream';
  readonly listen: Listen;
  close(): Promise<void>;
}

type Port = Exclude<Listen, { readonly path: string }>;

/** A free port of UDP may be taken for TCP: then another one is tried. */
async function openBoth(listen: Port, answering: Answering): Promise<Opened[]> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = await openUdp(listen, answering);
    try {
      return [udp, await openStream(udp.listen, answering)];
    } catch (error) {
      await udp.close();
      if (listen.port !== 0 || attempt === 10) throw error;
    }
  }
}

async function openUdp(listen: Port, answering: Answering): Promise<Opened & { readonly listen: Port }> {
  const socket = createSocket(ipFamily(listen.address) === 6 ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(cannotListen(listen, error)));
    socket.bind(listen.port, listen.address, resolve);
  });
  socket.removeAllListeners('error');
  // An answer that could not be sent (its port is closed, the network is gone) is the client's to ask for again.
  socket.on('error', () => {});
  socket.on('message', (bytes, from) => void answerUdp(socket, bytes, from, answering));
  return {
    kind: 'udp',
    listen: { address: listen.address, port: socket.address().port },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

async function answerUdp(
  socket: UdpSocket,
  bytes: Buffer,
  from: { readonly address: string; readonly port: number },
  answering: Answering,
): Promise<void> {
  const read = readQuery(bytes);
  if (read.kind === 'ignore') return;
  let answer = read.kind === 'refuse' ? read.reply : await answerTo(read.question, answering);
  if (read.kind === 'question' && answer.length > read.question.udpSize) answer = truncatedReply(read.question);
  try {
    socket.send(answer, from.port, from.address, () => {});
  } catch {
    // Closed while we asked upstream.
  }
}

async function openStream(listen: Listen, answering: Answering): Promise<Opened> {
  const sockets = new Set<Socket>();
  const server: StreamServer = createServer((socket) => {
    // The oldest one goes for the newest: whoever holds many open shuts out himself.
    if (sockets.size >= MOST_CONNECTIONS) sockets.values().next().value?.destroy();
    sockets.add(socket);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    readFrames(socket, LONGEST_QUERY, (bytes) => void answerStream(socket, Buffer.from(bytes), answering));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(listen, error)));
    server.listen(
      'path' in listen ? { path: listen.path } : { host: listen.address, port: listen.port, ipv6Only: true },
      resolve,
    );
  });
  server.removeAllListeners('error');
  server.on('error', () => {});
  const bound = server.address();
  return {
    kind: 'stream',
    listen:
      bound !== null && typeof bound === 'object' && 'address' in listen ? { address: listen.address, port: bound.port } : listen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function answerStream(socket: Socket, bytes: Buffer, answering: Answering): Promise<void> {
  const read = readQuery(bytes);
  if (read.kind === 'ignore') return;
  const answer = read.kind === 'refuse' ? read.reply : await answerTo(read.question, answering);
  if (socket.writable) socket.write(framed(answer));
}

function cannotListen(listen: Listen, cause: NodeJS.ErrnoException): SallyportError {
  const where = 'path' in listen ? listen.path : `${listen.address} port ${listen.port}`;
  const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
  return new SallyportError('PORT_IN_USE', `the DNS resolver cannot listen on ${where}: ${why}`, { cause });
}
