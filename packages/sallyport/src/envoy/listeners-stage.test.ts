import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { type EndpointPool, type Port, type Rule, SALLYPORT_DEFAULTS, type SidecarEgress } from '../model/index.ts';
import {
  createWorld,
  linesOf,
  port,
  proxyClass,
  routing,
  rowsOf,
  type Scene,
  service,
  show,
  type World,
  worldOf,
} from './listeners/testing/world.ts';

const ISTIOD = JSON.parse(
  readFileSync(new URL('./listeners/testdata/istiod-listeners.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, JsonObject>>;

const CLOSED = { outboundPolicy: { mode: 'REGISTRY_ONLY' } } as const;
const PASS = '→ PassthroughCluster';
const SNIFF = 'raw_buffer http/1.1,h2c';

function egress(...listeners: SidecarEgress[]): { readonly scope: { readonly egress: readonly SidecarEgress[] } } {
  return { scope: { egress: listeners } };
}

function check(world: World, expected: Readonly<Record<string, ReturnType<typeof linesOf>>>): void {
  const { virtualOutbound, ...others } = world.of('a');
  assert.deepEqual(Object.fromEntries(Object.entries(others).map(([name, listener]) => [name, linesOf(listener)])), expected);
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

describe('VirtualServices', () => {
  const to = (host: string, number?: number) => [{ destination: { host, ...(number !== undefined && { port: { number } }) } }];
  const tcp = (number: number) => ({ ports: [port(number, 'tcp')] });
  const tls = { ports: [port(443, 'tls')] };

  test('tls matches replace the service’s own chain, and subnets hold for their match alone', () => {
    const rules = routing('r', {
      hosts: ['*.corp.example'],
      tls: [
        { match: [{ sniHosts: ['a.corp.example'], destinationSubnets: ['10.1.0.0/16'] }], route: to('x.example', 1443) },
        { match: [{ sniHosts: ['b.corp.example'], port: 444 }], route: to('never.example') },
        { match: [{ sniHosts: ['C.corp.example'] }], route: to('x.example') },
      ],
    });
    check(worldOf({ services: [service('*.corp.example', tls)], routings: [rules] }), {
      '0.0.0.0_443': {
        chains: ['10.1.0.0/16 a.corp.example → outbound|1443||x.example', 'c.corp.example → outbound|443||x.example'],
        otherwise: PASS,
      },
    });
  });

  test('tcp matches with subnets come before the service, one without ends the search', () => {
    const rules = (last: boolean) =>
      routing('r', {
        hosts: ['a.example'],
        tcp: [
          { match: [{ destinationSubnets: ['10.1.0.0/16'] }, { destinationSubnets: ['10.2.0.0/16'] }], route: to('x.example') },
          ...(last ? [{ route: to('y.example') }] : []),
        ],
      });
    const first = '10.1.0.0/16,10.2.0.0/16 → outbound|5432||x.example';
    const given = { services: [service('a.example', tcp(5432))] };
    check(worldOf({ ...given, routings: [rules(false)] }), {
      '0.0.0.0_5432': { chains: [first], otherwise: '→ outbound|5432||a.example' },
    });
    check(worldOf({ ...given, routings: [rules(true)] }), {
      '0.0.0.0_5432': { chains: [first], otherwise: '→ outbound|5432||y.example' },
    });
  });

  test('a destination with one port is called on it, one with several on the listener’s', () => {
    const rules = routing('r', { hosts: ['a.example'], tcp: [{ route: to('x.example') }] });
    const target = (...ports: Port[]) =>
      linesOf(
        worldOf({
          services: [service('a.example', tcp(5432)), service('x.example', { ports, addresses: ['10.9.9.9'] })],
          routings: [rules],
        }).of('a')['0.0.0.0_5432'],
      ).chains;
    assert.deepEqual(target(port(7, 'tcp')), ['→ outbound|7||x.example']);
    assert.deepEqual(target(port(7, 'tcp'), port(8, 'tcp')), ['→ outbound|5432||x.example']);
  });

  test('an alias as destination means the host it stands for', () => {
    const rules = routing('r', { hosts: ['a.example'], tcp: [{ route: to('alias.example', 1) }] });
    const services = [service('a.example', tcp(5432)), service('alias.example', { aliasOf: 'real.example', ports: [] })];
    check(worldOf({ services, routings: [rules] }), { '0.0.0.0_5432': { chains: ['→ outbound|1||real.example'] } });
  });

  test('the order is that of age, and the caller decides what fits', () => {
    const forApp = routing(
      'young',
      { hosts: ['a.example'], tcp: [{ match: [{ sourceLabels: { app: 'web' } }], route: to('web.example', 1) }] },
      { createdAt: 1 },
    );
    const forSpace = routing(
      'old',
      { hosts: ['a.example'], tcp: [{ match: [{ sourceNamespace: 'pay' }], route: to('pay.example', 1) }] },
      { createdAt: 0 },
    );
    const classes = [
      proxyClass('a', { labels: { app: 'web' }, namespace: 'pay' }),
      proxyClass('b', { labels: { app: 'web' } }),
      proxyClass('c'),
    ];
    const world = worldOf({ classes, services: [service('a.example', tcp(5432))], routings: [forApp, forSpace] });
    const got = ['a', 'b', 'c'].map((id) => linesOf(world.of(id)['0.0.0.0_5432']).chains);
    assert.deepEqual(got, [['→ outbound|1||pay.example'], ['→ outbound|1||web.example'], ['→ outbound|5432||a.example']]);
  });

  test('a gateway’s rules are not the sidecar’s', () => {
    const rules = routing('r', {
      hosts: ['a.example'],
      tls: [{ match: [{ sniHosts: ['a.example'], gateways: ['shop/gw'] }], route: to('x.example', 1) }],
    });
    check(worldOf({ services: [service('a.example', tls)], routings: [rules] }), {
      '0.0.0.0_443': { chains: ['a.example → outbound|443||a.example'], otherwise: PASS },
    });
  });
});

describe('what a rule says about TCP', () => {
  const rule = (trafficPolicy: Rule['trafficPolicy'], subsets: Rule['subsets'] = []): Rule => ({
    key: 'rule',
    host: 'a.example',
    namespace: 'shop',
    exportTo: { kind: 'public' },
    subsets,
    from: [],
    apiVersion: 'networking.istio.io/v1',
    createdAt: 0,
    ...(trafficPolicy && { trafficPolicy }),
  });
  const proxyOf = (world: World, name = '0.0.0.0_5432') => {
    const { '@type': _, ...config } = (
      world.of('a')[name] as unknown as { filterChains: { filters: { typedConfig: JsonObject }[] }[] }
    ).filterChains[0]!.filters.at(-1)!.typedConfig;
    return config;
  };
  const plain = { cluster: 'outbound|5432||a.example', statPrefix: 'outbound|5432||a.example' };
  const given = { services: [service('a.example', { ports: [port(5432, 'tcp')] })] };

  test('idle time-out, longest duration, hashing by source', () => {
    const policy: Rule['trafficPolicy'] = {
      connectionPool: { tcp: { idleTimeout: '5s', maxConnectionDuration: '1h' } },
      loadBalancer: { consistentHash: { useSourceIp: true } },
    };
    assert.deepEqual(proxyOf(worldOf({ ...given, rules: [rule(policy)] })), {
      ...plain,
      idleTimeout: '5s',
      maxDownstreamConnectionDuration: '3600s',
      hashPolicy: [{ sourceIp: {} }],
    });
  });

  test('the proxy’s own idle time-out where the rule has none', () => {
    const world = worldOf({ ...given, class: { traits: { idleTimeout: '7s' } } });
    assert.deepEqual(proxyOf(world), { ...plain, idleTimeout: '7s' });
    const timesAt = (name: string) =>
      [...JSON.stringify(world.of('a')[name]).matchAll(/"cluster":"([^"]+)"(?:,"idleTimeout":"([^"]+)")?/g)].map(
        (m) => `${m[1]} ${m[2]}`,
      );
    assert.deepEqual(timesAt('virtualOutbound'), ['BlackHoleCluster undefined', 'PassthroughCluster 7s']);
  });

  test('a proxy that says so takes HTTP/1.0', () => {
    const world = worldOf({
      class: { traits: { http10: true } },
      mesh: { proxyHttpPort: 15080 },
      services: [service('a.example')],
    });
    const options = (name: string) => /"httpProtocolOptions":(\{[^}]*\})/.exec(JSON.stringify(world.of('a')[name]))?.[1];
    assert.equal(options('0.0.0.0_80'), '{"acceptHttp10":true}');
    assert.equal(options('127.0.0.1_15080'), '{"allowAbsoluteUrl":true,"acceptHttp10":true}');
  });

  test('a tunnel, of the subset if it has one', () => {
    const tunnel = (targetHost: string, protocol: string) => ({ tunnel: { protocol, targetHost, targetPort: 8443 } });
    const rules = [rule(tunnel('out.example', 'CONNECT'), [{ name: 'v6', trafficPolicy: tunnel('2001:db8::1', 'POST') }])];
    assert.deepEqual(proxyOf(worldOf({ ...given, rules })), { ...plain, tunnelingConfig: { hostname: 'out.example:8443' } });
    const toSubset = routing('r', {
      hosts: ['a.example'],
      tcp: [{ route: [{ destination: { host: 'a.example', subset: 'v6' } }] }],
    });
    assert.deepEqual(proxyOf(worldOf({ ...given, rules, routings: [toSubset] })), {
      cluster: 'outbound|5432|v6|a.example',
      statPrefix: 'outbound|5432|v6|a.example',
      tunnelingConfig: { hostname: '[2001:db8::1]:8443', usePost: true },
    });
  });

  test('Mongo is read before it is carried on', () => {
    const world = worldOf({ services: [service('a.example', { ports: [port(27017, 'mongo')] })] });
    assert.deepEqual(linesOf(world.of('a')['0.0.0.0_27017']).chains, ['→ mongo_proxy outbound|27017||a.example']);
  });
});

describe('what is said instead of served', () => {
  const codes = (world: World) => world.issues().map(({ code, object }) => `${code} ${object?.name}`);

  test('ports of the proxy itself', () => {
    const services = [
      service('a.example', { ports: [port(15006, 'tcp')] }),
      service('b.example', { ports: [port(15001, 'http')] }),
      service('c.example', { ports: [port(15021, 'http')] }),
      service('d.example', { ports: [port(15006, 'tcp')], addresses: ['10.0.0.1'] }),
    ];
    const world = worldOf({ services, class: { traits: { statusPort: 15021 } } });
    check(world, { '10.0.0.1_15006': { chains: ['→ outbound|15006||d.example'] } });
    assert.deepEqual(codes(world), ['PORT_RESERVED a.example', 'PORT_RESERVED b.example', 'PORT_RESERVED c.example']);
  });

  test('ports that an unprivileged proxy cannot bind, where it would have to', () => {
    const services = [service('a.example', { ports: [port(80, 'http'), port(8080, 'http')] })];
    const world = worldOf({ services, class: { traits: { unprivileged: true, interception: 'NONE' } } });
    check(world, { '127.0.0.1_8080': { chains: ['→ routes 8080'] } });
    assert.deepEqual(codes(world), ['PORT_RESERVED a.example']);
    check(worldOf({ services, class: { traits: { unprivileged: true } } }), {
      '0.0.0.0_80': { chains: [`${SNIFF} → routes 80`], otherwise: PASS },
      '0.0.0.0_8080': { chains: [`${SNIFF} → routes 8080`], otherwise: PASS },
    });
  });

  test('a service on the port of the HTTP proxy', () => {
    const services = [service('a.example', { ports: [port(15080, 'tcp')] })];
    const world = worldOf({ services, class: { traits: { interception: 'NONE', httpProxyPort: 15080 } } });
    check(world, { '127.0.0.1_15080': { chains: ['→ routes http_proxy'] } });
    assert.deepEqual(codes(world), ['PORT_RESERVED a.example']);
  });

  test('names that Envoy cannot match', () => {
    const world = worldOf({ services: [service('*foo.example', { ports: [port(443, 'tls')] })] });
    check(world, {});
    assert.deepEqual(codes(world), ['UNSUPPORTED any' + 'foo.example']);
  });

  test('the same for many classes is said once', () => {
    const tcp = { ports: [port(5432, 'tcp')] };
    const services = [service('old.example', tcp), service('new.example', { ...tcp, age: 1 })];
    const classes = [proxyClass('a'), proxyClass('b', { namespace: 'pay' })];
    assert.deepEqual(codes(worldOf({ classes, services })), ['SHADOWED new.example']);
  });
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

describe('work', () => {
  const services = Array.from({ length: 30 }, (_, n) =>
    service(`s${n}.example`, { ports: [port(443, 'tls'), port(80, 'http')], age: n }),
  );
  const classes = ['a', 'b', 'c', 'd'].map((id) => proxyClass(id));

  test('classes that see the same share every listener', () => {
    const world = worldOf({ classes, services });
    assert.equal(world.listeners.resources.size, 3);
    assert.equal(world.listeners.links.size, 12);
  });

  test('a new entry encodes its own chain once, and the one list it is in', () => {
    const world = worldOf({ classes, services });
    const work: Record<string, number>[] = [];
    world.graph.onCommit(({ recomputed }) => work.push(Object.fromEntries(recomputed)));
    const more = service('new.example', { ports: [port(443, 'tls'), port(80, 'http')], age: 99 });
    world.commit((tx, inputs) => show(tx, inputs, { classes, services: [...services, more] }));
    assert.equal(work[0]!['listener parts'], 1);
    assert.equal(work[0]!['listener visits'], 4);
    assert.equal(work[0]!['http chains'], undefined);
    // The list as it was and as it is.
    assert.equal(work[0]!['listeners'], 2);
  });

  test('an HTTP rule touches nothing here', () => {
    const rule = (timeout: string) =>
      routing('r', { hosts: ['s1.example'], http: [{ timeout, route: [{ destination: { host: 's1.example' } }] }] });
    const world = worldOf({ classes, services, routings: [rule('1s')] });
    const work: string[][] = [];
    world.graph.onCommit(({ recomputed }) => work.push([...recomputed.keys()]));
    world.commit((tx, inputs) => show(tx, inputs, { classes, services, routings: [rule('2s')] }));
    assert.deepEqual(
      work.map((names) => names.filter((name) => name.startsWith('listener'))),
      [[]],
    );
  });
});

// Scenes small enough to collide often: few hosts, ports and addresses.
const protocols = fc.constantFrom<Port['protocol']>('http', 'tls', 'tcp', 'auto', 'mongo', 'grpc-web', 'http-proxy', 'udp');
const services = fc.uniqueArray(
  fc.record({
    host: fc.constantFrom('a.example', 'b.example', '*.example', 'c.example', 'd.other'),
    age: fc.nat(2),
    ports: fc.uniqueArray(
      fc
        .record({ number: fc.constantFrom(80, 443, 15006), protocol: protocols })
        .map(({ number, protocol }) => port(number, protocol)),
      { selector: ({ number }) => number, minLength: 1, maxLength: 3 },
    ),
    addresses: fc.subarray(['10.0.0.1', '10.0.0.0/8', '2001:db8::1']),
    resolution: fc.constantFrom('none' as const, 'dns' as const, 'dynamic-dns' as const),
    aliasOf: fc.option(fc.constant('a.example'), { nil: undefined, freq: 8 }),
  }),
  { selector: ({ host }) => host, maxLength: 5 },
);
const routings = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('r1', 'r2', 'r3'),
    host: fc.constantFrom('a.example', '*.example', 'b.example'),
    tls: fc.boolean(),
    subnets: fc.subarray(['10.0.0.0/8', '10.1.0.0/16']),
    app: fc.option(fc.constantFrom('web', 'job'), { nil: undefined }),
    to: fc.constantFrom('a.example', 'd.other', 'nowhere.example'),
    createdAt: fc.nat(1),
  }),
  { selector: ({ name }) => name, maxLength: 3 },
);
const scenes = fc.record({ services, routings, closed: fc.boolean(), ported: fc.boolean() }).map((given): Scene => {
  const made = given.services.map(({ host, aliasOf, ...more }) =>
    service(host, { ...more, ...(aliasOf !== undefined && aliasOf !== host && { aliasOf }) }),
  );
  return {
    classes: [proxyClass('a', { labels: { app: 'web' } }), proxyClass('b', { namespace: 'pay', facet: { ipFamilies: 'v6' } })],
    scope: {
      outboundPolicy: { mode: given.closed ? 'REGISTRY_ONLY' : 'ALLOW_ANY' },
      egress: given.ported
        ? [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['*/*'] }, { hosts: ['*/*'] }]
        : [{ hosts: ['*/*'] }],
    },
    services: made,
    egressOf: Object.fromEntries(made.map(({ host }) => [host, given.ported ? [0, 1] : [0]])),
    routings: given.routings.map(({ name, host, tls, subnets, app, to, createdAt }) => {
      const match = { destinationSubnets: subnets, ...(app !== undefined && { sourceLabels: { app } }) };
      const route = [{ destination: { host: to } }];
      const spec = tls ? { tls: [{ match: [{ ...match, sniHosts: [host] }], route }] } : { tcp: [{ match: [match], route }] };
      return routing(name, { hosts: [host], ...spec }, { createdAt });
    }),
  };
});

