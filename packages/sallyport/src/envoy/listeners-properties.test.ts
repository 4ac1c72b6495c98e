import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { Port } from '../model/index.ts';
import {
  createWorld,
  port,
  proxyClass,
  routing,
  rowsOf,
  type Scene,
  service,
  show,
  type World,
  worldOf,
} from './listeners/testing/world.ts';

describe('work', () => {
  const services = Array.from({ length: 30 }, (_, n) =>
    service(`s${n}.example`, { ports: [port(443, 'tls'), port(80, 'http')], age: n }),
  );
  const classes = ['a', 'b', 'c', 'd'].map((id) => proxyClass(id));

  test('classes that see the same share every listener', () => {
    const world = worldOf({ classes, services });
    assert.equal(world.listeners.resources.size, 3);
    assert.equal(world.listeners.links.size, 12);
  });

  test('a new entry encodes its own chain once, and the one list it is in', () => {
    const world = worldOf({ classes, services });
    const work: Record<string, number>[] = [];
    world.graph.onCommit(({ recomputed }) => work.push(Object.fromEntries(recomputed)));
    const more = service('new.example', { ports: [port(443, 'tls'), port(80, 'http')], age: 99 });
    world.commit((tx, inputs) => show(tx, inputs, { classes, services: [...services, more] }));
    assert.equal(work[0]!['listener parts'], 1);
    assert.equal(work[0]!['listener visits'], 4);
    assert.equal(work[0]!['http chains'], undefined);
    // The list as it was and as it is.
    assert.equal(work[0]!['listeners'], 2);
  });

  test('an HTTP rule touches nothing here', () => {
    const rule = (timeout: string) =>
      routing('r', { hosts: ['s1.example'], http: [{ timeout, route: [{ destination: { host: 's1.example' } }] }] });
    const world = worldOf({ classes, services, routings: [rule('1s')] });
    const work: string[][] = [];
    world.graph.onCommit(({ recomputed }) => work.push([...recomputed.keys()]));
    world.commit((tx, inputs) => show(tx, inputs, { classes, services, routings: [rule('2s')] }));
    assert.deepEqual(
      work.map((names) => names.filter((name) => name.startsWith('listener'))),
      [[]],
    );
  });
});

// Scenes small enough to collide often: few hosts, ports and addresses.
const protocols = fc.constantFrom<Port['protocol']>('http', 'tls', 'tcp', 'auto', 'mongo', 'grpc-web', 'http-proxy', 'udp');
const services = fc.uniqueArray(
  fc.record({
    host: fc.constantFrom('a.example', 'b.example', '*.example', 'c.example', 'd.other'),
    age: fc.nat(2),
    ports: fc.uniqueArray(
      fc
        .record({ number: fc.constantFrom(80, 443, 15006), protocol: protocols })
        .map(({ number, protocol }) => port(number, protocol)),
      { selector: ({ number }) => number, minLength: 1, maxLength: 3 },
    ),
    addresses: fc.subarray(['10.0.0.1', '10.0.0.0/8', '2001:db8::1']),
    resolution: fc.constantFrom('none' as const, 'dns' as const, 'dynamic-dns' as const),
    aliasOf: fc.option(fc.constant('a.example'), { nil: undefined, freq: 8 }),
  }),
  { selector: ({ host }) => host, maxLength: 5 },
);
const routings = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('r1', 'r2', 'r3'),
    host: fc.constantFrom('a.example', '*.example', 'b.example'),
    tls: fc.boolean(),
    subnets: fc.subarray(['10.0.0.0/8', '10.1.0.0/16']),
    app: fc.option(fc.constantFrom('web', 'job'), { nil: undefined }),
    to: fc.constantFrom('a.example', 'd.other', 'nowhere.example'),
    createdAt: fc.nat(1),
  }),
  { selector: ({ name }) => name, maxLength: 3 },
);
const scenes = fc.record({ services, routings, closed: fc.boolean(), ported: fc.boolean() }).map((given): Scene => {
  const made = given.services.map(({ host, aliasOf, ...more }) =>
    service(host, { ...more, ...(aliasOf !== undefined && aliasOf !== host && { aliasOf }) }),
  );
  return {
    classes: [proxyClass('a', { labels: { app: 'web' } }), proxyClass('b', { namespace: 'pay', facet: { ipFamilies: 'v6' } })],
    scope: {
      outboundPolicy: { mode: given.closed ? 'REGISTRY_ONLY' : 'ALLOW_ANY' },
      egress: given.ported
        ? [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['*/*'] }, { hosts: ['*/*'] }]
        : [{ hosts: ['*/*'] }],
    },
    services: made,
    egressOf: Object.fromEntries(made.map(({ host }) => [host, given.ported ? [0, 1] : [0]])),
    routings: given.routings.map(({ name, host, tls, subnets, app, to, createdAt }) => {
      const match = { destinationSubnets: subnets, ...(app !== undefined && { sourceLabels: { app } }) };
      const route = [{ destination: { host: to } }];
      const spec = tls ? { tls: [{ match: [{ ...match, sniHosts: [host] }], route }] } : { tcp: [{ match: [match], route }] };
      return routing(name, { hosts: [host], ...spec }, { createdAt });
    }),
  };
});

