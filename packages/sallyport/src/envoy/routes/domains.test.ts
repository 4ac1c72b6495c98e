import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainsOf, shortForms } from './domains.ts';
import { routableOf } from './routable.ts';
import { service, sidecar } from './testing/rows.ts';

function domains(
  of: ReturnType<typeof service>,
  proxies = sidecar(),
  port?: number,
  aliases: readonly string[] = [],
): readonly string[] {
  const { namespace, dnsDomain, facet, traits } = proxies;
  const caller = { namespace, dnsDomain, ipFamilies: facet.ipFamilies, dnsCapture: traits.dnsCapture };
  return domainsOf(routableOf(of, aliases), caller, port).all;
}

test('an external host has its name and its absolute form', () => {
  assert.deepEqual(domains(service('ledger.bank.example')), ['ledger.bank.example', 'ledger.bank.example.']);
});

test('a wildcard host has them too', () => {
  assert.deepEqual(domains(service('*.cloud.example')), ['*.cloud.example', '*.cloud.example.']);
});

test('a host is found in whatever case it was declared', () => {
  assert.deepEqual(domains(service('mail.AcMe.exampLe')), ['mail.acme.example', 'mail.acme.example.']);
});

test('all addresses of an entry are domains, IPv6 ones in brackets', () => {
  const many = service('graph.social.example', ['http:80'], {
    addresses: ['10.240.2.10', '10.240.3.12', '2001:db8::1', '10.77.0.0/16'],
  });
  assert.deepEqual(domains(many).slice(2), ['10.240.2.10', '10.240.3.12', '[2001:db8::1]', '10.77.0.0/16']);
});

test('addresses of a Kubernetes Service are domains only for proxies of their family', () => {
  const kube = service('pay.shop.svc.example', ['http:80'], { registry: 'kubernetes', addresses: ['10.96.0.1', 'fd00::a'] });
  const seen = (ipFamilies: 'v4' | 'v6') => domains(kube, sidecar({ facet: { ...sidecar().facet, ipFamilies } })).slice(2);
  assert.deepEqual([seen('v4'), seen('v6')], [['10.96.0.1'], ['[fd00::a]']]);
});

test('allocated addresses are domains only where the proxy captures DNS', () => {
  const allocated = service('a.example', ['http:80'], { autoAddresses: ['240.240.0.1', '2001:2::1'] });
  assert.deepEqual(domains(allocated), ['a.example', 'a.example.']);
  assert.deepEqual(domains(allocated, sidecar({ traits: { dnsCapture: true } })), ['a.example', 'a.example.', '240.240.0.1']);
});

test('a Service of the caller’s namespace is known by its bare name, one of another namespace with that namespace', () => {
  const backend = service('backend.pay.svc.cluster.local', ['http:80'], { addresses: ['10.96.1.1'] });
  const full = ['backend.pay.svc.cluster.local', 'backend.pay.svc.cluster.local.'];
  assert.deepEqual(domains(backend, sidecar({ namespace: 'pay' })), [
    ...full,
    'backend',
    'backend.pay.svc',
    'backend.pay',
    '10.96.1.1',
  ]);
  assert.deepEqual(domains(backend, sidecar({ namespace: 'shop' })), [...full, 'backend.pay', 'backend.pay.svc', '10.96.1.1']);
});

test('the addresses of a Kubernetes Service are domains for proxies of their family', () => {
  const host = 'backend.pay.svc.cluster.local';
  const both = service(host, ['http:80'], { registry: 'kubernetes', addresses: ['10.96.1.1', 'fd00::1'] });
  const addresses = (ipFamilies: 'v4' | 'v6' | 'dual') =>
    domains(both, sidecar({ facet: { ...sidecar().facet, ipFamilies } })).slice(4);
  assert.deepEqual(addresses('v4'), ['10.96.1.1']);
  assert.deepEqual(addresses('v6'), ['[fd00::1]']);
  assert.deepEqual(addresses('dual'), ['10.96.1.1', '[fd00::1]']);
});

test('a wildcard of the cluster’s domain never becomes the domain that means every host', () => {
  assert.deepEqual(shortForms('*.shop.svc.cluster.local', 'shop.svc.cluster.local'), ['*.shop.svc', '*.shop']);
});

test('outside a cluster, what host and DNS domain share is left out', () => {
  assert.deepEqual(shortForms('foo.local.campus.net', 'local.campus.net'), ['foo']);
  assert.deepEqual(shortForms('foo.local.campus.net', 'remote.campus.net'), ['foo.local', 'foo.local.campus']);
  assert.deepEqual(shortForms('foo.local.campus.net', 'example.com'), []);
  assert.deepEqual(shortForms('local.campus.net', 'local.campus.net'), []);
  assert.deepEqual(shortForms('foo.example.com', ''), []);
});

test('members of a headless Service are called by names below every form of its host', () => {
  const headless = service('db.shop.svc.cluster.local', ['http:80'], {
    registry: 'kubernetes',
    headless: true,
    resolution: 'none',
  });
  const forms = ['db.shop.svc.cluster.local', 'db.shop.svc.cluster.local.', 'db', 'db.shop.svc', 'db.shop'];
  assert.deepEqual(domains(headless), [...forms, ...forms.map((form) => `*.${form}`)]);
});

test('aliases add their names before the addresses', () => {
  const concrete = service('concrete.shop.svc.cluster.local', ['http:80'], { addresses: ['1.2.3.4'] });
  assert.deepEqual(domains(concrete, sidecar({ namespace: 'pay' }), undefined, ['alias.example']).slice(-3), [
    'alias.example',
    'alias.example.',
    '1.2.3.4',
  ]);
});

test('where a listener stands for all ports, domains carry the port, and port 80 may be left out', () => {
  assert.deepEqual(domains(service('a.example'), sidecar(), 80), ['a.example', 'a.example:80', 'a.example.', 'a.example.:80']);
  assert.deepEqual(domains(service('a.example', ['http:8080']), sidecar(), 8080), ['a.example:8080', 'a.example.:8080']);
});
