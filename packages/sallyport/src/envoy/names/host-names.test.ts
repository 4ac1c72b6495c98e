import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint, Service } from '../../model/index.ts';
import { service } from '../routes/testing/rows.ts';
import { type NameEntry, namesOf } from './host-names.ts';
import { hostSight, type Seen, type Sight } from './sight.ts';

const SIGHT: Sight = { ipFamilies: 'v4', dnsCapture: true, network: '', clusterId: 'here' };

interface Given {
  readonly endpoints?: readonly Endpoint[];
  readonly sight?: Partial<Sight>;
  /** What the egress listeners say of services by name, instead of "listener 0, public, all ports". */
  readonly rows?: Readonly<Record<string, Partial<Seen>>>;
}

function names(services: readonly Service[], { endpoints = [], sight = {}, rows = {} }: Given = {}): readonly NameEntry[] {
  const seen = services.map(({ key, name, ports }) => {
    const portNumbers = ports.map(({ number }) => number);
    return { egress: 0, service: key, portNumbers, rank: 1 as const, ...rows[name] };
  });
  const { host } = services[0]!;
  return namesOf(hostSight(host, seen, { ...SIGHT, ...sight }), {
    service: (key) => services.find((one) => one.key === key),
    pool: ({ namespace }) => ({ namespace, host, endpoints }),
    acrossClusters: true,
  });
}

const ipsOf = (found: readonly NameEntry[]) => Object.fromEntries(found.map(({ host, ips }) => [host, ips]));

function endpoint(ip: string, given: Partial<Endpoint> = {}): Endpoint {
  return {
    address: { kind: 'ip', value: ip },
    port: 80,
    servicePort: { name: 'http-80', number: 80 },
    labels: {},
    locality: { region: '', zone: '', subZone: '' },
    network: '',
    weight: 1,
    identity: '',
    tlsMode: 'disabled',
    health: 'healthy',
    workload: { workload: '', namespace: '', canonicalName: '', canonicalRevision: '', cluster: 'here' },
    origin: 'slice',
    from: { kind: 'EndpointSlice', namespace: 'shop', name: 's' },
    ...given,
  };
}
const inCluster = (cluster: string) => ({ workload: { ...endpoint('').workload, cluster } });

const headless = (given: Partial<Service> = {}) =>
  service('db.shop.svc.cluster.local', ['http:80'], {
    name: 'db',
    registry: 'kubernetes',
    resolution: 'none',
    headless: true,
    ...given,
  });

test('a host means its addresses; prefixes are none, and a host of prefixes alone has no line', () => {
  assert.deepEqual(names([service('a.example', ['http:80'], { addresses: ['10.0.0.1', '10.1.0.0/16', '2001:db8::1'] })]), [
    { host: 'a.example', ips: ['10.0.0.1', '2001:db8::1'], registry: 'External', shortname: '', namespace: '' },
  ]);
  assert.deepEqual(names([service('a.example', ['http:80'], { addresses: ['10.1.0.0/16'] })]), []);
});

test('a host that is resolved or balanced and has no address is left to the upstream resolver', () => {
  for (const resolution of ['dns', 'dns-round-robin', 'static', 'dynamic-dns'] as const)
    assert.deepEqual(names([service('a.example', ['http:80'], { resolution })], { endpoints: [endpoint('10.9.0.1')] }), []);
});

test('an allocated address is named only where the agent answers DNS, and in the families of the proxy', () => {
  const allocated = [service('a.example', ['http:80'], { autoAddresses: ['240.240.0.1', '2001:2::1'] })];
  assert.deepEqual(ipsOf(names(allocated)), { 'a.example': ['240.240.0.1'] });
  assert.deepEqual(ipsOf(names(allocated, { sight: { ipFamilies: 'v6' } })), { 'a.example': ['2001:2::1'] });
  assert.deepEqual(ipsOf(names(allocated, { sight: { ipFamilies: 'dual' } })), { 'a.example': ['240.240.0.1', '2001:2::1'] });
  assert.deepEqual(names(allocated, { sight: { dnsCapture: false } }), []);
});

test('a wildcard host is named as it stands', () => {
  assert.deepEqual(ipsOf(names([service('*.a.example', ['tls:443'], { addresses: ['10.0.0.1'] })])), {
    '*.a.example': ['10.0.0.1'],
  });
});

test('addresses of several entries are put together: by listener, then nearness, then age, each once', () => {
  const entry = (name: string, createdAt: number, ...addresses: string[]) =>
    service('a.example', ['http:80'], { name, createdAt, addresses });
  const services = [entry('young', 9, '10.0.0.3'), entry('old', 1, '10.0.0.2', '10.0.0.3'), entry('near', 5, '10.0.0.1')];
  assert.deepEqual(ipsOf(names(services, { rows: { near: { rank: 0 } } })), {
    'a.example': ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  });
  assert.deepEqual(ipsOf(names(services, { rows: { young: { rank: 0 }, near: { egress: 1 } } })), {
    'a.example': ['10.0.0.3', '10.0.0.2', '10.0.0.1'],
  });
});

test('a Kubernetes Service is never replaced nor added to, whichever is older', () => {
  const host = 'pay.shop.svc.cluster.local';
  for (const createdAt of [1, 9]) {
    const entry = service(host, ['http:80'], { createdAt, addresses: ['10.0.0.9'] });
    const kube = service(host, ['http:80'], { createdAt: 5, name: 'pay', registry: 'kubernetes', addresses: ['10.96.0.1'] });
    assert.deepEqual(names([entry, kube]), [
      { host, ips: ['10.96.0.1'], registry: 'Kubernetes', shortname: 'pay', namespace: 'shop' },
    ]);
  }
});

