// The outside world of a laboratory, on one port: the rules of the namespace send everything there that Envoy opens, whatever
// its address and port, so that the ports of gateways stay free. Speaks what it is spoken to in: TLS, HTTP/2, HTTP/1 or bytes.
// Also answers DNS: every name there is has the same addresses. Arguments: port, port for DNS, a key and a certificate.
import { readFileSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer as createTcp, type Socket } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { startResolver } from 'sallyport/agent/resolver/index.ts';
import { STAND_IN_BYTES, STAND_IN_HEADER } from './seen.ts';

/** For documentation, so nobody's (RFC 5737, RFC 3849). */
const ADDRESSES = { A: ['192.0.2.53'], AAAA: ['2001:db8::53'] } as const;

const [port = '', dnsPort = '', key = '', cert = ''] = process.argv.slice(2);
const answer: RequestListener = (request, response) => {
  request.resume();
  response.setHeader(STAND_IN_HEADER, '1');
  response.end('ok');
};
const http = createHttp(answer);
const http2 = createHttp2((request, response) => {
  request.resume();
  response.setHeader(STAND_IN_HEADER, '1');
  response.end('ok');
});
const tls = createTls(
  { key: readFileSync(key), cert: readFileSync(cert), ALPNCallback: ({ protocols }) => protocols[0] },
  (socket) => receive(socket),
);
for (const server of [http, http2, tls]) server.on('error', () => {});
http.on('clientError', (_error, socket) => socket.destroy());
http2.on('sessionError', () => {});
tls.on('tlsClientError', () => {});

/** The first bytes say what is spoken. */
function receive(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.once('data', (first: Buffer) => {
    socket.pause();
    const text = first.toString('latin1');
    if (first[0] === 0x16) hand(socket, first, tls);
    else if (text.startsWith('PRI * HTTP/2')) hand(socket, first, http2);
    else if (/^[A-Z]+ /.test(text)) hand(socket, first, http);
    else {
      socket.write(STAND_IN_BYTES);
      socket.resume();
    }
  });
}

function hand(socket: Socket, first: Buffer, to: { emit(event: 'connection', socket: Socket): boolean }): void {
  socket.unshift(first);
  to.emit('connection', socket);
  if (to === http) socket.resume();
}

await startResolver({
  listen: [{ address: '127.0.0.1', port: Number(dnsPort) }],
  names: { lookup: () => ({ kind: 'known', addresses: ADDRESSES }) },
  upstream: { kind: 'nobody' },
});
createTcp((socket) => receive(socket)).listen({ port: Number(port), host: '::', backlog: 1024 }, () =>
  console.log(JSON.stringify({ ready: true })),
);
