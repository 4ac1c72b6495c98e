import assert from 'node:assert/strict';
import { connect, constants } from 'node:http2';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import type { Nack } from './outside.ts';
import { type AdsServer, type AdsServerOptions, createAdsServer } from './server.ts';
import { sentence, TestClient } from './testing/client.ts';
import { EnvoyLike } from './testing/envoy-like.ts';
import { TestMesh } from './testing/mesh.ts';
import { urlOf } from './types.ts';

let mesh: TestMesh;
let server: AdsServer;
let port: number;
let nacks: Nack[];
let clients: TestClient[];

beforeEach(async () => {
  mesh = new TestMesh();
  nacks = [];
  clients = [];
  await serve({ lingerMs: 0 });
});

async function serve(options: AdsServerOptions): Promise<void> {
  server = createAdsServer(
    mesh,
    {
      onConnect: (nodes) =>
        mesh.commit((edit) => {
          for (const { id } of nodes) edit.proxy(id, id.split('@')[1]);
        }),
      onDisconnect: (id) => mesh.commit((edit) => edit.proxy(id, undefined)),
      onNack: (nack) => void nacks.push(nack),
      onNotice: () => {},
    },
    options,
  );
  port = await server.listen(0);
}

afterEach(async () => {
  for (const client of clients) client.close();
  await server.close(0);
});

after(() => assert.equal(process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length, 0));

function dial(method?: string): TestClient {
  const client = new TestClient(port, method);
  clients.push(client);
  return client;
}

async function until(true_: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!true_()) {
    if (Date.now() > end) assert.fail(`waited in vain until ${what}`);
    await sleep(5);
  }
}

describe('over gRPC', () => {
  it('a proxy gets clusters, endpoints, listeners and routes, then each change', async () => {
    for (const type of ['cluster', 'endpoints', 'listener', 'route'] as const) mesh.put('c', type, 'x', '1');
    const client = dial();
    client.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    const clusters = await client.next();
    assert.equal(sentence(clusters), 'cluster +x=1');
    client.send({ typeUrl: urlOf.endpoints, resourceNamesSubscribe: ['x'] });
    client.ack(clusters);
    client.ack(await client.next());
    client.send({ typeUrl: urlOf.listener });
    const listeners = await client.next();
    assert.equal(sentence(listeners), 'listener +x=1');
    client.ack(listeners);
    client.send({ typeUrl: urlOf.route, resourceNamesSubscribe: ['x'] });
    client.ack(await client.next());
    mesh.put('c', 'endpoints', 'x', '2');
    assert.equal(sentence(await client.next()), 'endpoints +x=2');
  });

  it('rejections are understood with and without names', async () => {
    for (const name of ['w', 'x', 'y', 'z']) mesh.put('c', 'cluster', name, '1');
    const client = dial();
    client.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    client.nack(await client.next(), 'Error adding/updating cluster(s) x: no good');
    const rest = await client.next();
    assert.equal(sentence(rest), 'cluster +w=1 +y=1 +z=1');
    client.nack(rest, 'cannot be decoded');
    const half = await client.next();
    assert.equal(sentence(half), 'cluster +w=1 +y=1');
    client.ack(half);
    client.nack(await client.next(), 'cannot be decoded');
    await until(() => nacks.length === 2, 'both culprits are known');
    assert.deepEqual(
      nacks.map(({ name, detail, target }) => `${name}: ${detail} (${target})`),
      ['x: no good (x@c)', 'z: cannot be decoded (z@c)'],
    );
    mesh.put('c', 'cluster', 'x', '2');
    assert.equal(sentence(await client.next()), 'cluster +x=2');
  });

  it('a proxy that reconnects with 100,000 versions passes, and is sent nothing', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `outbound|443||h${i}.some.quite.ordinary.length.example.com`);
    mesh.commit((edit) => {
      for (const name of names) edit.put('c', 'cluster', name, '1');
    });
    const version = mesh.tables[0]?.resources.get(`${names[0]}@c`)?.version ?? '';
    const client = dial();
    client.send({
      node: { id: 'a@c' },
      typeUrl: urlOf.cluster,
      initialResourceVersions: Object.fromEntries(names.map((name) => [name, version])),
    });
    await until(() => server.status().length === 1, 'the stream is known');
    await sleep(50);
    assert.equal(server.stats.pushes, 0);
    assert.equal(server.status()[0]?.types[0]?.acknowledged, 100_000);
    mesh.put('c', 'cluster', 'new', '1');
    assert.equal(sentence(await client.next()), 'cluster +new=1');
  });

  it('proxies that behave like Envoy, at their own pace, all end up with what they are to have', async () => {
    const proxies = ['a@c', 'b@c', 'c@d', 'd@d'].map((id) => new EnvoyLike(id));
    const types = ['cluster', 'endpoints', 'listener', 'route'] as const;
    const dialled = (proxy: EnvoyLike): TestClient => {
      const client = dial();
      client.call.removeAllListeners('data');
      client.call.on('data', (bytes: Buffer) => {
        proxy.receive(bytes);
        setTimeout(() => proxy.answer(), Math.random() * 15);
      });
      proxy.connect((message) => void client.call.write(Buffer.from(message)));
      return client;
    };
    const lines = proxies.map(dialled);
    for (let round = 0; round < 60; round += 1) {
      const pick = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;
      const [classId, type, name] = [pick(['c', 'd']), pick(types), pick(['x', 'y', 'z'])];
      if (Math.random() < 0.2) mesh.remove(classId, type, name);
      else mesh.put(classId, type, name, String(round));
      if (Math.random() < 0.1) {
        const i = Math.floor(Math.random() * proxies.length);
        lines[i]?.close();
        proxies[i]?.disconnect();
        lines[i] = dialled(proxies[i] as EnvoyLike);
      }
      await sleep(Math.random() * 8);
    }
    const asked = { cluster: undefined, endpoints: 'cluster', listener: undefined, route: 'listener' } as const;
    const wants = (proxy: EnvoyLike, type: (typeof types)[number]): string => {
      const table = mesh.tables.find((t) => t.type === type);
      const by = asked[type];
      const links = [...(table?.links.entries() ?? [])]
        .map(([, link]) => link)
        .filter((l) => l.class === proxy.nodeId.split('@')[1]);
      const covered = links.filter(({ name }) => by === undefined || proxy.have.get(by)?.has(name));
      return covered
        .map(({ name, target }) => `${name}=${table?.resources.get(target)?.version}`)
        .sort()
        .join();
    };
    const has = (proxy: EnvoyLike, type: (typeof types)[number]): string =>
      [...(proxy.have.get(type) ?? [])]
        .map(([name, { version }]) => `${name}=${version}`)
        .sort()
        .join();
    await until(() => proxies.every((p) => types.every((type) => has(p, type) === wants(p, type))), 'everybody has everything');
  });
});

