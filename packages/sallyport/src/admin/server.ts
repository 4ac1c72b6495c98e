import { chmod, mkdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { SallyportError } from '../lib/error.ts';
import type {
  ApplyReply,
  ApplyRequest,
  IssuesReply,
  LookupStatus,
  NamesReply,
  ProxyStatus,
  SignReply,
  SignRequest,
  StatusReply,
} from './api.ts';

/** What the admin API shows and does; the command that runs the control plane joins it to the pipeline. */
export interface AdminState {
  status(): StatusReply;
  issues(): IssuesReply;
  proxies(): readonly ProxyStatus[];
  lookups(): readonly LookupStatus[];
  names(host?: string): NamesReply;
  metrics(): Promise<string>;
  apply(request: ApplyRequest): Promise<ApplyReply>;
  delete(request: ApplyRequest): Promise<ApplyReply>;
  sign(request: SignRequest): Promise<SignReply>;
}

/** Routes without a socket, so that tests can call them. Bodies and replies are the shapes of `api.ts`. */
export function adminRoutes(state: AdminState): Hono {
  const app = new Hono();
  app.get('/v1/status', (c) => c.json(state.status()));
  app.get('/v1/issues', (c) => c.json(state.issues()));
  app.get('/v1/proxies', (c) => c.json(state.proxies()));
  app.get('/v1/lookups', (c) => c.json(state.lookups()));
  app.get('/v1/names', (c) => c.json(state.names(c.req.query('host'))));
  app.get('/metrics', async (c) => c.text(await state.metrics()));
  app.post('/v1/apply', async (c) => c.json(await state.apply(await c.req.json())));
  app.post('/v1/delete', async (c) => c.json(await state.delete(await c.req.json())));
  app.post('/v1/sign', async (c) => c.json(await state.sign(await c.req.json())));
  app.notFound((c) => c.json({ code: 'NOT_FOUND', message: `there is nothing at ${c.req.path}` }, 404));
  app.onError((error, c) => {
    const code = error instanceof SallyportError ? error.code : 'INTERNAL';
    return c.json({ code, message: error.message }, code === 'USAGE' ? 400 : 500);
  });
  return app;
}

/**
 * Serves the admin API on a Unix socket that only the user who started it can open.
 * Throws PORT_IN_USE when another control plane answers there; a socket left by a dead one is taken over.
 */
export async function serveAdmin(path: string, state: AdminState): Promise<{ close(): Promise<void> }> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) {
    throw new SallyportError(
      'PORT_IN_USE',
      `a control plane is already running here (${path} answers); stop it, or give this one a --runtime-dir of its own`,
    );
  }
  await rm(path, { force: true });
  const server = createAdaptorServer({ fetch: adminRoutes(state).fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await rm(path, { force: true });
    },
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
