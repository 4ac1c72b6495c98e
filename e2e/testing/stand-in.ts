// What the outside world is inside a laboratory: HTTP on 80, TLS on 443, on every address. Answers with the name and address it was asked at.
// Arguments: a key and a certificate. Says `listening` when it is.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';

const [key = '', cert = ''] = process.argv.slice(2);
const answer = (request: IncomingMessage, response: ServerResponse) => {
  if (request.url === '/ticks') return tick(response);
  response.end(JSON.stringify({ host: request.headers.host, at: request.socket.localAddress }));
};
const http = createServer(answer).listen(80, '::');
const https = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer).listen(443, '::');

/** An answer that never ends: a piece every tenth of a second. */
function tick(response: ServerResponse): void {
  const timer = setInterval(() => response.write('tick\n'), 100);
  response.once('close', () => clearInterval(timer));
}

let listening = 0;
for (const server of [http, https]) {
  server.once('listening', () => {
    listening += 1;
    if (listening === 2) console.log('listening');
  });
}
