import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noVectors, vectorsFile } from '../../registry/testing/conformance.ts';
import { type NameRow, NameTable } from './name-table.ts';
import type { Asker, NamedHost } from './short-forms.ts';

const ASKER = { namespace: 'shop', domain: 'shop.svc.cluster.local' };
const kube = (shortname: string, namespace: string): NamedHost => ({ registry: 'Kubernetes', shortname, namespace });

function tableOf(
  rows: Readonly<Record<string, NamedHost & { readonly ips?: readonly string[] }>>,
  asker: Asker = ASKER,
  search?: string,
) {
  const table = new NameTable(asker, search);
  for (const [host, row] of Object.entries(rows)) table.put(host, { ips: [], ...row });
  table.ready = true;
  return table;
}
const namesOf = (rows: Readonly<Record<string, NamedHost>>, asker = ASKER) => Object.fromEntries(tableOf(rows, asker).names());

interface AlternateVectors {
  readonly proxyNamespace: string;
  readonly proxyDomain: string;
  readonly cases: readonly { readonly startsWith: string; readonly expect: readonly string[] }[];
}

test('the names of Istio’s own test', { skip: noVectors }, () => {
  const { proxyNamespace, proxyDomain, cases } = vectorsFile<AlternateVectors>('names/alternate-hosts.json');
  const { server } = vectorsFile<{ server: { table: Record<string, NamedHost> } }>('names/dns-server.json');
  const names = new Map(tableOf(server.table, { namespace: proxyNamespace, domain: proxyDomain }).names());
  const all = [...new Set([...Object.keys(server.table), ...names.keys()])].sort();
  assert.ok(cases.length > 0);
  for (const { startsWith, expect } of cases) {
    const found = all.filter((name) => name.startsWith(startsWith));
    assert.deepEqual(found, expect, startsWith);
  }
});

test('a Kubernetes name is short in the own namespace, and with its namespace elsewhere', () => {
  const [own, other] = ['pay.shop.svc.cluster.local', 'pay.bank.svc.cluster.local'];
  assert.deepEqual(namesOf({ [own]: kube('pay', 'shop'), [other]: kube('pay', 'bank') }), {
    'pay.shop.svc.cluster.local.': own,
    'pay.bank.svc.cluster.local.': other,
    'pay.shop.': own,
    'pay.shop.svc.': own,
    'pay.': own,
    'pay.bank.': other,
    'pay.bank.svc.': other,
  });
});

test('other domains, lines without a short name and hosts outside the mesh have only their own name', () => {
  assert.deepEqual(
    namesOf({
      'pay.shop.svc.cluster.remote': kube('pay', 'shop'),
      'paysvc.cluster.local': kube('paysvc', 'shop'),
      'pay.shop.svc.clusterset.local': { registry: 'Kubernetes' },
      'API.Example.com': { registry: 'External' },
      '*.saas.example.': { registry: 'External' },
    }),
    {
      'pay.shop.svc.cluster.remote.': 'pay.shop.svc.cluster.remote',
      'paysvc.cluster.local.': 'paysvc.cluster.local',
      'pay.shop.svc.clusterset.local.': 'pay.shop.svc.clusterset.local',
      'api.example.com.': 'API.Example.com',
      '*.saas.example.': '*.saas.example.',
    },
  );
});

test('no short form takes a host’s own name', () => {
  const full = 'pay.shop.svc.cluster.local';
  const names = namesOf({ [full]: kube('pay', 'shop'), pay: { registry: 'External' } });
  assert.equal(names['pay.'], 'pay');
  assert.equal(names['pay.shop.'], full);
});

test('a Pod’s name is shortened as a Service’s is', () => {
  const host = 'db-0.db.bank.svc.cluster.local';
  assert.deepEqual(Object.keys(namesOf({ [host]: kube('db-0.db', 'bank') })), [`${host}.`, 'db-0.db.bank.', 'db-0.db.bank.svc.']);
});

test('without a domain nothing is shortened', () => {
  const host = 'pay.shop.svc.cluster.local';
  assert.deepEqual(namesOf({ [host]: kube('pay', 'shop') }, { namespace: 'shop', domain: '' }), { [`${host}.`]: host });
});

