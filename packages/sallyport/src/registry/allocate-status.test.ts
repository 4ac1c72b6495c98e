import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ConfigObject, objectId, type ServiceEntrySpec, type ServiceEntryStatus } from '../model/index.ts';
import { type AddressPool, addressPool, allocateStatus } from './allocate-status.ts';

type Entry = ConfigObject<ServiceEntrySpec>;

function entry(name: string, spec: Partial<ServiceEntrySpec>, given: Partial<Entry> = {}): Entry {
  return {
    key: { kind: 'ServiceEntry', namespace: 'boop', name },
    apiVersion: 'networking.istio.io/v1',
    labels: {},
    annotations: {},
    createdAt: 0,
    spec: { hosts: [`${name}.example`], resolution: 'DNS', ...spec },
    origin: { source: 'test', path: '-', line: 1, column: 1 },
    ...given,
  };
}

const given = (...addresses: readonly (readonly [host: string, value: string])[]): { readonly status: ServiceEntryStatus } => ({
  status: { addresses: addresses.map(([host, value]) => ({ host, value })) },
});
const pair = (n: number) => [`240.240.0.${n}`, `2001:2::${n.toString(16)}`];

/** Entries in a cluster in which every write succeeds. */
class Cluster {
  pool: AddressPool = addressPool();
  readonly entries = new Map<string, Entry>();

  put(one: Entry): void {
    this.entries.set(objectId(one.key), one);
    this.settle();
  }

  /** Changes the spec of an entry as its author would: its status stays. */
  edit(name: string, spec: Partial<ServiceEntrySpec>): void {
    const id = `ServiceEntry/boop/${name}`;
    const present = this.entries.get(id)!;
    this.put({ ...present, spec: { ...present.spec, ...spec } });
  }

  settle(): void {
    const { pool, writes } = allocateStatus([...this.entries.values()], this.pool);
    this.pool = pool;
    for (const [id, addresses] of writes) this.entries.set(id, { ...this.entries.get(id)!, status: { addresses } });
  }

  of(name: string): Readonly<Record<string, readonly string[]>> {
    const { addresses = [] } = (this.entries.get(`ServiceEntry/boop/${name}`)!.status ?? {}) as ServiceEntryStatus;
    const byHost = Map.groupBy(addresses, ({ host = '' }) => host);
    return Object.fromEntries([...byHost].map(([host, all]) => [host, all.map(({ value }) => value)]));
  }
}

test('one life of a cluster, as Istio’s own test tells it', () => {
  const cluster = new Cluster();
  cluster.put(entry('first', {}, { createdAt: 1, ...given(['first.example', pair(1)[0]!], ['first.example', pair(1)[1]!]) }));
  cluster.put(entry('own-v4', { addresses: ['1.2.3.4'] }, { createdAt: 2 }));
  cluster.put(entry('own-v6', { addresses: ['1:2::3:4'] }, { createdAt: 2 }));
  cluster.put(entry('out', {}, { createdAt: 2, labels: { 'networking.istio.io/enable-autoallocate-ip': 'false' } }));
  cluster.put(entry('second', {}, { createdAt: 3 }));
  // What the status held at the start is used; whoever has or wants no automatic address gets none.
  assert.deepEqual(cluster.of('second'), { 'second.example': pair(2) });
  for (const name of ['own-v4', 'own-v6', 'out']) assert.deepEqual(cluster.of(name), {}, name);

  // An address that a user writes down is the user's, however young the entry.
  cluster.put(entry('claims', { addresses: [pair(2)[0]!] }, { createdAt: 4 }));
  assert.deepEqual(cluster.of('second'), { 'second.example': pair(3) });
  assert.deepEqual(cluster.entries.get('ServiceEntry/boop/claims')?.spec.addresses, [pair(2)[0]]);

  // Of two that were given the same, the older keeps it.
  const copied = given(['copy.example', pair(3)[0]!], ['copy.example', pair(3)[1]!]);
  cluster.put(entry('copy', {}, { createdAt: 5, ...copied }));
  assert.deepEqual(cluster.of('copy'), { 'copy.example': pair(4) });
  assert.deepEqual(cluster.of('second'), { 'second.example': pair(3) });

  // Hosts that come get addresses, wildcards none, doubles one; hosts that go leave theirs unused.
  cluster.edit('first', { hosts: ['first.example', 'added.example'] });
  assert.deepEqual(cluster.of('first'), { 'first.example': pair(1), 'added.example': pair(5) });
  cluster.edit('first', { hosts: ['first.example', 'added.example', '*.wild.example'] });
  assert.deepEqual(cluster.of('first'), { 'first.example': pair(1), 'added.example': pair(5) });
  cluster.edit('first', { hosts: ['first.example'] });
  assert.deepEqual(cluster.of('first'), { 'first.example': pair(1) });
  cluster.edit('first', { hosts: ['first.example', 'added.example', 'added.example', 'added.example'] });
  assert.deepEqual(cluster.of('first'), { 'first.example': pair(1), 'added.example': pair(6) });
  cluster.edit('first', { hosts: ['added.example'] });
  assert.deepEqual(cluster.of('first'), { 'added.example': pair(6) });
  cluster.edit('first', { hosts: ['seven.example', 'eight.example', 'nine.example', 'A.example'] });
  assert.deepEqual(cluster.of('first'), {
    'seven.example': pair(7),
    'eight.example': pair(8),
    'nine.example': pair(9),
    'A.example': pair(10),
  });
  cluster.edit('first', { hosts: ['*.wild.example'], resolution: 'DYNAMIC_DNS' });
  assert.deepEqual(cluster.of('first'), { '*.wild.example': pair(11) });
  cluster.edit('first', { hosts: [], resolution: 'DNS' });
  assert.deepEqual(cluster.of('first'), {});
});

