import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '../ads/testing/client.ts';
import type { Response } from '../ads/testing/messages.ts';
import { urlOf } from '../ads/types.ts';
import { type ScriptedServer, startScriptedServer } from '../dns/testing/scripted-server.ts';
import { createConfiguration } from '../pipeline/configuration.ts';
import { createPipeline } from '../pipeline/index.ts';
import { serveAds } from '../pipeline/serve.ts';
import { lookNamesUp, type NameLookups } from './name-lookups.ts';

const HOST = 'api.example.com';
const CLUSTER = `outbound|80||${HOST}`;
const ENTRY = JSON.stringify({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'api', namespace: 'shop' },
  spec: { hosts: [HOST], resolution: 'DNS', ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] },
});

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface ControlPlane {
  readonly lookups: NameLookups;
  readonly connect: () => TestClient;
  readonly kill: () => Promise<void>;
}

async function controlPlane(dns: ScriptedServer): Promise<ControlPlane> {
  const settings = { clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' };
  const options = { resolvedBy: 'control-plane', resolvers: [`127.0.0.1:${dns.port}`], minTtl: '1s' };
  const pipeline = createPipeline(settings, { sallyport: { dns: options } });
  const configuration = createConfiguration(pipeline);
  configuration.receive({ source: 'memory', put: [{ path: 'e.yaml', text: ENTRY }], remove: [], synced: true, issues: [] });
  const server = serveAds(pipeline, { log: () => {} });
  const lookups = lookNamesUp(pipeline, () => {});
  const port = await server.listen(0);
  const kill = async (): Promise<void> => {
    lookups.close();
    await server.close(0);
  };
  closing.push(kill);
  const connect = (): TestClient => {
    const client = new TestClient(port);
    closing.push(() => client.close());
    return client;
  };
  return { lookups, connect, kill };
}

const NODE = { id: 'sidecar~10.0.0.1~web.shop~shop.svc.cluster.local', metadata: { NAMESPACE: 'shop' } };

/** As Envoy begins: clusters, acknowledged, then the endpoints of one of them. */
async function subscribe(client: TestClient, known: { readonly [name: string]: string } = {}): Promise<void> {
  client.send({ node: NODE, typeUrl: urlOf.cluster });
  client.ack(await client.next());
  client.send({ typeUrl: urlOf.endpoints, resourceNamesSubscribe: [CLUSTER], initialResourceVersions: known });
}

/** Addresses stand in a message as text. */
function addressesIn({ type, resources }: Response): readonly string[] {
  assert.equal(type, 'endpoints');
  return resources.flatMap(({ content }) => content.match(/\d+\.\d+\.\d+\.\d+/g) ?? []);
}

test('a new proxy is sent what DNS says, never an empty set before, and then what changes', async () => {
  const dns = await startScriptedServer({ [HOST]: { addresses: ['198.51.100.1'], ttl: 1 } });
  closing.push(() => dns.close());
  const { connect, lookups } = await controlPlane(dns);
  assert.equal(lookups.queries, 0);
  const client = connect();
  await subscribe(client);
  const first = await client.next();
  assert.deepEqual(addressesIn(first), ['198.51.100.1']);
  client.ack(first);
  dns.script(HOST, { addresses: ['198.51.100.2', '198.51.100.3'], ttl: 1 });
  assert.deepEqual(addressesIn(await client.next()), ['198.51.100.2', '198.51.100.3']);
  const [status] = lookups.status();
  assert.deepEqual(
    [status?.name, status?.type, status?.addresses, status?.hosts],
    [HOST, 'A', ['198.51.100.2', '198.51.100.3'], [HOST]],
  );
});

test('a proxy that comes back to a new control plane while DNS is away keeps what it has', async () => {
  const dns = await startScriptedServer({ [HOST]: { addresses: ['198.51.100.1'], ttl: 1 } });
  closing.push(() => dns.close());
  const before = await controlPlane(dns);
  const early = before.connect();
  await subscribe(early);
  const [resource] = (await early.next()).resources;
  await before.kill();
  dns.silent = true;
  const { connect, lookups } = await controlPlane(dns);
  const [back, fresh] = [connect(), connect()];
  back.send({ node: NODE, typeUrl: urlOf.cluster, initialResourceVersions: await clusterVersions(fresh) });
  back.send({
    typeUrl: urlOf.endpoints,
    resourceNamesSubscribe: [CLUSTER],
    initialResourceVersions: { [CLUSTER]: resource!.version },
  });
  // A proxy that has nothing waits, and is told in the end that there is nothing.
  fresh.send({ typeUrl: urlOf.endpoints, resourceNamesSubscribe: [CLUSTER] });
  const empty = await fresh.next();
  assert.deepEqual(addressesIn(empty), []);
  fresh.ack(empty);
  assert.ok(lookups.failing() > 0);
  await sleep(100);
  assert.equal(back.unread, 0);
  dns.silent = false;
  dns.script(HOST, { addresses: ['198.51.100.9'], ttl: 1 });
  for (const client of [back, fresh]) assert.deepEqual(addressesIn(await client.next()), ['198.51.100.9']);
});

async function clusterVersions(client: TestClient): Promise<{ [name: string]: string }> {
  client.send({ node: { ...NODE, id: NODE.id.replace('10.0.0.1', '10.0.0.2') }, typeUrl: urlOf.cluster });
  const response = await client.next();
  client.ack(response);
  return Object.fromEntries(response.resources.map(({ name, version }) => [name, version]));
}