function contentOf(world: World) {
  const bytes = [...world.listeners.links.entries()].map(
    ([key, { target }]) => [key, world.listeners.resources.get(target)!] as const,
  );
  return {
    listeners: bytes.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { version, name }]) => [key, version, name]),
    issues: world
      .issues()
      .map((issue) => JSON.stringify(issue))
      .sort(),
    failures: [...world.graph.failures.keys()],
  };
}

describe('properties', () => {
  test('the order in which rows arrive does not matter', () => {
    fc.assert(
      fc.property(
        scenes.chain((scene) =>
          fc.tuple(fc.constant(scene), fc.shuffledSubarray([...rowsOf(scene)], { minLength: rowsOf(scene).length })),
        ),
        ([scene, shuffled]) => {
          const [one, other] = [createWorld(), createWorld()];
          one.commit((tx, inputs) => show(tx, inputs, scene));
          for (const [key, to, row] of shuffled) other.commit((tx, inputs) => tx.set(inputs[to] as never, key, row));
          assert.deepEqual(contentOf(other), contentOf(one));
          assert.deepEqual(contentOf(one).failures, []);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a world that has changed is a world made anew', () => {
    fc.assert(
      fc.property(fc.array(scenes, { minLength: 2, maxLength: 4 }), (history) => {
        const changed = createWorld();
        let before = new Map<string, readonly [string, keyof World['inputs']]>();
        for (const scene of history) {
          const after = new Map(rowsOf(scene).map(([key, to]) => [`${to}\n${key}`, [key, to] as const]));
          changed.commit((tx, inputs) => {
            for (const [at, [key, to]] of before) if (!after.has(at)) tx.set(inputs[to] as never, key, undefined);
            show(tx, inputs, scene);
          });
          before = after;
        }
        const anew = createWorld();
        anew.commit((tx, inputs) => show(tx, inputs, history.at(-1)!));
        assert.deepEqual(contentOf(changed), contentOf(anew));
      }),
      { numRuns: 60 },
    );
  });

  test('no listener has two chains that Envoy would call the same', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const world = worldOf(scene);
        for (const id of ['a', 'b'])
          for (const [name, listener] of Object.entries(world.of(id))) {
            const matches = ((listener['filterChains'] ?? []) as JsonObject[]).flatMap((chain) => cellsOfJson(chain));
            assert.equal(new Set(matches).size, matches.length, name);
          }
      }),
      { numRuns: 60 },
    );
  });
});

function cellsOfJson(chain: JsonObject): readonly string[] {
  const match = (chain['filterChainMatch'] ?? {}) as Record<string, unknown[] | undefined>;
  const each = (list: unknown[] | undefined) => (list === undefined ? [''] : list.map((item) => JSON.stringify(item)));
  const fixed = JSON.stringify([match['transportProtocol'], match['destinationPort']]);
  return each(match['prefixRanges']).flatMap((prefix) =>
    each(match['serverNames']).flatMap((name) =>
      each(match['applicationProtocols']).map((alpn) => [fixed, prefix, name, alpn].join()),
    ),
  );
}
