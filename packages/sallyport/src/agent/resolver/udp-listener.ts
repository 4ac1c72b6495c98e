import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { ipFamily } from '../../lib/ip.ts';
import { cannotListen, type Opened, type Port, type Served } from './listen.ts';
import { bareReply, readQuery } from './wire/query.ts';
import { truncatedReply } from './wire/reply.ts';

/** Queries that wait until it is known whether their sender is one of us. */
const MOST_UNKNOWN = 64;
/** Room in the kernel for queries that come faster than they are read, in octets: some thousand of them. */
const RECEIVE_BUFFER = 1024 * 1024;

export async function openUdp(listen: Port, served: Served): Promise<Opened & { readonly listen: Port }> {
  const family = ipFamily(listen.address) === 6 ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ...(family === 6 && { ipv6Only: true }),
    // What is sent to are addresses already; the usual way round costs a turn of the event loop for each.
    lookup: (address, _, callback) => callback(null, address, family),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(cannotListen(listen, error)));
    socket.bind(listen.port, listen.address, resolve);
  });
  socket.removeAllListeners('error');
  // An answer that could not be sent (its port is closed, the network is gone) is the client's to ask for again.
  socket.on('error', () => {});
  makeRoom(socket);
  follow(socket, served);
  return {
    kind: 'udp',
    listen: { address: listen.address, port: socket.address().port },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function follow(socket: Socket, { clients, answering }: Served): void {
  let unknown = 0;
  const send = (answer: Buffer, { port, address }: RemoteInfo): void => {
    try {
      socket.send(answer, port, address, ignore);
    } catch {
      // Closed while we asked upstream.
    }
  };
  const answer = (bytes: Buffer, from: RemoteInfo): void => {
    const read = readQuery(bytes);
    if (read.kind === 'ignore') return;
    if (read.kind === 'refuse') {
      send(read.reply, from);
      return;
    }
    const { question } = read;
    const sendFitting = (said: Buffer) => send(said.length > question.udpSize ? truncatedReply(question) : said, from);
    const said = answering.answer(question, { address: from.address, transport: 'udp', most: question.udpSize });
    if (said instanceof Promise) void said.then(sendFitting);
    else sendFitting(said);
  };
  const refuse = (bytes: Buffer, from: RemoteInfo): void => {
    if (readQuery(bytes).kind === 'question') send(bareReply(bytes, 'REFUSED'), from);
  };
  socket.on('message', (bytes, from) => {
    const isOwn = clients.isOwn(from.address);
    if (isOwn === true) answer(bytes, from);
    else if (isOwn === false) refuse(bytes, from);
    else if (unknown < MOST_UNKNOWN) {
      unknown += 1;
      void clients.find(from.address).then((found) => {
        unknown -= 1;
        if (found) answer(bytes, from);
        else refuse(bytes, from);
      });
    }
  });
}

function makeRoom(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER);
  } catch {
    // The kernel's usual room has to do.
  }
}

function ignore(): void {}
