import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { NameInfoSchema } from '@sallyport/apis/nds';
import fc from 'fast-check';
import type { GraphOptions, Input } from '../collection/index.ts';
import { type Endpoint, type EndpointPool, facetKey, linkKey, type ProxyClass, poolKey, type Service } from '../model/index.ts';
import { nameTableOf } from './names/at-once.ts';
import { type EncodedName, encodeName, NAME_TABLE, nameTable } from './names/table.ts';
import { linesOf } from './names/testing/lines.ts';
import { buildNames } from './names-stage.ts';
import { makeBed, service, show, sidecar, type World } from './routes/testing/rows.ts';
import type { ResourceTable } from './types.ts';

const capturing = { dnsCapture: true };
const shop = sidecar({ namespace: 'shop', traits: capturing });
const bank = sidecar({ namespace: 'bank', traits: capturing });
/** As `shop`, but its agents take rows. */
const byRow = sidecar({ id: 'byRow', namespace: 'shop', traits: { ...capturing, nameRows: true } });

interface NamedWorld extends World {
  readonly pools?: readonly EndpointPool[];
}

function openBed(options?: GraphOptions) {
  const bed = makeBed(options);
  const [names, rows] = buildNames(bed.graph, bed.inputs) as [ResourceTable, ResourceTable];
  return { ...bed, names, rows };
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

/** The rows of a class, put together as a table. */
function rowsOf({ rows }: Bed, { id }: ProxyClass): Uint8Array {
  const lines: EncodedName[] = [];
  for (const [, link] of rows.links.entries()) {
    const row = link.class === id ? rows.resources.get(link.target) : undefined;
    if (row === undefined) continue;
    assert.equal(row.name, link.name);
    const { ips, registry, shortname, namespace } = fromBinary(NameInfoSchema, row.bytes);
    const entry = { host: row.name, ips, registry: registry as EncodedName['registry'], shortname, namespace };
    lines.push(encodeName(entry));
  }
  return nameTable(lines).bytes;
}

const ipsIn = (bytes: Uint8Array) => Object.fromEntries(Object.entries(linesOf(bytes)).map(([host, { ips }]) => [host, ips]));
const ipsOf = (bed: Bed, proxies: ProxyClass) => ipsIn(tableOf(bed, proxies)!.bytes);

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

describe('names by row', () => {
  test('are made instead of the table, and shared by classes that see a host alike', () => {
    const services = [entry('a.example', '10.0.0.1'), entry('b.example', '10.0.0.2')];
    const other = sidecar({ id: 'other', namespace: 'bank', traits: { ...capturing, nameRows: true } });
    const bed = bedWith({ classes: [byRow, other], services, sees: (of, _, host) => of.id === 'byRow' || host === 'b.example' });
    assert.equal(tableOf(bed, byRow), undefined);
    assert.equal(bed.names.resources.size, 0);
    assert.deepEqual(ipsIn(rowsOf(bed, byRow)), { 'a.example': ['10.0.0.1'], 'b.example': ['10.0.0.2'] });
    assert.deepEqual(ipsIn(rowsOf(bed, other)), { 'b.example': ['10.0.0.2'] });
    assert.equal(bed.rows.resources.size, 2);
  });

  test('cost one row when the addresses of one host change', () => {
    const services = Array.from({ length: 50 }, (_, i) => entry(`h${i}.example`, '10.0.0.1'));
    const bed = bedWith({ classes: [byRow], services });
    const changed: string[] = [];
    const work = { rows: 0, links: 0 };
    bed.graph.onCommit((commit) => {
      changed.push(...commit.diff(bed.rows.resources).keys(), ...commit.diff(bed.rows.links).keys());
      work.rows += commit.recomputed.get('names.rows') ?? 0;
      work.links += commit.recomputed.get('names.ownLinks') ?? 0;
    });
    put(bed, { classes: [byRow], services: services.with(7, entry('h7.example', '10.0.0.9')) });
    assert.equal(changed.length, 1);
    assert.deepEqual(work, { rows: 1, links: 0 });
    assert.deepEqual(ipsIn(rowsOf(bed, byRow))['h7.example'], ['10.0.0.9']);
  });

  test('a name that Pods of two services have is one row, and not a defect', () => {
    const pods = (host: string) => service(host, ['http:80'], { registry: 'kubernetes', resolution: 'none' });
    const services = [pods('db.shop.svc.cluster.local'), pods('db-read.shop.svc.cluster.local')];
    const named = (of: Service) => {
      const pool = poolOf(of, '10.9.0.1');
      return { ...pool, endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, hostname: 'db-0', subdomain: 'db' })) };
    };
    const bed = bedWith({ classes: [byRow], services, pools: services.map(named) });
    assert.deepEqual([...bed.graph.failures.entries()], []);
    assert.deepEqual(Object.keys(ipsIn(rowsOf(bed, byRow))), [
      'db-0.db.shop.svc.cluster.local',
      'db-read.shop.svc.cluster.local',
      'db.shop.svc.cluster.local',
    ]);
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
        classes: [shop, { ...bank, facet, facetKey: facetKey(facet) }, byRow],
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
          [shop, bank].map((of) => nameTableOf(last.classes!.find(({ id }) => id === of.id)!, grown.inputs)),
        );
        assert.deepEqual(rowsOf(grown, byRow), rowsOf(fresh, byRow));
        assert.equal(grown.rows.resources.size, fresh.rows.resources.size);
        assert.deepEqual(rowsOf(grown, byRow), tableOf(grown, shop)?.bytes);
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
