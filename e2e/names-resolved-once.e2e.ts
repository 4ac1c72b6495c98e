import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ScriptedServer, startScriptedServer } from 'sallyport/dns/testing/scripted-server.ts';
import { run } from './lab/ran.ts';
import { type ControlPlane, SALLYPORT, startControlPlane } from './testing/control-plane.ts';
import { meshConfig } from './testing/documents.ts';
import { startWorkload, type Workload } from './testing/workload.ts';

const entry = (name: string, resolution: string) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${name}.example.com]
  location: MESH_EXTERNAL
  resolution: ${resolution}
  ports:
  - {number: 80, name: http, protocol: HTTP}
  - {number: 443, name: tls, protocol: TLS}
`;
const TTL = 1;
/** What the workload's own resolver says of all of them: nobody is to go there. */
const MISLED = '203.0.113.66';

describe('names that the control plane looks up', () => {
  let dns: ScriptedServer;
  let control: ControlPlane;
  let workload: Workload;
  before(async () => {
    dns = await startScriptedServer({
      'all.example.com': { addresses: ['198.51.100.10', '198.51.100.11', '2001:db8::10'], ttl: TTL },
      'first.example.com': { addresses: ['198.51.100.20', '198.51.100.21'], ttl: TTL },
      'gone.example.com': { addresses: ['198.51.100.30'], ttl: TTL },
    });
    const options = [
      'sallyport:',
      '  dns:',
      '    resolvedBy: control-plane',
      `    resolvers: ["127.0.0.1:${dns.port}"]`,
      '    minTtl: 1s',
    ];
    control = await startControlPlane({
      'mesh.yaml': meshConfig(['outboundTrafficPolicy:', '  mode: REGISTRY_ONLY', ...options]),
      'all.yaml': entry('all', 'DNS'),
      'first.yaml': entry('first', 'DNS_ROUND_ROBIN'),
      'gone.yaml': entry('gone', 'DNS'),
    });
    const names = ['all', 'first', 'gone'].map((name) => [`${name}.example.com`, [MISLED]] as const);
    workload = await startWorkload(control, { names: Object.fromEntries(names) });
  });
  after(async () => {
    await workload?.close();
    await control?.close();
    await dns?.close();
  });

  async function until(url: string, outcome: string): Promise<void> {
    let last = '';
    for (let i = 0; i < 1_000 && last !== outcome; i += 1) {
      last = await workload.answerOf(url);
      if (last !== outcome) await sleep(20);
    }
    assert.equal(last, outcome);
  }
  /** Where some calls went, each once. */
  async function outcomes(url: string, calls = 30): Promise<readonly string[]> {
    const seen = new Set<string>();
    for (let i = 0; i < calls; i += 1) seen.add(await workload.answerOf(url));
    return [...seen].sort();
  }

  test('are called at all of their addresses, and with DNS_ROUND_ROBIN at one', async () => {
    assert.deepEqual(await outcomes('http://all.example.com/'), ['198.51.100.10', '198.51.100.11']);
    assert.deepEqual(await outcomes('https://all.example.com/'), ['198.51.100.10', '198.51.100.11']);
    assert.deepEqual(await outcomes('http://first.example.com/'), ['198.51.100.20']);
  });

  test('are asked for in the proxies’ families alone', () => {
    assert.equal(dns.count('all.example.com', 'AAAA'), 0);
    assert.ok(dns.count('all.example.com', 'A') > 0);
  });

  test('are followed when an answer rotates, and connections that are there stay', async () => {
    const streams = [
      await workload.stream('http://first.example.com/ticks'),
      await workload.stream('https://first.example.com/ticks'),
    ];
    dns.script('first.example.com', { addresses: ['198.51.100.21', '198.51.100.20'], ttl: TTL });
    await until('http://first.example.com/', '198.51.100.21');
    dns.script('first.example.com', { addresses: ['198.51.100.22'], ttl: TTL });
    await until('https://first.example.com/', '198.51.100.22');
    for (const stream of streams) {
      await stream.ticks(5);
      assert.equal(stream.ended, false);
    }
  });

  test('keep their addresses while DNS is away, also when the control plane starts anew meanwhile', async () => {
    dns.silent = true;
    const asked = dns.queries.length;
    const failed: string[] = [];
    const callFor = async (ms: number): Promise<void> => {
      for (const end = performance.now() + ms; performance.now() < end; ) {
        const got = await workload.answerOf('http://all.example.com/');
        if (!got.startsWith('198.51.100.1')) failed.push(got);
      }
    };
    await callFor(2_000);
    await control.program.end('SIGKILL');
    await control.start();
    await control.program.until(({ event }) => event === 'connected');
    await callFor(5_000);
    assert.deepEqual(failed, []);
    assert.ok(dns.queries.length > asked, 'somebody asks while DNS is away');
    const { stdout } = await run([...SALLYPORT, 'lookups', '--runtime-dir', control.runtime]);
    assert.match(stdout, /all\.example\.com +A +not heard yet .*no answer/);
    dns.silent = false;
    dns.script('all.example.com', { addresses: ['198.51.100.12'], ttl: TTL });
    await until('http://all.example.com/', '198.51.100.12');
  });

  test('are absent when they do not exist, and are back when they do', async () => {
    await until('http://gone.example.com/', '198.51.100.30');
    dns.script('gone.example.com', { code: 'NXDOMAIN', negativeTtl: TTL });
    await until('http://gone.example.com/', '503');
    for (let i = 0; i < 100 && (await control.admin.issues()).issues.every(({ code }) => code !== 'NAME_NOT_FOUND'); i += 1)
      await sleep(20);
    assert.ok(
      (await control.admin.issues()).issues.some(({ code, object }) => code === 'NAME_NOT_FOUND' && object?.name === 'gone'),
    );
    dns.script('gone.example.com', { addresses: ['198.51.100.31'], ttl: TTL });
    await until('http://gone.example.com/', '198.51.100.31');
  });

  test('are shown with addresses, age and time', async () => {
    const { stdout } = await run([...SALLYPORT, 'lookups', '--runtime-dir', control.runtime]);
    assert.match(stdout, /^NAME +TYPE +ADDRESSES +AGE +TTL +LAST ERROR$/m);
    assert.match(stdout, /^gone\.example\.com +A +198\.51\.100\.31 +\d+ s +1 s$/m);
  });

  test('are asked for by proxies again when the entry says so', async () => {
    await control.write(
      'all.yaml',
      entry('all', 'DNS').replace('namespace: shop}', 'namespace: shop, annotations: {sallyport.io/dns: proxy}}'),
    );
    await until('http://all.example.com/', MISLED);
  });
});
