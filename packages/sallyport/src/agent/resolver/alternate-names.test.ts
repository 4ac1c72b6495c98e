import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noVectors, vectorsFile } from '../../registry/testing/conformance.ts';
import { alternateNames, type NamedHost } from './alternate-names.ts';

const ASKER = { namespace: 'shop', domain: 'shop.svc.cluster.local' };
const kube = (shortname: string, namespace: string): NamedHost => ({ registry: 'Kubernetes', shortname, namespace });
const namesOf = (table: Readonly<Record<string, NamedHost>>, asker = ASKER) => Object.fromEntries(alternateNames(table, asker));

interface AlternateVectors {
  readonly proxyNamespace: string;
  readonly proxyDomain: string;
  readonly cases: readonly { readonly startsWith: string; readonly expect: readonly string[] }[];
}

test('the names of Istio’s own test', { skip: noVectors }, () => {
  const { proxyNamespace, proxyDomain, cases } = vectorsFile<AlternateVectors>('names/alternate-hosts.json');
  const { server } = vectorsFile<{ server: { table: Record<string, NamedHost> } }>('names/dns-server.json');
  const names = alternateNames(server.table, { namespace: proxyNamespace, domain: proxyDomain });
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
