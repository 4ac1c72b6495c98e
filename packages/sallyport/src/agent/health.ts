import { createServer } from 'node:http';
import { SallyportError } from '../lib/error.ts';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Answers `GET /healthz/ready`: 200 or 503, and in either case what it is about as JSON. Port 0: any free one. */
export async function serveHealth(
  listen: { readonly address: string; readonly port: number },
  ask: () => Promise<{ readonly ready: boolean }>,
): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 1_000 }, (request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/healthz/ready' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    void ask().then((health) => {
      const body = `${JSON.stringify(health)}\n`;
      response.writeHead(health.ready ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'something else listens there' : cause.message;
      reject(
        new SallyportError('PORT_IN_USE', `health cannot be served on ${listen.address} port ${listen.port}: ${why}`, { cause }),
      );
    });
    server.listen(listen.port, listen.address, resolve);
  });
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === 'object' ? bound.port : listen.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
