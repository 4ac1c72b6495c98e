import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SallyportError } from '../lib/error.ts';
import type { ApplyRequest } from './api.ts';
import { adminClient } from './client.ts';
import { type AdminState, serveAdmin } from './server.ts';

const heard: ApplyRequest[] = [];
const state: AdminState = {
  status: () => ({
    version: '1',
    pid: 7,
    xds: ['127.0.0.1:15010'],
    startedAt: 0,
    commit: 3,
    objects: 2,
    proxies: 1,
    issues: { error: 0, warning: 1, info: 0 },
  }),
  issues: () => ({ issues: [{ code: 'NO_PROTOCOL', severity: 'warning', message: 'port http has no protocol' }] }),
  proxies: () => [],
  lookups: () => [],
  names: (host) => ({
    names: [{ host: host ?? 'every.example', addresses: [], owners: [], seenBy: { namespaces: '*', proxies: [] } }],
    resting: [],
  }),
  metrics: async () => 'sallyport_commits_total 3\n',
  apply: async (request) => {
    if (request.text === '') throw new SallyportError('USAGE', 'the input holds no document');
    heard.push(request);
    return { objects: [{ key: { kind: 'ServiceEntry', namespace: 'a', name: 'b' }, action: 'created' }], issues: [] };
  },
  delete: async () => ({ objects: [], issues: [] }),
  sign: async ({ namespace, serviceAccount }) => ({ chain: `chain of ${serviceAccount}.${namespace}`, roots: 'roots' }),
};

describe('the admin API', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sallyport-admin-'));
  const socket = join(dir, 'run', 'admin.sock');
  let server: { close(): Promise<void> };
  before(async () => {
    server = await serveAdmin(socket, state);
  });
  after(async () => {
    await server.close();
    rmSync(dir, { recursive: true });
  });

  it('answers over its socket in the shapes of api.ts', async () => {
    const client = adminClient(socket);
    assert.equal((await client.status()).commit, 3);
    assert.equal((await client.issues()).issues[0]?.code, 'NO_PROTOCOL');
    assert.match(await client.metrics(), /sallyport_commits_total 3/);
    assert.deepEqual(
      (await client.names()).names.map(({ host }) => host),
      ['every.example'],
    );
    assert.deepEqual(
      (await client.names('*.a.example')).names.map(({ host }) => host),
      ['*.a.example'],
    );
    const reply = await client.apply({ namespace: 'a', name: '-', text: 'kind: ServiceEntry' });
    assert.equal(reply.objects[0]?.action, 'created');
    assert.deepEqual(heard, [{ namespace: 'a', name: '-', text: 'kind: ServiceEntry' }]);
  });

  it('hands on what was signed', async () => {
    const reply = await adminClient(socket).sign({ namespace: 'shop', serviceAccount: 'web', csr: 'x' });
    assert.deepEqual(reply, { chain: 'chain of web.shop', roots: 'roots' });
  });

  it('can be opened by its owner alone', () => {
    assert.equal(statSync(socket).mode & 0o777, 0o600);
    assert.equal(statSync(join(dir, 'run')).mode & 0o777, 0o700);
  });

  it('hands a refusal on with its code and sentence', async () => {
    await assert.rejects(adminClient(socket).apply({ namespace: '', name: '-', text: '' }), {
      code: 'USAGE',
      message: /no document/,
    });
  });

  it('refuses to start a second time on a socket that answers', async () => {
    await assert.rejects(serveAdmin(socket, state), { code: 'PORT_IN_USE', message: /already running/ });
  });

  it('says what to start when nobody answers', async () => {
    await assert.rejects(adminClient(join(dir, 'nobody.sock')).status(), {
      code: 'UNREACHABLE',
      message: /sallyport run -f DIR/,
    });
  });
});
