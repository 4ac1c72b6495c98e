// Makes calls from inside the namespace, as the user given as first argument: by it the rules there know where a connection
// belongs. Reads one order a line and says one `Seen` a line.
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Call } from 'sallyport/explain/index.ts';
import { type Ending, type Order, PLAIN_BYTES, STAND_IN_BYTES, STAND_IN_HEADER } from './seen.ts';

const PATIENCE_MS = 8_000;
/**
 * Every call has a port of its own, below those that the kernel gives out: the kernel gives one port to connections with different
 * destinations, which are the same connection after the redirection, and then the second one gets yet another port.
 */
const [FIRST_PORT, PORTS] = [20_000, 12_000];

process.setgroups?.([]);
process.setgid?.(Number(process.argv[2]));
process.setuid?.(Number(process.argv[2]));
createInterface({ input: process.stdin }).on('line', (line) => void obey(JSON.parse(line) as Order));
console.log(JSON.stringify({ ready: true }));

async function obey({ id, call }: Order): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Ending>();
  const socket = connectTcp({ host: call.address, port: call.port, localPort: FIRST_PORT + (id % PORTS) });
  let localPort = 0;
  socket.once('connect', () => {
    localPort = socket.localPort ?? 0;
    speak(socket, call, resolve);
  });
  socket.on('error', (error: NodeJS.ErrnoException) =>
    resolve(
      localPort === 0 && error.code === 'ECONNREFUSED'
        ? { kind: 'refused' }
        : { kind: 'closed', why: error.code ?? error.message },
    ),
  );
  socket.on('close', () => setImmediate(resolve, { kind: 'closed', why: 'end' }));
  const timer = setTimeout(() => resolve({ kind: 'closed', why: 'no answer in time' }), PATIENCE_MS);
  const ending = await promise;
  clearTimeout(timer);
  socket.destroy();
  console.log(JSON.stringify({ id, localPort, ending }));
}

type Resolve = (ending: Ending) => void;

function speak(tcp: Socket, call: Call, resolve: Resolve): void {
  if (call.tls === 'plaintext') {
    talk(tcp, call, resolve);
    return;
  }
  const tls: TLSSocket = connectTls({
    socket: tcp,
    rejectUnauthorized: false,
    ...(call.sni !== '' && { servername: call.sni }),
    ...(call.alpn.length > 0 && { ALPNProtocols: [...call.alpn] }),
  });
  tls.once('secureConnect', () => talk(tls, call, resolve));
  tls.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'closed', why: error.code ?? error.message }));
  tls.on('close', () => setImmediate(resolve, { kind: 'closed', why: 'end' }));
}

function talk(socket: Socket, call: Call, resolve: Resolve): void {
  if (call.protocol === 'http2') {
    talkHttp2(socket, call, resolve);
    return;
  }
  const headers = Object.entries(call.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `${call.method} ${call.path} HTTP/1.1\r\nhost: ${call.host}\r\n${headers.join('')}connection: close\r\n\r\n`;
  socket.write(call.protocol === 'http' ? request : PLAIN_BYTES);
  let heard = '';
  socket.on('data', (part: Buffer) => {
    heard += part.toString('latin1');
    const ending = endingOf(heard);
    if (ending !== undefined) resolve(ending);
  });
}

/** Undefined while there is too little to tell. */
function endingOf(heard: string): Ending | undefined {
  if (heard.startsWith(STAND_IN_BYTES)) return { kind: 'bytes' };
  const end = heard.indexOf('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(heard)?.[1];
  if (end === -1 || status === undefined) return undefined;
  const head = heard.slice(0, end);
  const location = /^location: *(.*)$/im.exec(head)?.[1]?.trim();
  return answer(Number(status), head.toLowerCase().includes(`\r\n${STAND_IN_HEADER}:`), location);
}

function talkHttp2(socket: Socket, call: Call, resolve: Resolve): void {
  const session = connectHttp2(`${call.tls === 'plaintext' ? 'http' : 'https'}://stand-in`, { createConnection: () => socket });
  session.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'closed', why: error.code ?? error.message }));
  const stream = session.request({
    ...call.headers,
    ':method': call.method,
    ':path': call.path,
    ':authority': call.host,
    ':scheme': call.tls === 'plaintext' ? 'http' : 'https',
  });
  stream.on('response', (headers) =>
    resolve(answer(headers[':status'] ?? 0, headers[STAND_IN_HEADER] !== undefined, headers.location?.toString())),
  );
  stream.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'closed', why: error.code ?? error.message }));
  stream.end();
}

function answer(status: number, standIn: boolean, location: string | undefined): Ending {
  return { kind: 'status', status, standIn, ...(location !== undefined && { location }) };
}
