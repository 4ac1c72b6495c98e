import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { DeltaDiscoveryResponseSchema, typeUrl } from '@sallyport/apis/discovery';
import type { AdsServer } from '../../ads/index.ts';
import { type Configuration, createConfiguration } from '../../pipeline/configuration.ts';
import { createPipeline } from '../../pipeline/index.ts';
import { serveAds } from '../../pipeline/serve.ts';
import { nodeOf } from '../bootstrap/node.ts';
import { NameTable } from '../resolver/name-table.ts';
import { type PushedNames, pushedNames } from './index.ts';
import { NameRows } from './rows.ts';

const ASKER = { namespace: 'shop', domain: 'shop.svc.cluster.local' };
const node = nodeOf(
  { name: 'web', namespace: 'shop', ips: ['10.9.0.1'] },
  { mode: 'REDIRECT', dnsCapture: true, unprivileged: true, statusPort: 15021, metricsPort: 15090 },
);

interface Plane {
  readonly configuration: Configuration;
  readonly server: AdsServer;
  readonly port: number;
}

let plane: Plane;
const running: PushedNames[] = [];
const folder = await mkdtemp(join(tmpdir(), 'names-'));
after(() => rm(folder, { recursive: true }));

async function startPlane(port = 0): Promise<Plane> {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const server = serveAds(pipeline, { log: () => {} });
  return { configuration: createConfiguration(pipeline), server, port: await server.listen(port) };
}

beforeEach(async () => {
  plane = await startPlane();
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  await plane.server.close(0);
});

function write(addresses: Readonly<Record<string, string>>): void {
  const entries = Object.entries(addresses).map(([host, address]) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: host.replaceAll('.', '-'), namespace: 'shop' },
    spec: { hosts: [host], addresses: [address], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }] },
  }));
  const text = entries.map((entry) => JSON.stringify(entry)).join('\n---\n');
  plane.configuration.receive({ source: 'memory', put: [{ path: 'e.yaml', text }], remove: [], synced: true, issues: [] });
}

async function follow(keptIn?: string): Promise<PushedNames> {
  const place = { kind: 'tcp' as const, address: '127.0.0.1', port: plane.port };
  const names = await pushedNames({ place, node, asker: ASKER, say: () => {}, ...(keptIn !== undefined && { keptIn }) });
  running.push(names);
  return names;
}

const addressOf = ({ names }: PushedNames, name: string) => {
  const found = names.lookup(name);
  return found.kind === 'known' ? found.addresses.A.join() : found.kind;
};

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 20_000) assert.fail('it did not come to that');
    await sleep(10);
  }
}

test('names are there when the table is whole, and change as the configuration does', async () => {
  write({ 'a.example': '10.0.0.1', 'b.example': '10.0.0.2' });
  const pushed = await follow();
  assert.deepEqual([addressOf(pushed, 'a.example'), pushed.status.ready], ['not-ready', false]);
  await until(() => pushed.status.ready);
  assert.deepEqual([addressOf(pushed, 'a.example'), addressOf(pushed, 'c.example')], ['10.0.0.1', 'unknown']);
  write({ 'b.example': '10.0.0.9', 'c.example': '10.0.0.3' });
  await until(() => addressOf(pushed, 'a.example') === 'unknown');
  assert.deepEqual([addressOf(pushed, 'b.example'), addressOf(pushed, 'c.example')], ['10.0.0.9', '10.0.0.3']);
});

test('an empty table is a table', async () => {
  const pushed = await follow();
  await until(() => pushed.status.ready);
  assert.equal(addressOf(pushed, 'a.example'), 'unknown');
});

test('the table survives the control plane, and what changed meanwhile is caught up with', async () => {
  write({ 'a.example': '10.0.0.1', 'b.example': '10.0.0.2' });
  const pushed = await follow();
  await until(() => pushed.status.ready);
  const { port } = plane;
  await plane.server.close(0);
  await until(() => !pushed.status.connected);
  assert.deepEqual([addressOf(pushed, 'a.example'), pushed.status.ready], ['10.0.0.1', true]);
  plane = await startPlane(port);
  write({ 'a.example': '10.0.0.7' });
  await until(() => addressOf(pushed, 'b.example') === 'unknown');
  assert.equal(addressOf(pushed, 'a.example'), '10.0.0.7');
});

test('an agent that is started again while the control plane is away knows what the last one did', async () => {
  const keptIn = join(folder, 'deep', 'kept.json');
  write({ 'a.example': '10.0.0.1' });
  const first = await follow(keptIn);
  await until(() => first.status.ready);
  await first.close();
  const { port } = plane;
  await plane.server.close(0);
  const second = await follow(keptIn);
  assert.deepEqual([addressOf(second, 'a.example'), second.status], ['10.0.0.1', { ready: true, rows: 1, connected: false }]);
  plane = await startPlane(port);
  write({ 'b.example': '10.0.0.2' });
  await until(() => addressOf(second, 'b.example') === '10.0.0.2' && addressOf(second, 'a.example') === 'unknown');
  await second.close();
  assert.doesNotMatch(await readFile(keptIn, 'utf8'), /a\.example/);
});

test('a kept table of another workload, and one that is broken, say nothing', async () => {
  const keptIn = join(folder, 'other.json');
  const file = { format: 1, asker: { ...ASKER, namespace: 'bank' }, rows: {} };
  for (const text of [JSON.stringify(file), '{"format":1,', JSON.stringify({ ...file, asker: ASKER, rows: { a: {} } })]) {
    await writeFile(keptIn, text);
    const pushed = await follow(keptIn);
    assert.equal(addressOf(pushed, 'a.example'), 'not-ready', text);
  }
});

test('a response with a row that cannot be read is refused whole', () => {
  const rows = new NameRows(new NameTable(ASKER));
  const resource = (name: string, value: Uint8Array) => ({ name, version: '1', resource: { typeUrl: typeUrl.nameRow, value } });
  const response = create(DeltaDiscoveryResponseSchema, {
    nonce: '7',
    resources: [resource('a.example', new Uint8Array()), resource('b.example', Uint8Array.of(10, 99))],
  });
  const { changed, answer } = rows.take(response);
  assert.deepEqual([changed, answer.responseNonce, [...rows.held()]], [false, '7', []]);
  assert.match(answer.errorDetail?.message ?? '', /^b\.example: /);
});
