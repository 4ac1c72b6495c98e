import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, test } from 'node:test';
import type { AdsServer } from '../ads/index.ts';
import { TestClient } from '../ads/testing/client.ts';
import { urlOf } from '../ads/types.ts';
import { linesOf } from '../envoy/names/testing/lines.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { createPipeline, type Pipeline } from './index.ts';
import { serveAds } from './serve.ts';

let pipeline: Pipeline;
let configuration: Configuration;
let server: AdsServer;
let client: TestClient;

beforeEach(async () => {
  pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  configuration = createConfiguration(pipeline);
  server = serveAds(pipeline, { log: () => {} });
  client = new TestClient(await server.listen(0));
});

afterEach(async () => {
  client.close();
  await server.close(0);
});

function write(...addresses: readonly string[]): void {
  const entries = addresses.map((address, i) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: `e${i}`, namespace: 'shop' },
    spec: { hosts: [`h${i}.example`], addresses: [address], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }] },
  }));
  const text = entries.map((entry) => JSON.stringify(entry)).join('\n---\n');
  configuration.receive({ source: 'memory', put: [{ path: 'e.yaml', text }], remove: [], synced: true, issues: [] });
}

/** As an agent asks: for everything of the type, without a name. */
function ask(metadata: Readonly<Record<string, string>>): void {
  const id = 'sidecar~10.0.0.1~web.shop~shop.svc.cluster.local';
  client.send({ node: { id, metadata: { NAMESPACE: 'shop', ...metadata } }, typeUrl: urlOf.nameTable });
}

async function nextTable() {
  const response = await client.next();
  assert.equal(response.type, 'nameTable');
  assert.deepEqual(response.removed, []);
  client.ack(response);
  return response.resources.map(({ content }) => linesOf(Buffer.from(content)));
}

test('an agent that answers DNS is sent its table, and again when a name changes', async () => {
  write('10.1.0.1', '10.1.0.2');
  ask({ DNS_CAPTURE: 'true' });
  const External = (ip: string) => ({ ips: [ip], registry: 'External' });
  assert.deepEqual(await nextTable(), [{ 'h0.example': External('10.1.0.1'), 'h1.example': External('10.1.0.2') }]);
  write('10.1.0.1', '10.1.0.9');
  assert.deepEqual(await nextTable(), [{ 'h0.example': External('10.1.0.1'), 'h1.example': External('10.1.0.9') }]);
  write('10.1.0.1');
  assert.deepEqual(await nextTable(), [{ 'h0.example': External('10.1.0.1') }]);
});

test('where there are no names the table is empty, so that the agent knows it may forward', async () => {
  ask({ DNS_CAPTURE: 'true' });
  assert.deepEqual(await nextTable(), [{}]);
});

test('an agent that leaves DNS alone has none', async () => {
  write('10.1.0.1');
  ask({});
  assert.deepEqual(await nextTable(), []);
});
