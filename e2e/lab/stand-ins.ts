// What the outside world is inside a laboratory: one process that is every server of the world, told apart by the address at which it is called.
// Arguments: the world as JSON, the folder of its certificates, `everywhere` or `own addresses`. Says `{"event":"ready"}` when all ports are open.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { StandIn } from './world.ts';

const [worldText = '[]', certificates = '.', listen = 'everywhere'] = process.argv.slice(2);
const world = JSON.parse(worldText) as readonly StandIn[];

const withoutMapping = (address = '') => address.replace(/^::ffff:/, '');
const serverAt = (address: string) => world.find(({ addresses }) => addresses.includes(address))?.name ?? address;

/** How often each server was asked with `?key=`, by key. */
const counted = new Map<string, Record<string, number>>();

function count(key: string, server: string): Record<string, number> {
  const counts = counted.get(key) ?? {};
  counts[server] = (counts[server] ?? 0) + 1;
  counted.set(key, counts);
  return counts;
}

/** Says who was asked what; `?status=`, `?fails=` (503 at an address), `?delay=` (ms), `?key=` and `?counted=` of a key say how. */
function answer(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  const address = withoutMapping(request.socket.localAddress);
  const asked = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  const status = Number(asked.get('status') ?? (asked.get('fails') === address ? 503 : 200));
  const key = asked.get('key');
  const counts = key === null ? counted.get(asked.get('counted') ?? '') : count(key, serverAt(address));
  const said = {
    server: serverAt(address),
    address,
    port: request.socket.localPort,
    protocol: `HTTP/${request.httpVersion}`,
    method: request.method,
    path: request.url,
    headers: request.headers,
    // The name that a TLS client showed.
    sni: (request.socket as { readonly servername?: string | false }).servername,
    ...(counts !== undefined && { counted: counts }),
  };
  request.resume();
  const write = response as ServerResponse;
  const reply = () => {
    write.writeHead(status, { 'content-type': 'application/json' });
    write.end(`${JSON.stringify(said)}\n`);
  };
  const delay = Number(asked.get('delay') ?? 0);
  if (delay === 0) reply();
  else setTimeout(reply, delay);
}

const http1 = createHttpServer(answer);
const http2 = createHttp2Server(answer);
for (const server of [http1, http2]) server.on('error', () => {});

/** A client that speaks HTTP/2 without TLS says so with its first octets. */
function speakHttp(socket: Socket): void {
  socket.on('error', () => {});
  socket.once('data', (first: Buffer) => {
    socket.pause();
    socket.unshift(first);
    if (first.toString('latin1', 0, 3) === 'PRI') return void http2.emit('connection', socket);
    http1.emit('connection', socket);
    socket.resume();
  });
}

/** Greets first, as databases do, and then repeats what it is told. */
function speakDatabase(socket: Socket): void {
  const address = withoutMapping(socket.localAddress);
  socket.on('error', () => {});
  socket.write(`${JSON.stringify({ server: serverAt(address), address, port: socket.localPort })}\n`);
  socket.pipe(socket);
}

const pair = (name: string) => ({
  key: readFileSync(join(certificates, `${name}.key`)),
  cert: readFileSync(join(certificates, `${name}.pem`)),
});

function tlsServer(): Server {
  const names = JSON.parse(readFileSync(join(certificates, 'names.json'), 'utf8')) as string[];
  const contexts = new Map(names.map((name) => [name, createSecureContext(pair(name))]));
  const own = createSecureServer(
    {
      ...pair(names[0]!),
      allowHTTP1: true,
      SNICallback: (name, done) => done(null, contexts.get(name)),
    },
    answer,
  );
  own.on('error', () => {});
  own.on('sessionError', () => {});
  own.on('tlsClientError', () => {});
  return own;
}

/** Where to listen on a port that these servers have. */
const places = (servers: readonly StandIn[]) =>
  listen === 'everywhere' ? ['::'] : servers.flatMap(({ addresses }) => addresses);

function open(kind: 'http' | 'tls' | 'tcp', make: () => Server): Server[] {
  const ports = [...new Set(world.flatMap((server) => server[kind] ?? []))];
  return ports.flatMap((port) =>
    places(world.filter((server) => server[kind]?.includes(port))).map((address) => make().listen(port, address)),
  );
}

const listening = [
  ...open('http', () => createServer(speakHttp)),
  ...open('tcp', () => createServer(speakDatabase)),
  ...open('tls', tlsServer),
];
await Promise.all(listening.map((server) => server.listening || once(server, 'listening')));
console.log(JSON.stringify({ event: 'ready' }));
