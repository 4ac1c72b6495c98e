import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, equals, fromBinary } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import fc from 'fast-check';
import { resourcesHeld } from '../ads/held.ts';
import { poolKey, type Rule, type Service, scopedKey, type TrafficPolicy } from '../model/index.ts';
import { outboundClusterResource, ownFields } from './cluster.ts';
import { clustersOf, serviceView } from './cluster-plan.ts';
import { poolFacts } from './cluster-pool.ts';
import { clusterMesh, clusterSettings } from './cluster-settings.ts';
import { encode } from './encode.ts';
import {
  classWith,
  emptyWorld,
  endpointWith,
  meshWith,
  resourcesOf,
  ruleWith,
  scopedOf,
  serviceWith,
  sidecarFacet,
  type World,
} from './testing/cluster-rows.ts';

const HOSTS = ['a.example', 'b.example'];
const CLASSES = ['sidecar-1', 'sidecar-2', 'gateway'];

/** One thing that the outside world may say. */
type Edit = (world: World) => void;

const setClass =
  (id: string, present: boolean, region = ''): Edit =>
  (world) =>
    world.graph.commit((tx) => {
      const locality = { region, zone: '', subZone: '' };
      const row = classWith(id, { role: id === 'gateway' ? 'router' : 'sidecar', locality });
      tx.set(world.inputs.classes, id, present ? row : undefined);
      const outboundPolicy = { mode: 'ALLOW_ANY' as const };
      tx.set(world.inputs.scopes, id, present ? { class: id, outboundPolicy, egress: [{ hosts: ['*/*'] }] } : undefined);
    });
const setService =
  (service: Service, present = true): Edit =>
  (world) =>
    world.graph.commit((tx) => tx.set(world.inputs.services, service.key, present ? service : undefined));
const setPool =
  (host: string, addresses: readonly string[], labels: Readonly<Record<string, string>> = {}): Edit =>
  (world) =>
    world.graph.commit((tx) => {
      const endpoints = addresses.map((address) => endpointWith(address, { labels }));
      tx.set(world.inputs.pools, poolKey({ namespace: 'shop', host }), { namespace: 'shop', host, endpoints });
    });
const setRule =
  (rule: Partial<Rule> | undefined): Edit =>
  (world) =>
    world.graph.commit((tx) => tx.set(world.inputs.rules, 'shop/r', rule && ruleWith(rule)));
const setScoped =
  (id: string, host: string, rule?: string, present = true): Edit =>
  (world) =>
    world.graph.commit((tx) => {
      const row = scopedOf(id, serviceWith({ host }), rule);
      tx.set(world.inputs.scoped, scopedKey(row), present ? row : undefined);
    });
const setMesh =
  (connectTimeout: string): Edit =>
  (world) =>
    world.graph.commit((tx) => tx.set(world.inputs.mesh, 'mesh', meshWith({ connectTimeout })));

function worldWith(...edits: readonly Edit[]): World {
  const world = emptyWorld();
  for (const edit of [setMesh('10s'), ...edits]) edit(world);
  return world;
}

/** How many rows each derivation computed for an edit. */
function workOf(world: World, edit: Edit): Record<string, number> {
  let work: Record<string, number> = {};
  const stop = world.graph.onCommit(({ recomputed }) => {
    work = Object.fromEntries(recomputed);
  });
  edit(world);
  stop();
  return work;
}

const TWO_CLASSES = [
  setClass('sidecar-1', true),
  setClass('sidecar-2', true),
  setService(serviceWith()),
  setPool('a.example', ['10.0.0.1']),
  setScoped('sidecar-1', 'a.example'),
  setScoped('sidecar-2', 'a.example'),
];

test('classes that see a service alike share its cluster and its endpoints', () => {
  const { outputs } = worldWith(...TWO_CLASSES);
  const targets = (id: string) =>
    [outputs.clusters, outputs.endpoints].flatMap((table) =>
      [...resourcesHeld(table, id)].map(({ name, key }) => [table.type, name, key]),
    );
  assert.equal(targets('sidecar-1').length, 5);
  assert.deepEqual(targets('sidecar-1'), targets('sidecar-2'));
  assert.equal(outputs.endpoints.resources.size, 1);
});

