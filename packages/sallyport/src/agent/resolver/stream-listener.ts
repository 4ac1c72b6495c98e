import { createServer, type Server, type Socket } from 'node:net';
import { cannotListen, type Listen, type Opened, type Served } from './listen.ts';
import { readQuery } from './wire/query.ts';
import { framed, readFrames } from './wire/stream-frames.ts';

const MOST_CONNECTIONS = 256;
/** A connection on which nothing comes is closed, and so is one whose query does not come to its end (RFC 7766 6.2.3, 6.5). */
const IDLE_MS = 10_000;
const LONGEST_QUERY = 4_096;
const LONGEST_ANSWER = 65_535;
/** Queries of one connection that wait for servers; later ones are not read until there are fewer (RFC 7766 6.2.1.1). */
const MOST_OPEN = 100;
/** Octets of answers that a client has not read; who reads nothing is cut off. */
const MOST_UNREAD = 1024 * 1024;

/** A TCP port, or a Unix socket, behind which is another resolver of ours. */
export async function openStream(listen: Listen, served: Served): Promise<Opened> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    // The oldest one goes for the newest: whoever holds many open shuts out himself.
    if (sockets.size >= MOST_CONNECTIONS) sockets.values().next().value?.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    void greet(socket, 'path' in listen, served);
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

async function greet(socket: Socket, isUnix: boolean, { clients, answering }: Served): Promise<void> {
  const address = isUnix ? 'unix' : (socket.remoteAddress ?? '');
  if (!isUnix && !(clients.isOwn(address) ?? (await clients.find(address)))) {
    socket.destroy();
    return;
  }
  let open = 0;
  // Behind the Unix socket are clients of both kinds; servers are asked as most of them ask.
  const from = { address, transport: isUnix ? ('udp' as const) : ('tcp' as const), most: LONGEST_ANSWER };
  const send = (answer: Buffer): void => {
    if (!socket.writable) return;
    socket.write(framed(answer));
    if (socket.writableLength > MOST_UNREAD) socket.destroy();
  };
  readFrames(
    socket,
    LONGEST_QUERY,
    (frame) => {
      const bytes = Buffer.from(frame);
      const read = readQuery(bytes);
      if (read.kind === 'ignore') return;
      if (read.kind === 'refuse') {
        send(read.reply);
        return;
      }
      const said = answering.answer(read.question, from);
      if (!(said instanceof Promise)) {
        send(said);
        return;
      }
      open += 1;
      if (open >= MOST_OPEN) socket.pause();
      void said.then((answer) => {
        open -= 1;
        if (open < MOST_OPEN && socket.isPaused()) socket.resume();
        send(answer);
      });
    },
    IDLE_MS,
  );
}
