import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningAgent, runAgent } from 'sallyport/agent/agent.ts';
import { type Authority, createAuthority, newSigningRequest } from 'sallyport/ca/index.ts';
import { discoveryResponse } from './testing/agent-resources.ts';
import { identityCluster, identityListeners, type Trust } from './testing/identity-resources.ts';
import { freePort } from './testing/proxy-agent.ts';

const WEB = 'spiffe://cluster.local/ns/shop/sa/web';
const LIFETIME_MS = 9_000;

describe('a real Envoy with certificates of the agent', { timeout: 90_000 }, () => {
  let folder: string;
  let agent: RunningAgent;
  let authority: Authority;
  let plain: number;
  const said: string[] = [];

  const sign = async (serviceAccount: string, csr: string, lifetimeMs: number) => {
    const identity = { trustDomain: 'cluster.local', namespace: 'shop', serviceAccount };
    const reply = await authority.issue({ identity, csr, lifetimeMs });
    if ('fault' in reply) throw new Error(reply.fault);
    return reply;
  };
  const ask = async (cluster: string) => {
    const reply = await fetch(`http://127.0.0.1:${plain}/${cluster}`);
    const text = await reply.text();
    const { headers, status } = reply;
    return { status, text, peer: headers.get('peer'), own: headers.get('own'), fingerprint: headers.get('fingerprint') };
  };
  /** How often the other end's certificate was not believed, by why. */
  const failures = async (cluster: string) => {
    const found = await agent.admin.statistics(`^cluster\\.${cluster}\\.ssl\\.fail_verify_(san|error)$`);
    const count = (name: string) => found.get(`cluster.${cluster}.ssl.${name}`) ?? 0;
    return { fail_verify_san: count('fail_verify_san'), fail_verify_error: count('fail_verify_error') };
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'identity-'));
    authority = (await createAuthority('cluster.local', Date.now)) as Authority;
    plain = await freePort();
    const mutual = await freePort();
    const [cert, key, ca] = ['cert.pem', 'key.pem', 'ca.pem'].map((name) => join(folder, name)) as [string, string, string];
    const { keyPem, csrPem } = await newSigningRequest();
    await writeFile(cert, (await sign('files', csrPem, 3600_000)).chain);
    await writeFile(key, keyPem);
    await writeFile(ca, authority.roots);
    const clusters: Readonly<Record<string, Trust>> = {
      right: { by: 'mesh', names: [WEB] },
      wrong: { by: 'mesh', names: ['spiffe://cluster.local/ns/shop/sa/other'] },
      system: { by: 'roots', secret: 'file-root:system' },
      file: { by: 'roots', secret: `file-root:${ca}` },
      certificate: { by: 'files', secret: `file-cert:${cert}~${key}` },
    };
    const all = Object.entries(clusters).map(([name, trust]) => identityCluster(name, mutual, trust));
    await writeFile(join(folder, 'cds.json'), discoveryResponse(all));
    await writeFile(join(folder, 'lds.json'), discoveryResponse(identityListeners({ plain, mutual }, Object.keys(clusters))));
    agent = await runAgent({
      identity: { name: 'web-1', namespace: 'shop', ips: ['127.0.0.1'], serviceAccount: 'web' },
      source: { kind: 'files', folder },
      mode: { kind: 'none' },
      ports: { metrics: await freePort(), health: 0, resolver: 0 },
      upstream: { kind: 'nobody' },
      concurrency: 1,
      credentials: { request: (csr) => sign('web', csr, LIFETIME_MS) },
      onLog: ({ level, component, message }) => said.push(`${level} ${component}: ${message}`),
    });
    await agent.untilReady(20_000).catch((error: Error) => {
      throw new Error(`${error.message}\n${said.join('\n')}`);
    });
  });
  after(async () => {
    await agent?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('both ends see the identity of the other', async () => {
    const { status, text, peer, own } = await ask('right');
    assert.deepEqual({ status, peer, own }, { status: 200, peer: WEB, own: WEB }, text);
  });

  test('a peer of another name is refused before a request is sent', async () => {
    assert.equal((await ask('wrong')).status, 503);
    assert.deepEqual(await failures('wrong'), { fail_verify_san: 1, fail_verify_error: 0 });
  });

  test('the roots of the system are loaded, and do not trust the mesh', async () => {
    assert.equal((await ask('system')).status, 503);
    assert.deepEqual(await failures('system'), { fail_verify_san: 0, fail_verify_error: 1 });
  });

  test('roots of a file are trusted; without a certificate of one’s own the other end refuses', async () => {
    assert.equal((await ask('file')).status, 503);
    assert.deepEqual(await failures('file'), { fail_verify_san: 0, fail_verify_error: 0 });
  });

  test('a certificate of files is shown', async () => {
    const { status, text, peer } = await ask('certificate');
    assert.deepEqual({ status, peer }, { status: 200, peer: 'spiffe://cluster.local/ns/shop/sa/files' }, text);
  });

  test('certificates roll without a restart and without a failed request', async () => {
    const state = JSON.stringify((await agent.status()).envoy);
    const [seen, failed] = [new Set<string | null>(), [] as string[]];
    const until = performance.now() + LIFETIME_MS * 2.2;
    while (performance.now() < until && seen.size < 3) {
      const { status, text, fingerprint } = await ask('right');
      if (status === 200) seen.add(fingerprint);
      else failed.push(text);
      await sleep(25);
    }
    assert.deepEqual(failed, []);
    assert.ok(seen.size >= 3, `${seen.size} certificates were seen\n${said.join('\n')}`);
    assert.equal(JSON.stringify((await agent.status()).envoy), state);
  });
});
