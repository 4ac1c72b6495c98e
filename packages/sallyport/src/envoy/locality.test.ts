import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint, LocalityLb, ProxyFacet, ZoneAwareLb } from '../model/index.ts';
import { type LocalityPlan, localityGroups, localityPlan } from './locality.ts';
import { built, endpointWith, meshWith, sidecarFacet } from './testing/cluster-rows.ts';

function at(place: string, address = '10.0.0.1', more: Partial<Endpoint> = {}): Endpoint {
  const [region = '', zone = '', subZone = ''] = place.split('/');
  return endpointWith(address, { locality: { region, zone, subZone }, ...more });
}
function proxyAt(place: string, more: Partial<ProxyFacet> = {}): ProxyFacet {
  return { ...sidecarFacet, locality: at(place).locality, ...more };
}
const failing = (setting: LocalityLb): LocalityPlan => ({ setting, failover: true });
const shown = (endpoints: readonly Endpoint[], plan: LocalityPlan | undefined, facet: ProxyFacet) =>
  localityGroups(endpoints, plan, facet).map(({ locality: { region, zone, subZone }, priority, weight, endpoints: members }) =>
    [
      [region, zone, subZone].filter((part) => part !== '').join('/'),
      priority,
      weight,
      members.map((e) => e.address.value).join(' '),
    ].join(' | '),
  );

const SPREAD = [
  at('eu/z1/s1', 'a', { weight: 3 }),
  at('eu/z1/s2', 'b', { weight: 3 }),
  at('eu/z2', 'c', { weight: 3 }),
  at('us/z3', 'd', { weight: 3 }),
  at('ap/z4', 'e', { weight: 3 }),
];

test('without a plan endpoints stand in groups sorted by locality, with the sum of their weights', () => {
  assert.deepEqual(
    shown([at('eu/z2', 'a'), at('', 'b', { weight: 2 }), at('eu/z2', 'c', { weight: 4 })], undefined, sidecarFacet),
    [' | 0 | 2 | b', 'eu/z2 | 0 | 5 | a c'],
  );
});

test('sums of weights saturate', () => {
  const [group] = localityGroups([at('', 'a', { weight: 4e9 }), at('', 'b', { weight: 4e9 })], undefined, sidecarFacet);
  assert.equal(group?.weight, 4294967295);
});

test('failover prefers what is near', () => {
  assert.deepEqual(shown(SPREAD, failing({}), proxyAt('eu/z1/s1')), [
    'ap/z4 | 3 | 3 | e',
    'eu/z1/s1 | 0 | 3 | a',
    'eu/z1/s2 | 1 | 3 | b',
    'eu/z2 | 2 | 3 | c',
    'us/z3 | 3 | 3 | d',
  ]);
});

test('a failover rule puts other regions behind the one it names', () => {
  const plan = failing({ failover: [{ from: 'eu', to: 'us' }] });
  assert.deepEqual(shown(SPREAD.slice(2), plan, proxyAt('eu/z1/s1')), [
    'ap/z4 | 2 | 3 | e',
    'eu/z2 | 0 | 3 | c',
    'us/z3 | 1 | 3 | d',
  ]);
});

test('without a way to notice failures nobody fails over', () => {
  const plan = { setting: { failover: [{ from: 'eu', to: 'us' }] }, failover: false };
  assert.ok(localityGroups(SPREAD, plan, proxyAt('eu/z1/s1')).every((group) => group.priority === 0));
});

test('a proxy without locality has all regions alike', () => {
  assert.ok(localityGroups(SPREAD, failing({}), proxyAt('')).every((group) => group.priority === 0));
});

test('failoverPriority ranks endpoints by labels, in order, of the proxy or as given', () => {
  const endpoints = [
    at('', 'p0', { labels: { tier: '1', rack: 'a' } }),
    at('', 'p1', { labels: { tier: '2', rack: 'a' } }),
    at('', 'p2', { labels: { tier: '2', rack: 'b' } }),
    at('', 'p3', { labels: { tier: '1', rack: 'b' } }),
  ];
  const plan = failing({ failoverPriority: ['tier=2', 'rack'] });
  assert.deepEqual(shown(endpoints, plan, proxyAt('', { failoverLabels: { rack: 'a' } })), [
    ' | 0 | 1 | p1',
    ' | 1 | 1 | p2',
    ' | 2 | 2 | p0 p3',
  ]);
});