test('two entries for one host get two addresses, where the older allocator gave one', () => {
  const cluster = new Cluster();
  cluster.put(entry('a', { hosts: ['same.example'] }));
  cluster.put(entry('b', { hosts: ['same.example'] }));
  assert.deepEqual([cluster.of('a'), cluster.of('b')], [{ 'same.example': pair(1) }, { 'same.example': pair(2) }]);
});

test('an entry that may have no addresses any more loses them, and they are free again', () => {
  const cluster = new Cluster();
  cluster.put(entry('a', {}));
  cluster.edit('a', { resolution: 'NONE' });
  assert.deepEqual(cluster.of('a'), {});
  assert.equal(cluster.pool.used.size, 0);
});

test('addresses of an entry that is deleted stay used', () => {
  const cluster = new Cluster();
  cluster.put(entry('a', {}));
  cluster.entries.clear();
  cluster.put(entry('b', {}));
  assert.deepEqual(cluster.of('b'), { 'b.example': pair(2) });
  assert.ok(cluster.pool.used.has(pair(1)[0]!));
});

test('counting starts again at the beginning of the prefix, and a host that finds nothing is told of', () => {
  const prefixes = { 4: '240.240.2.0/30', 6: '2001:2:0:2::/126' };
  const hosts = ['a.example', 'b.example', 'c.example'];
  const taken = entry('user', { addresses: ['240.240.2.1'] });
  const first = allocateStatus([taken, entry('e', { hosts })], addressPool(prefixes));
  assert.deepEqual(first.writes.get('ServiceEntry/boop/e'), [
    { value: '240.240.2.2', host: 'a.example' },
    { value: '2001:2:0:2::1', host: 'a.example' },
    { value: '240.240.2.3', host: 'b.example' },
    { value: '2001:2:0:2::2', host: 'b.example' },
    { value: '2001:2:0:2::3', host: 'c.example' },
  ]);
  assert.deepEqual(
    first.issues.map(({ code, field }) => [code, field]),
    [['NO_ADDRESS', ['spec', 'hosts', 2]]],
  );
  const released = { ...first.pool, used: new Set(['240.240.2.2']) };
  const again = allocateStatus([entry('f', { hosts: ['d.example'] })], released);
  assert.deepEqual(again.writes.get('ServiceEntry/boop/f')?.[0], { value: '240.240.2.1', host: 'd.example' });
});

test('a prefix of the wrong kind is refused at once', () => {
  assert.throws(() => addressPool({ 4: '2001:2::/48', 6: '2001:2::/48' }), /no IPv4 prefix/);
});

describe('whatever the entries are', () => {
  const someEntry = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      hosts: fc.array(fc.constantFrom('x.example', 'y.example', '*.z.example'), { maxLength: 3 }),
      resolution: fc.constantFrom('DNS' as const, 'NONE' as const, 'DYNAMIC_DNS' as const),
      addresses: fc.option(fc.constantFrom('240.240.0.1', '240.240.0.2', '10.0.0.1'), { nil: undefined }),
      createdAt: fc.nat(3),
      status: fc.array(fc.tuple(fc.constantFrom('x.example', 'y.example'), fc.constantFrom('240.240.0.1', '2001:2::1')), {
        maxLength: 2,
      }),
    })
    .map(({ name, hosts, resolution, addresses, createdAt, status }) =>
      entry(
        name,
        { hosts, resolution, ...(addresses !== undefined && { addresses: [addresses] }) },
        { createdAt, ...given(...status) },
      ),
    );
  const someEntries = fc.uniqueArray(someEntry, { maxLength: 4, selector: ({ key }) => key.name });
  const applied = (entries: readonly Entry[], writes: ReadonlyMap<string, unknown>) =>
    entries.map((one) => {
      const addresses = writes.get(objectId(one.key));
      return addresses === undefined ? one : { ...one, status: { addresses } };
    });

  test('what was written is left alone, no address has two owners, and the order of entries means nothing', () => {
    fc.assert(
      fc.property(someEntries, (entries) => {
        const first = allocateStatus(entries, addressPool());
        const turned = allocateStatus(entries.toReversed(), addressPool());
        assert.deepEqual([...turned.writes].sort(), [...first.writes].sort());
        assert.deepEqual(turned.pool, { ...first.pool, used: turned.pool.used });
        assert.deepEqual([...turned.pool.used].sort(), [...first.pool.used].sort());
        const after = applied(entries, first.writes);
        assert.equal(allocateStatus(after, first.pool).writes.size, 0);
        const owned = after.flatMap(({ key, spec, status }) => {
          const { addresses = [] } = (status ?? {}) as ServiceEntryStatus;
          return [
            ...new Set([...addresses.map(({ value }) => value), ...(addresses.length > 0 ? [] : (spec.addresses ?? []))]),
          ].map((value) => [value, key.name] as const);
        });
        const automatic = new Set(
          after.flatMap(({ status }) => ((status ?? {}) as ServiceEntryStatus).addresses?.map((a) => a.value) ?? []),
        );
        for (const value of automatic) assert.equal(owned.filter(([of]) => of === value).length, 1, value);
      }),
      { numRuns: 300 },
    );
  });
});
