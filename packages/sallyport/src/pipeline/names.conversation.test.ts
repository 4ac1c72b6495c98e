import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { NameInfoSchema } from '@sallyport/apis/nds';
import type { AdsServer } from '../ads/index.ts';
import { TestClient } from '../ads/testing/client.ts';
import type { Response } from '../ads/testing/messages.ts';
import { urlOf } from '../ads/types.ts';
import { linesOf } from '../envoy/names/testing/lines.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { createPipeline, type Pipeline } from './index.ts';
import { serveAds } from './serve.ts';

/** A name that no table has: the answer that there is none comes when everything else has been sent (agent/names/rows.ts). */
const WHOLE_TABLE = '.';

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

interface Asked {
  readonly typeUrl: string;
  readonly resourceNamesSubscribe?: string[];
  readonly initialResourceVersions?: { [name: string]: string };
}

/** As an agent asks: for everything of the type, without a name; or as `rest` says. */
function ask(metadata: Readonly<Record<string, string>>, rest: Asked = { typeUrl: urlOf.nameTable }): void {
  const id = 'sidecar~10.0.0.1~web.shop~shop.svc.cluster.local';
  client.send({ node: { id, metadata: { NAMESPACE: 'shop', ...metadata } }, ...rest });
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

/** What a response of rows says, and whether it says that all there is has been told. */
function rowsIn({ type, resources, removed }: Response) {
  assert.equal(type, 'nameRow');
  const put = resources.map(
    ({ name, content }) => [name, fromBinary(NameInfoSchema, Buffer.from(content)).ips.join(' ')] as const,
  );
  return { put: Object.fromEntries(put), removed, whole: removed.includes(WHOLE_TABLE) };
}

test('an agent that keeps names by row is sent the rows, told when that was all, and then what changes', async () => {
  write('10.1.0.1', '10.1.0.2');
  ask(
    { DNS_CAPTURE: 'true', SALLYPORT_NAME_ROWS: 'true' },
    { typeUrl: urlOf.nameRow, resourceNamesSubscribe: ['*', WHOLE_TABLE] },
  );
  const first = await client.next();
  assert.deepEqual(rowsIn(first), {
    put: { 'h0.example': '10.1.0.1', 'h1.example': '10.1.0.2' },
    removed: [WHOLE_TABLE],
    whole: true,
  });
  client.ack(first);
  write('10.1.0.1', '10.1.0.9');
  const second = await client.next();
  assert.deepEqual(rowsIn(second), { put: { 'h1.example': '10.1.0.9' }, removed: [], whole: false });
  client.ack(second);
  write('10.1.0.1');
  assert.deepEqual(rowsIn(await client.next()), { put: {}, removed: ['h1.example'], whole: false });
});

test('a table of several responses is called whole by the last of them only', async () => {
  write(...Array.from({ length: 2_000 }, (_, i) => `10.${1 + (i >> 8)}.${i & 255}.1`));
  ask(
    { DNS_CAPTURE: 'true', SALLYPORT_NAME_ROWS: 'true' },
    { typeUrl: urlOf.nameRow, resourceNamesSubscribe: ['*', WHOLE_TABLE] },
  );
  let [responses, rows] = [0, 0];
  for (let whole = false; !whole; responses += 1) {
    const response = await client.next();
    client.ack(response);
    ({ whole } = rowsIn(response));
    rows += response.resources.length;
  }
  assert.deepEqual([responses > 1, rows], [true, 2_000]);
});

test('an agent that comes back with what it has kept is sent the difference', async () => {
  write('10.1.0.1', '10.1.0.2', '10.1.0.3');
  const metadata = { DNS_CAPTURE: 'true', SALLYPORT_NAME_ROWS: 'true' };
  const asked = { typeUrl: urlOf.nameRow, resourceNamesSubscribe: ['*', WHOLE_TABLE] };
  ask(metadata, asked);
  const first = await client.next();
  const kept = Object.fromEntries(first.resources.map(({ name, version }) => [name, version]));
  client.close();
  write('10.1.0.1', '10.1.0.9');
  client = new TestClient(await server.listen(0));
  ask(metadata, { ...asked, initialResourceVersions: kept });
  const said = [rowsIn(await client.next()), rowsIn(await client.next())];
  assert.deepEqual(said, [
    { put: { 'h1.example': '10.1.0.9' }, removed: [WHOLE_TABLE], whole: true },
    { put: {}, removed: ['h2.example'], whole: false },
  ]);
});