describe('a proxy that does not read', () => {
  beforeEach(async () => {
    await server.close(0);
    // However long the others take on a busy machine: a late answer does not count as given up.
    await serve({ lingerMs: 0, patienceMs: Number.POSITIVE_INFINITY });
  });

  it('is not written to, costs no memory and harms nobody', async () => {
    mesh.put('c', 'cluster', 'x', '0');
    const [slow, quick] = [dial(), dial()];
    slow.send({ node: { id: 'slow@c' }, typeUrl: urlOf.cluster });
    slow.ack(await slow.next());
    quick.send({ node: { id: 'quick@c' }, typeUrl: urlOf.cluster });
    quick.ack(await quick.next());
    slow.call.pause();
    const big = 'x'.repeat(4_000_000);
    for (let i = 1; i <= 30; i += 1) {
      // Different names: each change must be sent, were it not for the reader.
      mesh.put('c', 'cluster', `n${i}`, big + i);
      const response = await quick.next();
      assert.equal(response.resources[0]?.name, `n${i}`);
      quick.ack(response);
    }
    const stream = server.status().find(({ node }) => node.id === 'slow@c');
    // What comes after the first waits in the server, merged.
    assert.equal(stream?.types[0]?.unanswered, 1);
    assert.ok(server.stats.bytes < 32 * big.length, `${server.stats.bytes} bytes were sent`);
    slow.call.resume();
    const names = new Set<string>();
    while (names.size < 30) {
      const response = await slow.next();
      for (const { name } of response.resources) names.add(name);
      slow.ack(response);
    }
  });
});

describe('what is refused', () => {
  it('state of the world', async () => {
    const client = dial('StreamAggregatedResources');
    client.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    assert.match(await client.ended, new RegExp(`^${status.UNIMPLEMENTED} .*DELTA_GRPC`));
  });

  it('a stream that does not say who it is', async () => {
    const client = dial();
    client.send({ typeUrl: urlOf.cluster });
    assert.equal(await client.ended, `${status.INVALID_ARGUMENT} the first request of a stream must carry the node`);
  });

  it('garbage, without harm to others', async () => {
    mesh.put('c', 'cluster', 'x', '1');
    const [good, bad] = [dial(), dial()];
    good.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    good.ack(await good.next());
    bad.call.write(Buffer.from('no protobuf at all'));
    assert.match(await bad.ended, new RegExp(`^${status.INVALID_ARGUMENT} the request cannot be read`));
    mesh.put('c', 'cluster', 'x', '2');
    assert.equal(sentence(await good.next()), 'cluster +x=2');
    assert.equal(server.stats.streams, 1);
  });

  it('any address but loopback: the port is not encrypted', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com']) {
      await assert.rejects(server.listen(0, host), /no loopback address/);
    }
  });

  it('a connection that opens and resets streams without end', async () => {
    mesh.put('c', 'cluster', 'x', '1');
    const good = dial();
    good.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    good.ack(await good.next());
    const attacker = connect(`http://127.0.0.1:${port}`);
    attacker.on('error', () => {});
    const cut = new Promise<void>((resolve) => attacker.on('close', () => resolve()));
    const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
    for (let i = 0; i < 3_000 && !attacker.destroyed; i += 1) {
      const stream = attacker.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
      if (i % 20 === 0) await sleep(1);
    }
    await cut;
    await until(() => server.stats.streams === 1, 'the streams of the attacker are gone');
    mesh.put('c', 'cluster', 'x', '2');
    assert.equal(sentence(await good.next()), 'cluster +x=2');
  });
});

describe('shutting down', () => {
  it('lets what is on its way arrive, then ends the streams', async () => {
    mesh.put('c', 'cluster', 'x', '1');
    const client = dial();
    client.send({ node: { id: 'a@c' }, typeUrl: urlOf.cluster });
    const response = await client.next();
    mesh.put('c', 'cluster', 'x', '2');
    const closed = server.close(5_000);
    await sleep(30);
    client.ack(response);
    const last = await client.next();
    assert.equal(sentence(last), 'cluster +x=2');
    client.ack(last);
    assert.equal(await client.ended, `${status.UNAVAILABLE} the control plane shuts down`);
    await closed;
  });
});