test('a change of an endpoint recomputes one endpoint set and no cluster', () => {
  const world = worldWith(...TWO_CLASSES);
  assert.deepEqual(workOf(world, setPool('a.example', ['10.0.0.2'])), { 'clusters.pools': 1, 'clusters.endpoints': 1 });
});

test('a new service costs its own resources and links', () => {
  const world = worldWith(...TWO_CLASSES, setService(serviceWith({ host: 'b.example' })), setPool('b.example', ['10.0.0.9']));
  assert.deepEqual(workOf(world, setScoped('sidecar-1', 'b.example')), {
    'clusters.views': 1,
    'clusters.plans': 1,
    'clusters.outbound': 1,
    'clusters.endpoints': 1,
  });
});

test('a second class with what another has costs one row a host, its link to all of it', () => {
  const world = worldWith(...TWO_CLASSES.slice(0, -1));
  const work = workOf(world, setScoped('sidecar-2', 'a.example'));
  assert.deepEqual(work, { 'clusters.views': 1 });
});

test('proxies of different localities share clusters and, where nothing ranks endpoints, endpoints', () => {
  const eu = { locality: { region: 'eu', zone: '', subZone: '' } };
  const far: Edit = (world) => world.graph.commit((tx) => tx.set(world.inputs.classes, 'sidecar-2', classWith('sidecar-2', eu)));
  const world = worldWith(...TWO_CLASSES, far);
  const { clusters, endpoints } = world.outputs;
  assert.deepEqual([clusters.resources.size, endpoints.resources.size], [4, 1]);
  world.graph.commit((tx) => {
    const rule = ruleWith({ trafficPolicy: { outlierDetection: {} } });
    tx.set(world.inputs.rules, rule.key, rule);
    for (const id of ['sidecar-1', 'sidecar-2']) {
      const row = scopedOf(id, serviceWith(), rule.key);
      tx.set(world.inputs.scoped, scopedKey(row), row);
    }
  });
  assert.deepEqual([clusters.resources.size, endpoints.resources.size], [4, 2]);
});

test('resources go when the last class that sees them goes', () => {
  const world = worldWith(...TWO_CLASSES);
  setScoped('sidecar-1', 'a.example', undefined, false)(world);
  assert.equal(world.outputs.endpoints.resources.size, 1);
  setScoped('sidecar-2', 'a.example', undefined, false)(world);
  assert.equal(world.outputs.endpoints.resources.size, 0);
});

test('a service that changes its nature under the same name is noticed', () => {
  const world = worldWith(...TWO_CLASSES);
  setService(serviceWith({ location: 'internal' }))(world);
  const { clusters } = resourcesOf(world, 'sidecar-1');
  assert.ok(clusters['outbound|80||a.example']?.['transportSocketMatches']);
  setService(serviceWith({ resolution: 'none' }))(world);
  assert.equal(resourcesOf(world, 'sidecar-2').clusters['outbound|80||a.example']?.['type'], 'ORIGINAL_DST');
});

