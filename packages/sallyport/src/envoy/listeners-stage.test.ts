import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import { type EndpointPool, SALLYPORT_DEFAULTS, type SidecarEgress } from '../model/index.ts';
import {
  check,
  linesOf,
  PASS,
  port,
  routing,
  type Scene,
  SNIFF,
  service,
  type World,
  worldOf,
} from './listeners/testing/world.ts';

const ISTIOD = JSON.parse(
  readFileSync(new URL('./listeners/testdata/istiod-listeners.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, JsonObject>>;

const CLOSED = { outboundPolicy: { mode: 'REGISTRY_ONLY' } } as const;

function egress(...listeners: SidecarEgress[]): { readonly scope: { readonly egress: readonly SidecarEgress[] } } {
  return { scope: { egress: listeners } };
}

describe('the same listeners as istiod, field by field', () => {
  test('TLS ports that share a port number', () => {
    const tls = { ports: [port(8443, 'tls')] };
    const services = [service('files.store.example', { age: 1, ...tls }), service('ml.vendor.example', { age: 2, ...tls })];
    const world = worldOf({ class: { namespace: 'data' }, scope: CLOSED, services });
    assert.deepEqual(world.of('a')['0.0.0.0_8443'], ISTIOD['tls-no-vip 0.0.0.0_8443']);
    assert.deepEqual(world.of('a')['virtualOutbound'], ISTIOD['tls-no-vip virtualOutbound']);
  });

  test('real binds and the HTTP proxy port of a proxy without interception', () => {
    const ports = [port(80, 'http'), port(443, 'tls'), port(5432, 'tcp')];
    const making = { namespace: 'default', traits: { interception: 'NONE' } } as const;
    const world = worldOf({
      class: making,
      scope: CLOSED,
      mesh: { proxyHttpPort: 15080 },
      services: [service('ledger.bank.example', { ports })],
    });
    const got = world.of('a');
    assert.deepEqual(Object.keys(got), ['127.0.0.1_15080', '127.0.0.1_443', '127.0.0.1_5432', '127.0.0.1_80']);
    for (const name of ['127.0.0.1_80', '127.0.0.1_443', '127.0.0.1_15080'])
      assert.deepEqual(got[name], ISTIOD[`interception-none ${name}`]);
  });

  test('wildcards that are resolved when called', () => {
    const dynamic = { ports: [port(443, 'tls')], resolution: 'dynamic-dns' } as const;
    const services = [service('*.store.example', { age: 1, ...dynamic }), service('*.corp.example', { age: 2, ...dynamic })];
    const world = worldOf({ class: { namespace: 'ops' }, scope: CLOSED, services });
    assert.deepEqual(world.of('a')['0.0.0.0_443'], ISTIOD['dynamic-dns 0.0.0.0_443']);
  });

  test('the capture listener that resolves hosts nobody declared', () => {
    const world = worldOf({ scope: { outboundPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } } });
    assert.deepEqual(world.of('a')['virtualOutbound'], ISTIOD['mesh-policy virtualOutbound']);
  });

  test('HTTP and TCP on one port', () => {
    const services = [
      service('api.shop.example', { age: 1, ports: [port(3306, 'http')] }),
      service('maps.geo.example', { age: 2, ports: [port(3306, 'redis')] }),
    ];
    assert.deepEqual(
      worldOf({ class: { namespace: 'ops' }, services }).of('a')['0.0.0.0_3306'],
      ISTIOD['special-tcp-protocols 0.0.0.0_3306'],
    );
  });

  test('weights of which one is nothing', () => {
    const own = { namespace: 'ops', ports: [port(5432, 'tcp')] };
    const to = (host: string, weight: number) => ({ destination: { host }, weight });
    const world = worldOf({
      class: { namespace: 'ops' },
      scope: CLOSED,
      services: [
        service('api.shop.example', { ...own, addresses: ['10.240.4.10'] }),
        service('www.search.example', { ...own, addresses: ['10.240.3.12'] }),
      ],
      routings: [
        routing(
          'w',
          { hosts: ['api.shop.example'], tcp: [{ route: [to('www.search.example', 100), to('pay.stripe.example', 0)] }] },
          { namespace: 'ops' },
        ),
      ],
    });
    assert.deepEqual(world.of('a')['10.240.4.10_5432'], ISTIOD['vs-weights 10.240.4.10_5432']);
  });

  test('the wildcard of a proxy with IPv6 only', () => {
    const world = worldOf({ class: { namespace: 'ops', facet: { ipFamilies: 'v6' } }, services: [service('maps.geo.example')] });
    assert.deepEqual(world.of('a')['::_80'], ISTIOD['ipv6-proxy ::_80']);
  });
});

describe('where services listen', () => {
  test('HTTP at the wildcard whatever its addresses, TCP and TLS at each address', () => {
    const ports = [port(80, 'http'), port(443, 'tls'), port(5432, 'tcp')];
    check(worldOf({ services: [service('a.example', { ports, addresses: ['10.0.0.1', '10.0.0.2'] })] }), {
      '0.0.0.0_80': { chains: [`${SNIFF} → routes 80`], otherwise: PASS },
      '10.0.0.1_443': { chains: ['→ outbound|443||a.example'] },
      '10.0.0.1_5432': { chains: ['→ outbound|5432||a.example'] },
      '10.0.0.2_443': { chains: ['→ outbound|443||a.example'] },
      '10.0.0.2_5432': { chains: ['→ outbound|5432||a.example'] },
    });
  });

  test('a Kubernetes Service at its addresses of the proxy’s families, without any at its first', () => {
    const kube = service('a.example', {
      ports: [port(5432, 'tcp')],
      registry: 'kubernetes',
      addresses: ['10.96.0.1', 'fd00::a'],
    });
    const at = (ipFamilies: 'v4' | 'v6', addresses = kube.addresses) =>
      Object.keys(worldOf({ class: { facet: { ipFamilies } }, services: [{ ...kube, addresses }] }).of('a')).filter((name) =>
        name.endsWith('_5432'),
      );
    assert.deepEqual([at('v4'), at('v6')], [['10.96.0.1_5432'], ['fd00::a_5432']]);
    assert.deepEqual(at('v6', ['10.96.0.1']), ['10.96.0.1_5432']);
  });

  test('networks at the wildcard, one chain each', () => {
    const cidr = { ports: [port(5432, 'tcp')], addresses: ['172.20.0.0/14', '10.77.0.0/16'] };
    check(worldOf({ services: [service('a.example', cidr)] }), {
      '0.0.0.0_5432': {
        chains: ['172.20.0.0/14 → outbound|5432||a.example', '10.77.0.0/16 → outbound|5432||a.example'],
        otherwise: PASS,
      },
    });
  });

  test('allocated addresses only where DNS is captured', () => {
    const services = [service('a.example', { ports: [port(5432, 'tcp')], autoAddresses: ['240.240.0.1'] })];
    check(worldOf({ services }), { '0.0.0.0_5432': { chains: ['→ outbound|5432||a.example'] } });
    check(worldOf({ services, class: { traits: { dnsCapture: true } } }), {
      '240.240.0.1_5432': { chains: ['→ outbound|5432||a.example'] },
    });
  });

  test('a port without a protocol: TCP first, HTTP with routes of its own on its own address', () => {
    check(worldOf({ services: [service('a.example', { ports: [port(80, 'auto')], addresses: ['10.0.0.1'] })] }), {
      '10.0.0.1_80': { chains: [`${SNIFF} → routes a.example:80`], otherwise: '→ outbound|80||a.example' },
    });
    check(worldOf({ services: [service('a.example', { ports: [port(80, 'auto')] })] }), {
      '0.0.0.0_80': { chains: [`${SNIFF} → routes 80`], otherwise: '→ outbound|80||a.example' },
    });
  });

  test('UDP nowhere, and an alias nowhere', () => {
    check(
      worldOf({ services: [service('a.example', { ports: [port(53, 'udp')] }), service('b.example', { aliasOf: 'a.example' })] }),
      {},
    );
  });

  test('a proxy of both families at both wildcards, what is captured if the mesh asks for it', () => {
    const dual = { class: { facet: { ipFamilies: 'dual' as const } }, services: [service('a.example')] };
    const asked = { sallyport: { ...SALLYPORT_DEFAULTS, dualStack: true } };
    const further = (world: World, name: string) => world.of('a')[name]!['additionalAddresses'];
    const at = (address: string, portValue: number) => [{ address: { socketAddress: { address, portValue } } }];
    assert.deepEqual(further(worldOf(dual), '0.0.0.0_80'), at('::', 80));
    assert.equal(further(worldOf(dual), 'virtualOutbound'), undefined);
    assert.deepEqual(further(worldOf({ ...dual, mesh: asked }), 'virtualOutbound'), at('::', 15001));
    const none = { ...dual, class: { ...dual.class, traits: { interception: 'NONE' as const, httpProxyPort: 15080 } } };
    assert.deepEqual(further(worldOf(none), '127.0.0.1_80'), at('::1', 80));
    assert.deepEqual(further(worldOf(none), '127.0.0.1_15080'), at('::1', 15080));
    const bound = egress({ bind: '127.0.0.1', captureMode: 'NONE', hosts: ['*/*'] });
    assert.equal(further(worldOf({ ...dual, ...bound }), '127.0.0.1_80'), undefined);
  });

  test('a Kubernetes Service of both families at its addresses of the proxy’s, else at its first', () => {
    const addresses = ['fd00::10', '10.96.0.10'];
    const db = service('db.shop.svc.cluster.local', { registry: 'kubernetes', addresses, ports: [port(5432, 'tcp')] });
    const binds = (ipFamilies: 'v4' | 'v6' | 'dual', services = [db]) =>
      Object.keys(worldOf({ class: { facet: { ipFamilies } }, services }).of('a')).filter((name) => name !== 'virtualOutbound');
    assert.deepEqual(binds('v4'), ['10.96.0.10_5432']);
    assert.deepEqual(binds('v6'), ['fd00::10_5432']);
    assert.deepEqual(binds('dual'), ['10.96.0.10_5432', 'fd00::10_5432']);
    assert.deepEqual(binds('v6', [{ ...db, addresses: ['10.96.0.10'] }]), ['10.96.0.10_5432']);
  });
});

describe('a NONE service without an address', () => {
  const none = { resolution: 'none', ports: [port(5432, 'tcp')] } as const;
  const pool = (...addresses: string[]): EndpointPool => ({
    namespace: 'shop',
    host: 'a.example',
    endpoints: addresses.map((value) => ({
      address: { kind: /^\d/.test(value) ? 'ip' : 'dns', value },
      port: 5432,
      servicePort: { name: 'tcp-5432', number: 5432 },
      labels: {},
      locality: { region: '', zone: '', subZone: '' },
      network: '',
      weight: 1,
      identity: '',
      tlsMode: 'disabled',
      health: 'healthy',
      workload: { workload: '', namespace: '', canonicalName: '', canonicalRevision: '', cluster: '' },
      origin: 'workload-entry',
      from: { kind: 'WorkloadEntry', namespace: 'shop', name: value },
    })),
  });
  const to = { chains: ['→ outbound|5432||a.example'] };

  test('takes the whole port as a plain entry', () =>
    check(worldOf({ services: [service('a.example', none)] }), { '0.0.0.0_5432': to }));

  test('listens at its endpoints, but not at the proxy’s own address nor at names', () =>
    check(
      worldOf({
        class: { ips: ['10.0.0.2'] },
        services: [service('a.example', { ...none, selector: { app: 'db' } })],
        pools: [pool('10.0.0.1', '10.0.0.2', 'db.example')],
      }),
      { '10.0.0.1_5432': to },
    ));

  test('listens nowhere while its selector finds nothing', () =>
    check(worldOf({ services: [service('a.example', { ...none, selector: { app: 'db' } })] }), {}));

  test('follows its endpoints', () => {
    const world = worldOf({ services: [service('a.example', { ...none, selector: { app: 'db' } })], pools: [pool('10.0.0.1')] });
    world.commit((tx, inputs) => tx.set(inputs.pools, 'shop/a.example', pool('10.0.0.9')));
    check(world, { '10.0.0.9_5432': to });
  });
});

describe('the egress listeners of a Sidecar', () => {
  const tcp = { ports: [port(5432, 'tcp')] };

  test('a port of its own has the protocol the Sidecar says, and is locked against later listeners', () => {
    const services = [service('a.example', tcp), service('b.example', { ...tcp, age: 1 })];
    const two = egress({ port: { number: 5432, protocol: 'HTTP' }, hosts: ['./a.example'] }, { hosts: ['*/*'] });
    check(worldOf({ ...two, services, egressOf: { 'b.example': [1] } }), {
      '0.0.0.0_5432': { chains: [`${SNIFF} → routes 5432`], otherwise: PASS },
    });
  });

  test('a bind is where it listens, and there it does not sniff', () => {
    const bound = egress({ port: { number: 9080, protocol: 'HTTP' }, bind: '127.0.0.7', captureMode: 'NONE', hosts: ['*/*'] });
    const world = worldOf({ ...bound, services: [service('a.example', { ports: [port(9080, 'http')] })] });
    check(world, { '127.0.0.7_9080': { chains: ['→ routes 9080'] } });
    assert.equal(world.of('a')['127.0.0.7_9080']!['bindToPort'], undefined);
    assert.equal(world.of('a')['127.0.0.7_9080']!['maxConnectionsToAcceptPerSocketEvent'], 1);
  });

  test('at a bind for TLS a service is told apart by name where its address is a network, not by a single address', () => {
    const bound = egress({ port: { number: 443, protocol: 'TLS' }, bind: '127.0.0.1', hosts: ['*/*'] });
    const at = (addresses: readonly string[]) =>
      worldOf({ ...bound, services: [service('a.example', { ports: [port(443, 'tls')], addresses })] });
    check(at(['10.0.0.0/8']), { '127.0.0.1_443': { chains: ['a.example → outbound|443||a.example'], otherwise: PASS } });
    check(at(['10.0.0.1']), { '127.0.0.1_443': { chains: ['→ outbound|443||a.example'] } });
    check(at(['10.0.0.1', '10.0.0.0/8']), {
      '127.0.0.1_443': { chains: ['a.example → outbound|443||a.example'], otherwise: '→ outbound|443||a.example' },
    });
  });

  test('a unix socket serves what its one service listens to', () => {
    const unix = egress({ port: { number: 0, protocol: 'TCP' }, bind: 'unix:///run/db.sock', hosts: ['*/*'] });
    const world = worldOf({ ...unix, services: [service('a.example', tcp)] });
    check(world, { 'unix:///run/db.sock': { chains: ['→ outbound|5432||a.example'] } });
    assert.deepEqual(world.of('a')['unix:///run/db.sock']!['address'], { pipe: { path: '/run/db.sock' } });
  });

  test('an HTTP_PROXY port takes only HTTP', () => {
    const proxy = egress({ port: { number: 3128, protocol: 'HTTP_PROXY' }, hosts: ['*/*'] });
    check(worldOf({ ...proxy, services: [service('a.example', { ports: [port(80, 'http')] })] }), {
      '0.0.0.0_3128': { chains: ['→ routes 3128'] },
    });
  });
});

describe('where unknown calls go', () => {
  const otherwise = (scope: Scene['scope']) =>
    linesOf(worldOf({ ...(scope && { scope }), services: [service('a.example')] }).of('a')['0.0.0.0_80']).otherwise;
  test('by the policy', () => {
    assert.equal(otherwise({ outboundPolicy: { mode: 'ALLOW_ANY' } }), PASS);
    assert.equal(otherwise({ outboundPolicy: {} }), '→ BlackHoleCluster');
    assert.equal(otherwise({ outboundPolicy: { mode: 'ALLOW_ANY_DYNAMIC_DNS' } }), PASS);
  });
  test('to the egress proxy of a Sidecar', () =>
    assert.equal(
      otherwise({
        outboundPolicy: { mode: 'ALLOW_ANY', egressProxy: { host: 'Out.example', subset: 'v1', port: { number: 3128 } } },
      }),
      '→ outbound|3128|v1|out.example',
    ));
});

test('routers have no listeners from services', () => {
  assert.deepEqual(worldOf({ class: { role: 'router' }, services: [service('a.example')] }).of('a'), {});
});

test('a proxy in TPROXY mode is transparent', () => {
  assert.equal(worldOf({ class: { traits: { interception: 'TPROXY' } } }).of('a')['virtualOutbound']!['transparent'], true);
});

test('an alias is one more server name of the host it stands for', () => {
  const alias = service('db.shop.svc.cluster.local', { registry: 'kubernetes', aliasOf: 'a.example', ports: [] });
  check(worldOf({ services: [service('a.example', { ports: [port(443, 'tls')] }), alias] }), {
    '0.0.0.0_443': { chains: ['a.example,db.shop.svc.cluster.local → outbound|443||a.example'], otherwise: PASS },
  });
});

test('every wildcard that a connection manager routes to has its forward proxy, the HTTP proxy listener those of all ports', () => {
  const dynamic = (host: string, number: number, age: number) =>
    service(host, { ports: [port(number, 'http')], resolution: 'dynamic-dns', age });
  const services = [service('old.example'), dynamic('*.a.example', 80, 1), dynamic('*.b.example', 8080, 2)];
  const world = worldOf({ services, class: { traits: { httpProxyPort: 15080 } } });
  const caches = (name: string) => JSON.stringify(world.of('a')[name]).match(/[^"]*_dfp_dns_cache/g);
  assert.deepEqual(caches('0.0.0.0_80'), ['*.a.example_dfp_dns_cache']);
  assert.deepEqual(caches('0.0.0.0_8080'), ['*.b.example_dfp_dns_cache']);
  assert.deepEqual(caches('127.0.0.1_15080'), ['*.a.example_dfp_dns_cache', '*.b.example_dfp_dns_cache']);
});
