import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { type DeltaDiscoveryRequest, DeltaDiscoveryRequestSchema, typeUrl } from '@sallyport/apis/discovery';
import { runAgent } from 'sallyport/agent/agent.ts';
import { type BootstrapOptions, bootstrapJson, bootstrapOf } from 'sallyport/agent/bootstrap/index.ts';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import { freePort } from './testing/proxy-agent.ts';

const base: BootstrapOptions = {
  identity: { name: 'web-1', namespace: 'shop', ips: ['10.0.0.7', 'fd00::7'], labels: { app: 'web' }, locality: 'eu/a/1' },
  interception: { mode: 'REDIRECT', dnsCapture: true, unprivileged: true, statusPort: 15021, metricsPort: 15090 },
  source: { kind: 'ads', place: { kind: 'unix', path: '/run/x/xds.sock' } },
  adminPath: '/run/x/admin.sock',
  sdsPath: '/run/x/sds.sock',
  resolver: { address: '127.0.0.1', port: 15054 },
  metrics: { address: '0.0.0.0', port: 15090 },
};

const variants: Readonly<Record<string, Partial<BootstrapOptions>>> = {
  'control plane on a Unix socket': {},
  'control plane on IPv4': { source: { kind: 'ads', place: { kind: 'tcp', address: '127.0.0.1', port: 15010 } } },
  'control plane on IPv6': { source: { kind: 'ads', place: { kind: 'tcp', address: '::1', port: 15010 } } },
  'packets marked': { mark: 1337 },
  'resolver and metrics on IPv6': { resolver: { address: '::1', port: 15054 }, metrics: { address: '::', port: 15090 } },
  'few connections': { maxConnections: 10 },
};

describe('the bootstrap', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, options] of Object.entries(variants)) {
    test(`is accepted by Envoy: ${name}`, async () => {
      const path = join(folder, 'bootstrap.json');
      await writeFile(path, bootstrapJson(bootstrapOf({ ...base, ...options })));
      const { path: envoy } = await resolveEnvoy();
      const { stdout, stderr } = await promisify(execFile)(envoy, ['--mode', 'validate', '--config-path', path]);
      assert.match(`${stdout}${stderr}`, /bootstrap\.json' OK/);
      assert.doesNotMatch(stderr, /\[(warning|error|critical)\]/);
    });
  }
});

test('Envoy asks the control plane on a Unix socket, over one delta stream, for clusters first, and says who it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'xds-'));
  const path = join(folder, 'xds.sock');
  const requests: DeltaDiscoveryRequest[] = [];
  const paths: string[] = [];
  // A server that accepts and stays silent.
  const server = createServer().on('stream', (stream: ServerHttp2Stream, headers) => {
    paths.push(String(headers[':path']));
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    let held = Buffer.alloc(0);
    stream.on('data', (part: Buffer) => {
      held = Buffer.concat([held, part]);
      while (held.length >= 5 && held.length >= 5 + held.readUInt32BE(1)) {
        const end = 5 + held.readUInt32BE(1);
        requests.push(fromBinary(DeltaDiscoveryRequestSchema, held.subarray(5, end)));
        held = held.subarray(end);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const agent = await runAgent({
    identity: base.identity,
    source: { kind: 'ads', place: { kind: 'unix', path } },
    mode: { kind: 'none' },
    ports: { metrics: await freePort(), health: 0, resolver: 0 },
    upstream: { kind: 'nobody' },
    concurrency: 1,
  });
  try {
    const until = performance.now() + 10_000;
    while (requests.length < 1 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(paths, ['/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources']);
    assert.equal(requests[0]?.typeUrl, typeUrl.cluster);
    assert.deepEqual(requests[0]?.resourceNamesSubscribe, []);
    const node = requests[0]?.node;
    assert.equal(node?.id, 'sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local');
    assert.equal(node?.cluster, 'web.shop');
    assert.deepEqual([node?.locality?.region, node?.locality?.zone, node?.locality?.subZone], ['eu', 'a', '1']);
    assert.equal(node?.metadata?.['INSTANCE_IPS'], '10.0.0.7,fd00::7');
    assert.deepEqual(node?.metadata?.['LABELS'], { app: 'web' });
    // Connected, and yet not ready: nothing has come.
    while (!(await agent.status()).connected && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await agent.status().then(({ ready, connected }) => ({ ready, connected })), {
      ready: false,
      connected: true,
    });
  } finally {
    await agent.stop();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  }
});