function contentOf(world: World) {
  const bytes = [...world.listeners.links.entries()].map(
    ([key, { target }]) => [key, world.listeners.resources.get(target)!] as const,
  );
  return {
    listeners: bytes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { version, name }]) => [key, version, name]),
    issues: world
      .issues()
      .map((issue) => JSON.stringify(issue))
      .sort(),
    failures: [...world.graph.failures.keys()],
  };
}

describe('properties', () => {
  test('the order in which rows arrive does not matter', () => {
    fc.assert(
      fc.property(
        scenes.chain((scene) =>
          fc.tuple(fc.constant(scene), fc.shuffledSubarray([...rowsOf(scene)], { minLength: rowsOf(scene).length })),
        ),
        ([scene, shuffled]) => {
          const [one, other] = [createWorld(), createWorld()];
          one.commit((tx, inputs) => show(tx, inputs, scene));
          for (const [key, to, row] of shuffled) other.commit((tx, inputs) => tx.set(inputs[to] as never, key, row));
          assert.deepEqual(contentOf(other), contentOf(one));
          assert.deepEqual(contentOf(one).failures, []);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a world that has changed is a world made anew', () => {
    fc.assert(
      fc.property(fc.array(scenes, { minLength: 2, maxLength: 4 }), (history) => {
        const changed = createWorld();
        let before = new Map<string, readonly [string, keyof World['inputs']]>();
        for (const scene of history) {
          const after = new Map(rowsOf(scene).map(([key, to]) => [`${to}\n${key}`, [key, to] as const]));
          changed.commit((tx, inputs) => {
            for (const [at, [key, to]] of before) if (!after.has(at)) tx.set(inputs[to] as never, key, undefined);
            show(tx, inputs, scene);
          });
          before = after;
        }
        const anew = createWorld();
        anew.commit((tx, inputs) => show(tx, inputs, history.at(-1)!));
        assert.deepEqual(contentOf(changed), contentOf(anew));
      }),
      { numRuns: 60 },
    );
  });

  test('no listener has two chains that Envoy would call the same', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = worldOf(scene);
        for (const id of ['a', 'b'])
          for (const [name, listener] of Object.entries(world.of(id))) {
            const matches = ((listener['filterChains'] ?? []) as JsonObject[]).flatMap((chain) => cellsOfJson(chain));
            assert.equal(new Set(matches).size, matches.length, name);
          }
      }),
      { numRuns: 60 },
    );
  });
});

function cellsOfJson(chain: JsonObject): readonly string[] {
  const match = (chain['filterChainMatch'] ?? {}) as Record<string, unknown[] | undefined>;
  const each = (list: unknown[] | undefined) => (list === undefined ? [''] : list.map((item) => JSON.stringify(item)));
  const fixed = JSON.stringify([match['transportProtocol'], match['destinationPort']]);
  return each(match['prefixRanges']).flatMap((prefix) =>
    each(match['serverNames']).flatMap((name) =>
      each(match['applicationProtocols']).map((alpn) => [fixed, prefix, name, alpn].join()),
    ),
  );
}