const policies: fc.Arbitrary<TrafficPolicy> = fc.record(
  {
    connectionPool: fc.record(
      {
        tcp: fc.record({ maxConnections: fc.nat(9), connectTimeout: fc.constant('2s') }, { requiredKeys: [] }),
        http: fc.record({ idleTimeout: fc.constant('5s'), useClientProtocol: fc.boolean() }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    outlierDetection: fc.record({ consecutive5xxErrors: fc.nat(3), minHealthPercent: fc.nat(50) }, { requiredKeys: [] }),
    loadBalancer: fc.constantFrom(
      { simple: 'PASSTHROUGH' as const },
      { simple: 'ROUND_ROBIN' as const },
      { consistentHash: { maglev: { tableSize: 7 } } },
      { localityLbSetting: { failoverPriority: ['v'] } },
    ),
    tls: fc.constantFrom(
      { mode: 'SIMPLE' as const },
      { mode: 'ISTIO_MUTUAL' as const },
      { mode: 'MUTUAL' as const, credentialName: 'c' },
      { mode: 'DISABLE' as const },
    ),
    proxyProtocol: fc.constant({}),
  },
  { requiredKeys: [] },
);
const subsets = fc.constantFrom([], [{ name: 'v1', labels: { v: '1' } }], [{ name: 'v1' }, { name: 'v2', labels: { v: '2' } }]);
const resolutions = fc.constantFrom('static', 'dns', 'dns-round-robin', 'none') as fc.Arbitrary<Service['resolution']>;
const locations = fc.constantFrom('external', 'internal') as fc.Arbitrary<Service['location']>;

test('a cluster joined from its two halves is the cluster encoded whole', () => {
  const protocols = fc.constantFrom('http', 'grpc', 'auto', 'tls') as fc.Arbitrary<'http' | 'grpc' | 'auto' | 'tls'>;
  fc.assert(
    fc.property(policies, resolutions, locations, protocols, (trafficPolicy, resolution, location, protocol) => {
      const rule = ruleWith({ trafficPolicy, subsets: [{ name: 'v1' }] });
      const service = serviceWith({ resolution, location, ports: [{ number: 80, name: 'http', protocol }] });
      const pool = { namespace: 'shop', host: service.host, endpoints: [endpointWith('10.0.0.1')] };
      const facts = poolFacts(pool);
      const mesh = clusterMesh(meshWith());
      const view = serviceView(scopedOf('c', service, rule.key), { facet: 'f', core: 'f', role: 'sidecar', certificates: {} })!;
      for (const { cluster: spec } of clustersOf(view, service, rule, mesh, () => facts)) {
        const half = clusterSettings(spec.policy, rule, sidecarFacet, mesh);
        const settings = encode(ClusterSchema, half);
        const mode = () => 'PERMISSIVE' as const;
        const parts = { spec, service, rule, facet: sidecarFacet, mesh, facts, pool, mode, settings };
        const own = ownFields(parts);
        assert.deepEqual(
          Object.keys(half).filter((field) => field in own),
          [],
          'a field stands in one half only',
        );
        const joined = fromBinary(ClusterSchema, outboundClusterResource(parts).bytes);
        assert.ok(equals(ClusterSchema, joined, create(ClusterSchema, { ...half, ...own })));
      }
    }),
  );
});

const host = fc.constantFrom(...HOSTS);
const edits: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CLASSES), fc.boolean(), fc.constantFrom('', 'eu'))
    .map(([id, present, region]) => setClass(id, present, region)),
  fc
    .tuple(host, resolutions, locations, fc.boolean())
    .map(([name, resolution, location, present]) => setService(serviceWith({ host: name, resolution, location }), present)),
  fc
    .tuple(host, fc.subarray(['10.0.0.1', '10.0.0.2', 'c.example']), fc.constantFrom({}, { v: '1' }, { v: '2' }))
    .map(([name, addresses, labels]) => setPool(name, addresses, labels)),
  fc.option(fc.record({ trafficPolicy: policies, subsets }), { nil: undefined }).map(setRule),
  fc
    .tuple(fc.constantFrom(...CLASSES), host, fc.constantFrom(undefined, 'shop/r'), fc.boolean())
    .map(([id, name, rule, present]) => setScoped(id, name, rule, present)),
  fc.constantFrom('10s', '5s').map(setMesh),
);

test('whatever happened before, resources are those of a fresh start', () => {
  const start = [...CLASSES.map((id) => setClass(id, true)), ...HOSTS.map((name) => setScoped('sidecar-1', name, 'shop/r'))];
  fc.assert(
    fc.property(fc.array(edits, { maxLength: 25 }), (history) => {
      const lived = worldWith(...start, ...history);
      const fresh = emptyWorld();
      fresh.graph.commit((tx) => {
        for (const name of Object.keys(lived.inputs) as (keyof World['inputs'])[])
          for (const [key, row] of lived.inputs[name].entries()) tx.set(fresh.inputs[name] as never, key, row as never);
      });
      for (const id of CLASSES) assert.deepEqual(resourcesOf(lived, id), resourcesOf(fresh, id));
      for (const table of ['clusters', 'endpoints'] as const)
        assert.deepEqual(new Set(lived.outputs[table].resources.keys()), new Set(fresh.outputs[table].resources.keys()));
    }),
    { numRuns: 150 },
  );
});
