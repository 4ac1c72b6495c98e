import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { GraphOptions, Input } from '../collection/index.ts';
import { type Endpoint, type EndpointPool, facetKey, linkKey, type ProxyClass, poolKey, type Service } from '../model/index.ts';
import { nameTableOf } from './names/at-once.ts';
import { NAME_TABLE } from './names/table.ts';
import { linesOf } from './names/testing/lines.ts';
import { buildNames } from './names-stage.ts';
import { makeBed, service, show, sidecar, type World } from './routes/testing/rows.ts';

const capturing = { dnsCapture: true };
const shop = sidecar({ namespace: 'shop', traits: capturing });
const bank = sidecar({ namespace: 'bank', traits: capturing });

interface NamedWorld extends World {
  readonly pools?: readonly EndpointPool[];
}

function openBed(options?: GraphOptions) {
  const bed = makeBed(options);
  return { ...bed, names: buildNames(bed.graph, bed.inputs) };
}
type Bed = ReturnType<typeof openBed>;

function put(bed: Bed, { pools = [], ...world }: NamedWorld): void {
  show(bed, world);
  const input = bed.inputs.pools as Input<EndpointPool>;
  bed.graph.commit((tx) => {
    for (const key of [...input.keys()]) if (!pools.some((pool) => poolKey(pool) === key)) tx.set(input, key, undefined);
    for (const pool of pools) tx.set(input, poolKey(pool), pool);
  });
}

function bedWith(world: NamedWorld): Bed {
  const bed = openBed();
  put(bed, world);
  return bed;
}

function tableOf({ names }: Bed, { id }: ProxyClass) {
  const link = names.links.get(linkKey({ class: id, type: 'nameTable', name: NAME_TABLE }));
  return link && names.resources.get(link.target);
}

const ipsOf = (bed: Bed, proxies: ProxyClass) =>
  Object.fromEntries(Object.entries(linesOf(tableOf(bed, proxies)!.bytes)).map(([host, { ips }]) => [host, ips]));

function poolOf(of: Service, ...ips: readonly string[]): EndpointPool {
  const endpoints = ips.map(
    (value): Endpoint => ({
      address: { kind: 'ip', value },
      port: 80,
      servicePort: of.ports[0]!,
      labels: {},
      locality: { region: '', zone: '', subZone: '' },
      network: '',
      weight: 1,
      identity: '',
      tlsMode: 'disabled',
      health: 'healthy',
      workload: { workload: '', namespace: '', canonicalName: '', canonicalRevision: '', cluster: '' },
      origin: 'slice',
      from: { kind: 'EndpointSlice', namespace: of.namespace, name: of.host },
    }),
  );
  return { namespace: of.namespace, host: of.host, endpoints };
}

const entry = (host: string, address: string) => service(host, ['http:80'], { addresses: [address] });

/** How many rows of one derivation a change of the world computes. */
function computed(bed: Bed, name: string, change: () => void): number {
  let count = 0;
  const stop = bed.graph.onCommit(({ recomputed }) => {
    count += recomputed.get(name) ?? 0;
  });
  change();
  stop();
  return count;
}

describe('name tables', () => {
  test('are made for proxies whose agents answer DNS, and for no others', () => {
    const quiet = sidecar({ namespace: 'quiet' });
    const bed = bedWith({ classes: [shop, quiet], services: [entry('a.example', '10.0.0.1')] });
    assert.deepEqual(ipsOf(bed, shop), { 'a.example': ['10.0.0.1'] });
    assert.equal(tableOf(bed, quiet), undefined);
  });

  test('have no lines for routers, and none where nothing is seen, but are there: an agent waits for its table', () => {
    const router = sidecar({ id: 'edge', namespace: 'edge', role: 'router', traits: capturing });
    const bed = bedWith({ classes: [router, bank], services: [entry('a.example', '10.0.0.1')], sees: (of) => of.id === 'edge' });
    assert.deepEqual(ipsOf(bed, router), {});
    assert.deepEqual(ipsOf(bed, bank), {});
    assert.equal(tableOf(bed, router), tableOf(bed, bank));
  });

  test('hold what the Sidecar of a class lets it see', () => {
    const services = [entry('a.example', '10.0.0.1'), entry('b.example', '10.0.0.2')];
    const bed = bedWith({ classes: [shop, bank], services, sees: (of, _, host) => of.id === 'shop' || host === 'b.example' });
    assert.deepEqual(ipsOf(bed, shop), { 'a.example': ['10.0.0.1'], 'b.example': ['10.0.0.2'] });
    assert.deepEqual(ipsOf(bed, bank), { 'b.example': ['10.0.0.2'] });
  });

  test('are shared by classes that see the same, and lines by all that see a host alike', () => {
    const services = [entry('a.example', '10.0.0.1'), entry('b.example', '10.0.0.2')];
    const far = sidecar({ id: 'far', namespace: 'bank', traits: capturing });
    const bed = bedWith({ classes: [shop, bank, far], services, sees: (of, _, host) => of.id !== 'far' || host === 'a.example' });
    assert.equal(tableOf(bed, shop), tableOf(bed, bank));
    assert.equal(bed.names.resources.size, 2);
    assert.equal(
      computed(bed, 'names.lines', () => {
        put(bed, { classes: [shop, bank], services: [entry('a.example', '10.0.0.9'), services[1]!] });
      }),
      1,
    );
    assert.deepEqual(ipsOf(bed, bank), { 'a.example': ['10.0.0.9'], 'b.example': ['10.0.0.2'] });
  });

  test('follow the endpoints of headless hosts and do not look at others', () => {
    const headless = service('db.shop.svc.cluster.local', ['http:80'], { registry: 'kubernetes', resolution: 'none' });
    const other = entry('a.example', '10.0.0.1');
    const pools = [poolOf(headless, '10.9.0.1'), poolOf(other, '10.9.0.1')];
    const bed = bedWith({ classes: [shop], services: [headless, other], pools });
    const change = (pool: EndpointPool) =>
      computed(bed, 'names.lines', () => bed.graph.commit((tx) => tx.set(bed.inputs.pools, poolKey(pool), pool)));
    assert.equal(change(poolOf(other, '10.9.0.2')), 0);
    assert.equal(change(poolOf(headless, '10.9.0.2')), 1);
    assert.deepEqual(ipsOf(bed, shop), { 'a.example': ['10.0.0.1'], 'db.shop.svc.cluster.local': ['10.9.0.2'] });
  });

  test('keep their version while a change leaves every line as it was', () => {
    const before = service('a.example', ['http:80'], { addresses: ['10.0.0.1'] });
    const bed = bedWith({ classes: [shop], services: [before] });
    const version = tableOf(bed, shop)?.version;
    put(bed, { classes: [shop], services: [{ ...before, resolution: 'static' }] });
    assert.equal(tableOf(bed, shop)?.version, version);
  });
});

