import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, SALLYPORT, startControlPlane } from './testing/control-plane.ts';
import { type Talker, talker } from './testing/lines.ts';
import { freePort } from './testing/proxy-agent.ts';

type AgentLine = { readonly event: string } & Readonly<Record<string, unknown>>;

const gateway = (port: number) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: out, namespace: edge}
spec: {selector: {istio: egress}, servers: [{port: {number: ${port}, name: http, protocol: HTTP}, hosts: [api.example.com]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: edge}
spec: {hosts: [api.example.com], gateways: [out], http: [{directResponse: {status: 200, body: {string: through the gateway}}}]}
`;
const READERS = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: edge}
spec: {selector: {matchLabels: {istio: egress}}, rules: [{to: [{operation: {methods: [GET]}}]}]}
`;

describe('a gateway run by sallyport agent --type router', { timeout: 90_000 }, () => {
  let control: ControlPlane;
  let agent: Talker<AgentLine>;
  let port: number;

  before(async () => {
    port = await freePort();
    control = await startControlPlane({ 'gateway.yaml': gateway(port) });
    const [health, metrics] = [await freePort(), await freePort()];
    const place = ['--xds', `127.0.0.1:${control.port}`, '--runtime-dir', control.runtime];
    const ports = ['--health-port', String(health), '--metrics-port', String(metrics)];
    const who = ['--name', 'egress', '-n', 'edge', '--label', 'istio=egress'];
    agent = talker<AgentLine>([...SALLYPORT, 'agent', '--type', 'router', ...who, ...place, ...ports, '-o', 'json']);
    await agent.until(({ event }) => event === 'ready');
  });
  after(async () => {
    await agent?.end();
    await control?.close();
  });

  test('opens the ports of the Gateways that select it, and no others for hosts', async () => {
    assert.deepEqual(await ask(port, 'GET', 'api.example.com'), { status: 200, text: 'through the gateway' });
    assert.equal((await ask(port, 'GET', 'other.example.com')).status, 404);
  });

  test('is asked about by an AuthorizationPolicy while it runs', async () => {
    await control.write('readers.yaml', READERS);
    await until(async () => (await ask(port, 'POST', 'api.example.com')).status === 403);
    assert.equal((await ask(port, 'GET', 'api.example.com')).status, 200);
    await control.remove('readers.yaml');
    await until(async () => (await ask(port, 'POST', 'api.example.com')).status === 200);
  });

  test('shows up in proxy-status as a router', async () => {
    const proxies = await control.admin.proxies();
    assert.ok(proxies.some(({ node }) => node.startsWith('router~127.0.0.1~egress.edge~')));
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  assert.fail('it never came true');
}

function ask(port: number, method: string, host: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, headers: { host }, agent: false }, (reply) => {
      let text = '';
      reply.on('data', (part) => {
        text += part;
      });
      reply.once('end', () => resolve({ status: reply.statusCode ?? 0, text }));
    });
    asked.once('error', reject).end();
  });
}