test('failoverPriority by topology needs no labels', () => {
  const plan = failing({ failoverPriority: ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'] });
  assert.deepEqual(shown([at('eu/z1', 'a'), at('eu/z2', 'b'), at('us/z1', 'c')], plan, proxyAt('eu/z2/s')), [
    'eu/z1 | 1 | 1 | a',
    'eu/z2 | 0 | 1 | b',
    'us/z1 | 2 | 1 | c',
  ]);
});

test('distribute gives each matched locality its share, split by weight, and empties the others', () => {
  const endpoints = [at('eu/z1', 'a'), at('eu/z2', 'b', { weight: 2 }), at('us/z1', 'c'), at('ap/z1', 'd')];
  const plan = { setting: { distribute: [{ from: 'eu/z1/*', to: { 'eu/*': 70, us: 30 } }] }, failover: false };
  assert.deepEqual(shown(endpoints, plan, proxyAt('eu/z1/s')), [
    'ap/z1 | 0 | 1 | ',
    'eu/z1 | 0 | 24 | a',
    'eu/z2 | 0 | 47 | b',
    'us/z1 | 0 | 30 | c',
  ]);
  assert.deepEqual(
    localityGroups(endpoints, plan, proxyAt('us/z1')).map((group) => group.endpoints.length),
    [1, 1, 1, 1],
  );
});

const zones = (setting: ZoneAwareLb): LocalityPlan =>
  localityPlan({ zoneAwareLbSetting: setting }, false, {}, { localityLbSetting: {} })!;

test('with zone awareness the zones of a region are on equal terms, for Envoy itself to balance over', () => {
  assert.deepEqual(shown(SPREAD, zones({}), proxyAt('eu/z1/s1')), [
    'ap/z4 | 1 | 3 | e',
    'eu/z1/s1 | 0 | 3 | a',
    'eu/z1/s2 | 0 | 3 | b',
    'eu/z2 | 0 | 3 | c',
    'us/z3 | 1 | 3 | d',
  ]);
  const toUs = zones({ failover: [{ from: 'eu', to: 'us' }] });
  assert.deepEqual(shown(SPREAD.slice(2), toUs, proxyAt('eu/z1/s1')), [
    'ap/z4 | 2 | 3 | e',
    'eu/z2 | 0 | 3 | c',
    'us/z3 | 1 | 3 | d',
  ]);
  const off = zones({ enabled: false, failover: [{ from: 'eu', to: 'us' }] });
  assert.deepEqual(shown(SPREAD.slice(2), off, proxyAt('eu/z1/s1')), [
    'ap/z4 | 0 | 3 | e',
    'eu/z2 | 0 | 3 | c',
    'us/z3 | 0 | 3 | d',
  ]);
});

test('labels come before regions where zone awareness names them', () => {
  const tier = (value: string) => ({ labels: { tier: value } });
  const endpoints = [at('eu/z1', 'a', tier('1')), at('eu/z2', 'b', tier('2')), at('us/z1', 'c', tier('2'))];
  const facet = proxyAt('eu/z1', { failoverLabels: { tier: '2' } });
  assert.deepEqual(shown(endpoints, zones({ failoverPriority: ['tier'] }), facet), [
    'eu/z1 | 2 | 1 | a',
    'eu/z2 | 0 | 1 | b',
    'us/z1 | 1 | 1 | c',
  ]);
});

test('zone awareness of a rule goes before its locality setting, that of the mesh after traffic distribution', () => {
  const mesh = { localityLbSetting: {}, zoneAwareLbSetting: { minClusterSize: 3 } };
  const balanced = { balanced: true };
  assert.deepEqual(localityPlan({ zoneAwareLbSetting: {}, localityLbSetting: {} }, false, {}, mesh)?.zones, balanced);
  assert.equal(localityPlan({ localityLbSetting: {} }, false, {}, mesh)?.zones, undefined);
  assert.equal(localityPlan(undefined, false, { trafficDistribution: 'PreferClose' }, mesh)?.zones, undefined);
  assert.deepEqual(localityPlan(undefined, false, {}, mesh)?.zones, { balanced: true, minClusterSize: 3 });
});

test('the plan: rule, then traffic distribution, then mesh; enabled false ends it', () => {
  const mesh = { localityLbSetting: { failover: [{ from: 'a', to: 'b' }] } };
  const rule: LocalityLb = { failoverPriority: ['x'] };
  assert.deepEqual(localityPlan({ localityLbSetting: rule }, true, { trafficDistribution: 'PreferClose' }, mesh), failing(rule));
  assert.equal(
    localityPlan({ localityLbSetting: { enabled: false } }, true, { trafficDistribution: 'PreferClose' }, mesh),
    undefined,
  );
  const close = localityPlan(undefined, false, { trafficDistribution: 'PreferClose' }, mesh);
  assert.deepEqual([close?.failover, close?.setting.failoverPriority?.length], [true, 3]);
  assert.deepEqual(localityPlan(undefined, false, { trafficDistribution: 'Any' }, mesh), {
    setting: mesh.localityLbSetting,
    failover: false,
  });
  assert.equal(localityPlan(undefined, true, {}, { localityLbSetting: { enabled: false } }), undefined);
});

test('failoverPriority over several localities inside a DNS cluster, which ends istiod’s process', () => {
  const labels = (tier: string) => ({ labels: { tier } });
  const endpoints = [
    at('eu/z1', 'a.example', labels('1')),
    at('us/z1', 'b.example', labels('2')),
    at('us/z1', 'c.example', labels('1')),
  ];
  const localityLbSetting = { failoverPriority: ['tier'] };
  for (const given of [
    { rule: { trafficPolicy: { outlierDetection: {}, loadBalancer: { localityLbSetting } } } },
    { rule: { trafficPolicy: { outlierDetection: {} } }, mesh: meshWith({ localityLbSetting }) },
  ]) {
    const facet = { failoverLabels: { tier: '2' } };
    const { clusters } = built({ ...given, facet, service: { resolution: 'dns' }, endpoints });
    const { loadAssignment } = clusters['outbound|80||a.example'] as unknown as {
      loadAssignment: { endpoints: { locality: { region: string }; priority?: number; lbEndpoints: unknown[] }[] };
    };
    assert.deepEqual(
      loadAssignment.endpoints.map(({ locality, priority = 0, lbEndpoints }) => [locality.region, priority, lbEndpoints.length]),
      [
        ['eu', 1, 1],
        ['us', 0, 1],
        ['us', 1, 1],
      ],
    );
  }
});

test('whatever the plan, priorities have no gaps, weights are positive and, but for distribute, no endpoint is lost', () => {
  const place = fc.constantFrom('', 'eu', 'eu/z1', 'eu/z1/s1', 'eu/z2', 'us/z1', 'ap');
  const label = fc.constantFrom('tier', 'tier=1', 'topology.kubernetes.io/zone');
  const endpoint = fc
    .tuple(place, fc.constantFrom('1', '2'), fc.integer({ min: 1, max: 9 }))
    .map(([where, tier, weight]) => at(where, '10.0.0.1', { weight, labels: { tier } }));
  const setting: fc.Arbitrary<LocalityLb> = fc.oneof(
    fc.record({
      failoverPriority: fc.uniqueArray(label, { maxLength: 3 }),
      failover: fc.constantFrom([], [{ from: 'eu', to: 'us' }]),
    }),
    fc.record({ distribute: fc.constant([{ from: 'eu', to: { us: 20, 'eu/*': 80 } }]) }),
  );
  fc.assert(
    fc.property(fc.array(endpoint, { maxLength: 12 }), setting, fc.boolean(), place, (endpoints, chosen, failover, proxy) => {
      const groups = localityGroups(endpoints, { setting: chosen, failover }, proxyAt(proxy, { failoverLabels: { tier: '1' } }));
      const ranks = [...new Set(groups.map((group) => group.priority))].sort((a, b) => a - b);
      assert.deepEqual(ranks, [...ranks.keys()]);
      assert.ok(groups.every((group) => group.weight > 0));
      if (chosen.distribute === undefined) assert.equal(groups.flatMap((group) => group.endpoints).length, endpoints.length);
    }),
  );
});