const external = (...ips: string[]) => ({ registry: 'External', ips });
const SEARCH = 'shop.svc.cluster.local';

test('nothing is said before the table is whole', () => {
  const table = new NameTable(ASKER);
  table.put('api.example', external('10.0.0.1'));
  assert.deepEqual(table.lookup('api.example'), { kind: 'not-ready' });
  table.ready = true;
  assert.deepEqual(table.lookup('api.example'), { kind: 'known', addresses: { A: ['10.0.0.1'], AAAA: [] } });
});

test('a name with the first search domain behind it is led to the name that is meant; no others are', () => {
  const table = tableOf({ 'api.example': external('10.0.0.1'), '*.w.example': external('10.0.0.2') }, ASKER, SEARCH);
  const aliasOf = (name: string) => {
    const found = table.lookup(name);
    return found.kind === 'known' ? (found.alias ?? '') : found.kind;
  };
  assert.equal(aliasOf('api.example'), '');
  assert.equal(aliasOf(`api.example.${SEARCH}`), 'api.example');
  assert.equal(aliasOf(`a.w.example.${SEARCH}`), '*.w.example');
  assert.equal(aliasOf(`api.example.${SEARCH}.${SEARCH}`), 'unknown');
  assert.equal(aliasOf('api.example.svc.cluster.local'), 'unknown');
  assert.equal(aliasOf(SEARCH), 'unknown');
});

test('a host of its own is meant rather than another one behind which the search domain stands', () => {
  const rows = { db: external('10.0.0.1'), [`db.${SEARCH}`]: { ...kube('db', 'shop'), ips: ['10.96.0.1'] } };
  assert.deepEqual(tableOf(rows, ASKER, SEARCH).lookup(`db.${SEARCH}`), {
    kind: 'known',
    addresses: { A: ['10.96.0.1'], AAAA: [] },
  });
});

test('the longest wildcard is meant; it is not its own parent, and a wildcard of everything answers for nothing', () => {
  const table = tableOf({ '*.b.w': external('10.0.0.1'), '*.w': external('10.0.0.2'), '*': external('10.0.0.3') });
  const first = (name: string) => {
    const found = table.lookup(name);
    return found.kind === 'known' ? found.addresses.A[0] : found.kind;
  };
  assert.deepEqual(['a.b.w', 'x.y.b.w', 'b.w', 'w', 'other'].map(first), [
    '10.0.0.1',
    '10.0.0.1',
    '10.0.0.2',
    'unknown',
    'unknown',
  ]);
});

test('addresses keep their arrays while their row stays', () => {
  const table = tableOf({ 'a.example': external('10.0.0.1') });
  const before = table.lookup('a.example');
  table.put('b.example', external('10.0.0.2'));
  assert.equal(table.lookup('a.example'), before);
});

test('after any history of rows a table is what it is when made at once', () => {
  const host = fc.constantFrom(
    'pay.shop.svc.cluster.local',
    'Pay.shop.svc.cluster.local',
    'pay.bank.svc.cluster.local',
    'pay',
    'pay.shop',
    '*.w',
  );
  const row = fc.record({
    registry: fc.constantFrom('Kubernetes', 'External'),
    shortname: fc.constantFrom('pay', ''),
    namespace: fc.constantFrom('shop', 'bank'),
    ips: fc.subarray(['10.0.0.1', '2001:db8::1']),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(host, fc.option(row, { nil: undefined })), { maxLength: 20 }), (history) => {
      const grown = new NameTable(ASKER);
      const last = new Map<string, NameRow>();
      for (const [name, said] of history) {
        if (said === undefined) {
          grown.delete(name);
          last.delete(name);
        } else {
          grown.put(name, said);
          last.set(name, said);
        }
      }
      grown.ready = true;
      const fresh = tableOf(Object.fromEntries(last));
      const sorted = (table: NameTable) => [...table.names()].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(grown), sorted(fresh));
      for (const [name] of sorted(fresh)) assert.deepEqual(grown.lookup(name.slice(0, -1)), fresh.lookup(name.slice(0, -1)));
      assert.equal(grown.size, last.size);
    }),
    { numRuns: 500 },
  );
});