test('a Kubernetes Service is named by its addresses of the proxy’s families', () => {
  const host = 'pay.shop.svc.cluster.local';
  const kube = service(host, ['http:80'], { name: 'pay', registry: 'kubernetes', addresses: ['10.96.0.1', 'fd00::1'] });
  assert.deepEqual(ipsOf(names([kube])), { [host]: ['10.96.0.1'] });
  assert.deepEqual(ipsOf(names([kube], { sight: { ipFamilies: 'v6' } })), { [host]: ['fd00::1'] });
  assert.deepEqual(names([{ ...kube, addresses: ['fd00::1'] }]), []);
  const v6 = { sight: { ipFamilies: 'v6' } } as const;
  const [line] = names([service(host, ['http:80'], { addresses: ['10.0.0.9'] }), { ...kube, addresses: ['10.96.0.1'] }], v6);
  assert.deepEqual([line?.registry, line?.ips], ['External', ['10.0.0.9']]);
});

test('names of a set of clusters have no short forms', () => {
  const host = 'pay.shop.svc.clusterset.local';
  const [line] = names([service(host, ['http:80'], { name: 'pay', registry: 'kubernetes', addresses: ['10.96.0.1'] })]);
  assert.deepEqual(line, { host, ips: ['10.96.0.1'], registry: 'Kubernetes', shortname: '', namespace: '' });
});

test('an alias has no line: the host it stands for is resolved', () => {
  const alias = service('pay.shop.svc.cluster.local', ['http:80'], {
    registry: 'kubernetes',
    resolution: 'none',
    aliasOf: 'api.example.com',
  });
  assert.deepEqual(names([alias], { endpoints: [endpoint('10.9.0.1')] }), []);
});

test('a headless host means its healthy endpoints with an IP, each once whatever the ports', () => {
  const endpoints = [
    endpoint('10.9.0.1'),
    endpoint('10.9.0.1', { servicePort: { name: 'tcp-81', number: 81 } }),
    endpoint('10.9.0.2', { health: 'unhealthy' }),
    endpoint('10.9.0.3', { health: 'unknown' }),
    endpoint('', { address: { kind: 'unix', value: '/run/db' } }),
    endpoint('', { address: { kind: 'dns', value: 'db.example' } }),
  ];
  const host = 'db.shop.svc.cluster.local';
  const ports = [...headless().ports, { number: 81, name: 'tcp-81', protocol: 'tcp' } as const];
  assert.deepEqual(ipsOf(names([headless({ ports })], { endpoints })), { [host]: ['10.9.0.1'] });
  assert.deepEqual(ipsOf(names([headless({ ports, publishNotReady: true })], { endpoints })), {
    [host]: ['10.9.0.1', '10.9.0.2', '10.9.0.3'],
  });
  assert.deepEqual(names([headless({ ports: [] })], { endpoints }), []);
});

test('a listener with a port names only the endpoints of that port', () => {
  const ports = [...headless().ports, { number: 81, name: 'tcp-81', protocol: 'tcp' } as const];
  const endpoints = [endpoint('10.9.0.1'), endpoint('10.9.0.2', { servicePort: { name: 'tcp-81', number: 81 } })];
  const found = names([headless({ ports })], { endpoints, rows: { db: { portNumbers: [81] } } });
  assert.deepEqual(ipsOf(found), { 'db.shop.svc.cluster.local': ['10.9.0.2'] });
});

test('of a ServiceEntry that is not balanced Pods are named, inline and WorkloadEntry endpoints are not', () => {
  const entry = service('db.example', ['http:80'], { resolution: 'none' });
  const found = names([entry], {
    endpoints: [
      endpoint('10.9.0.1', { origin: 'pod' }),
      endpoint('10.9.0.2', { origin: 'inline', health: 'unknown' }),
      endpoint('10.9.0.3', { origin: 'workload-entry', health: 'unknown' }),
    ],
  });
  assert.deepEqual(ipsOf(found), { 'db.example': ['10.9.0.1'] });
});

test('endpoints of other networks are not named; one that names no network is in all', () => {
  const endpoints = [endpoint('10.9.0.1', { network: 'n1' }), endpoint('10.9.0.2', { network: 'n2' }), endpoint('10.9.0.3')];
  const host = 'db.shop.svc.cluster.local';
  assert.deepEqual(ipsOf(names([headless()], { endpoints, sight: { network: 'n1' } })), { [host]: ['10.9.0.1', '10.9.0.3'] });
  assert.equal(ipsOf(names([headless()], { endpoints }))[host]?.length, 3);
});

test('a Pod with a subdomain has a line of its own, and where it runs in several clusters the local one is meant', () => {
  const pod = { hostname: 'db-0', subdomain: 'db' };
  const endpoints = [
    endpoint('10.9.0.1', { ...pod, ...inCluster('there') }),
    endpoint('10.9.0.2', { ...pod, ...inCluster('here') }),
    endpoint('10.9.0.3', { ...pod, hostname: 'db-1', ...inCluster('there') }),
    endpoint('10.9.0.4', { hostname: 'db-2' }),
  ];
  assert.deepEqual(names([headless()], { endpoints }).slice(1), [
    {
      host: 'db-0.db.shop.svc.cluster.local',
      ips: ['10.9.0.2'],
      registry: 'Kubernetes',
      shortname: 'db-0.db',
      namespace: 'shop',
    },
    {
      host: 'db-1.db.shop.svc.cluster.local',
      ips: ['10.9.0.3'],
      registry: 'Kubernetes',
      shortname: 'db-1.db',
      namespace: 'shop',
    },
  ]);
});