describe('name tables after any history', () => {
  const someService = fc
    .record({
      host: fc.constantFrom(
        'a.example',
        'b.example',
        'db-0.db.shop.svc.cluster.local',
        'db.shop.svc.cluster.local',
        '*.w.example',
      ),
      name: fc.constantFrom('one', 'two'),
      namespace: fc.constantFrom('shop', 'bank'),
      registry: fc.constantFrom('external' as const, 'kubernetes' as const),
      resolution: fc.constantFrom('none' as const, 'static' as const),
      addresses: fc.subarray(['10.0.0.1', '10.0.0.2', '10.1.0.0/16']),
      autoAddresses: fc.subarray(['240.240.0.1', '2001:2::1']),
      createdAt: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ host, ...given }) => service(host, ['http:80', 'tcp:81'], given));
  const worlds = fc
    .record({
      services: fc.uniqueArray(someService, { maxLength: 6, selector: ({ key }) => key }),
      hidden: fc.subarray(['0 a.example', '1 b.example', '0 db.shop.svc.cluster.local']),
      twoListeners: fc.boolean(),
      ipv6: fc.boolean(),
      ips: fc.subarray(['10.9.0.1', '10.9.0.2']),
    })
    .map(({ services, hidden, twoListeners, ipv6, ips }): NamedWorld => {
      const facet = { ...bank.facet, ipFamilies: ipv6 ? ('v6' as const) : ('v4' as const) };
      const pod = (endpoint: Endpoint, i: number): Endpoint => ({ ...endpoint, hostname: `db-${i}`, subdomain: 'db' });
      const pools = new Map(
        services.map((of) => {
          const pool = poolOf(of, ...ips);
          return [poolKey(of), { ...pool, endpoints: pool.endpoints.map(pod) }];
        }),
      );
      return {
        classes: [shop, { ...bank, facet, facetKey: facetKey(facet) }],
        services,
        egress: [...(twoListeners ? [{ port: { number: 81, protocol: 'TCP' }, hosts: ['*/*'] }] : []), { hosts: ['*/*'] }],
        sees: (of, egress, host) => of.id === 'bank' || !hidden.includes(`${egress} ${host}`),
        pools: [...pools.values()],
      };
    });
  const result = (bed: Bed) => [shop, bank].map((of) => tableOf(bed, of));

  test('are what they are from scratch, and what they are when made in one go', () => {
    fc.assert(
      fc.property(fc.array(worlds, { minLength: 2, maxLength: 4 }), (history) => {
        const grown = openBed();
        for (const world of history) put(grown, world);
        const last = history.at(-1)!;
        const fresh = bedWith(last);
        assert.equal(grown.graph.failures.size, 0, JSON.stringify([...grown.graph.failures.entries()]));
        assert.deepEqual(result(grown), result(fresh));
        assert.equal(grown.names.resources.size, fresh.names.resources.size);
        assert.deepEqual(
          result(grown),
          last.classes!.map((of) => nameTableOf(of, grown.inputs)),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('do not depend on the order of input', () => {
    fc.assert(
      fc.property(worlds, ({ services = [], ...world }) => {
        assert.deepEqual(result(bedWith({ ...world, services: services.toReversed() })), result(bedWith({ ...world, services })));
      }),
      { numRuns: 100 },
    );
  });

  test('would be wrong if reads were not followed', () => {
    const grown = openBed({ tracking: false });
    put(grown, { classes: [shop], services: [entry('a.example', '10.0.0.1')] });
    put(grown, { classes: [shop], services: [entry('a.example', '10.0.0.2')] });
    assert.notDeepEqual(
      tableOf(grown, shop),
      tableOf(bedWith({ classes: [shop], services: [entry('a.example', '10.0.0.2')] }), shop),
    );
  });
});
