import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { EnvoyState } from 'sallyport/agent/proxy/supervisor.ts';
import { freePort, type ProxyAgent, startProxyAgent, talk } from './testing/proxy-agent.ts';

const get = (port: number, url: string) =>
  talk(port, `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nConnection: close\r\n\r\n`);
const tunnel = (port: number, to: string) => talk(port, `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
const statusOf = (answer: string) => Number(answer.split(' ')[1]);

describe('an agent in mode proxy', () => {
  let running: ProxyAgent;
  const states: EnvoyState[] = [];
  const access: string[] = [];
  before(async () => {
    running = await startProxyAgent((request, response) => response.end(`${request.headers.host} ${request.url}`), {
      onState: (state) => states.push(state),
      onAccess: (line) => access.push(line),
    });
    await running.agent.untilReady(10_000);
  });
  after(() => running.close());

  test('forwards absolute-form requests to listed hosts and refuses the others', async () => {
    const known = await get(running.proxyPort, 'http://api.example.test/a?b=c');
    assert.equal(statusOf(known), 200);
    assert.match(known, /api\.example\.test \/a\?b=c/);
    assert.equal(statusOf(await get(running.proxyPort, 'http://other.example.test/')), 502);
  });

  test('tunnels CONNECT to the listed host and port, and answers 404 to any other', async () => {
    const open = await tunnel(running.proxyPort, 'api.example.test:443');
    assert.equal(statusOf(open), 200);
    assert.match(open, /\r\n\r\ntunnel$/);
    for (const other of ['other.example.test:443', 'api.example.test:8443', 'api.example.test:80', '127.0.0.1:443'])
      assert.equal(
        statusOf(await talk(running.proxyPort, `CONNECT ${other} HTTP/1.1\r\nHost: ${other}\r\nConnection: close\r\n\r\n`)),
        404,
      );
  });

  test('tells the control plane how it is reached', async () => {
    const { body } = await running.agent.admin.get('/server_info');
    const { node } = JSON.parse(body) as { node: { id: string; metadata: Record<string, unknown> } };
    assert.equal(node.id, 'sidecar~127.0.0.1~laptop.default~default.svc.cluster.local');
    assert.equal(node.metadata['HTTP_PROXY_PORT'], String(running.proxyPort));
    assert.equal(node.metadata['INTERCEPTION_MODE'], 'NONE');
    assert.equal(node.metadata['DNS_CAPTURE'], undefined);
  });

  test('says on its health port that it is ready, and nothing on other paths', async () => {
    const at = `http://127.0.0.1:${running.agent.ports.health}`;
    assert.equal((await fetch(`${at}/healthz/ready`)).status, 200);
    assert.equal((await fetch(`${at}/`)).status, 404);
  });

  test('keeps its bootstrap and the admin socket to itself', async () => {
    assert.equal((await stat(running.agent.folder)).mode & 0o777, 0o700);
    assert.equal((await stat(`${running.agent.folder}/envoy/bootstrap.json`)).mode & 0o777, 0o600);
    assert.equal((await stat(`${running.agent.folder}/envoy/admin.sock`)).mode & 0o777, 0o600);
  });

  test('delivers access log lines soon, not when a buffer is full', async () => {
    access.length = 0;
    await get(running.proxyPort, 'http://other.example.test/');
    await sleep(600);
    assert.deepEqual(access, ['{"authority":"other.example.test","code":502}']);
  });

  test('has Envoy back within two seconds after it was killed', async () => {
    const { envoy } = await running.agent.status();
    assert.equal(envoy.kind, 'running');
    states.length = 0;
    const killed = performance.now();
    process.kill((envoy as Extract<EnvoyState, { kind: 'running' }>).pid, 'SIGKILL');
    while (states.every((state) => state.kind !== 'waiting')) await sleep(5);
    assert.equal((await running.agent.status()).ready, false);
    await running.agent.untilReady(5_000);
    assert.ok(performance.now() - killed < 2_000);
    assert.equal(statusOf(await get(running.proxyPort, 'http://api.example.test/')), 200);
    const waited = states.find((state) => state.kind === 'waiting');
    assert.match(waited?.why ?? '', /^Envoy ended with SIGKILL/);
  });
});

test('an agent lets a request in flight finish on stop, refuses to be ready meanwhile, and leaves nothing behind', async () => {
  const running = await startProxyAgent((_, response) => void setTimeout(() => response.end('late'), 1_000), {
    stopDrainSeconds: 5,
  });
  await running.agent.untilReady(10_000);
  const slow = get(running.proxyPort, 'http://api.example.test/');
  await sleep(300);
  const stopping = running.agent.stop();
  await sleep(100);
  const health = await fetch(`http://127.0.0.1:${running.agent.ports.health}/healthz/ready`);
  assert.equal(health.status, 503);
  assert.match(await slow, /late/);
  await stopping;
  assert.equal(existsSync(running.agent.folder), false);
  await running.close();
});

test('an agent cuts what is not finished when the time to drain is over', async () => {
  const running = await startProxyAgent(() => {}, { stopDrainSeconds: 1 });
  await running.agent.untilReady(10_000);
  const endless = get(running.proxyPort, 'http://api.example.test/');
  await sleep(300);
  const began = performance.now();
  await running.agent.stop();
  const took = performance.now() - began;
  assert.ok(took > 900 && took < 4_000, `took ${took} ms`);
  await endless;
  await running.close();
});

test('an agent whose Envoy cannot start says why, keeps trying, and can be stopped', async () => {
  const taken = createServer();
  const metrics = await freePort();
  await new Promise<void>((resolve) => taken.listen(metrics, '127.0.0.1', resolve));
  const running = await startProxyAgent(() => {}, { ports: { metrics, health: 0, resolver: 0 } });
  // A busy machine may not even have started Envoy when the time is up: then there is nothing to say yet.
  let said = { code: '', message: '' };
  const why = new RegExp(`127\\.0\\.0\\.1:${metrics}.*in use`, 'i');
  for (let i = 0; i < 15 && !why.test(said.message); i += 1)
    said = await running.agent.untilReady(1_500).then(
      () => assert.fail('it got ready'),
      (error) => error,
    );
  assert.equal(said.code, 'UNREACHABLE');
  assert.match(said.message, why);
  const { envoy } = await running.agent.status();
  assert.notEqual(envoy.kind, 'stopped');
  await running.close();
  assert.equal((await running.agent.status()).envoy.kind, 'stopped');
  taken.close();
});

test('an agent that is killed takes its Envoy with it', async () => {
  assert.equal(process.platform, 'linux', 'this is a promise for Linux only');
  const script = `
    const { startProxyAgent } = await import(${JSON.stringify(new URL('./testing/proxy-agent.ts', import.meta.url).href)});
    const { agent, folder } = await startProxyAgent(() => {});
    await agent.untilReady(10_000);
    console.log(JSON.stringify([(await agent.status()).envoy.pid, agent.folder, folder]));
    process.kill(process.pid, 'SIGKILL');`;
  const failed = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]).catch((error) => error);
  assert.notEqual(failed.stdout, '', failed.stderr);
  const [pid, ...folders] = JSON.parse(failed.stdout) as [number, string, string];
  for (let i = 0; i < 40 && existsSync(`/proc/${pid}`); i += 1) await sleep(50);
  assert.equal(existsSync(`/proc/${pid}`), false);
  for (const folder of folders) await rm(folder, { recursive: true });
});
