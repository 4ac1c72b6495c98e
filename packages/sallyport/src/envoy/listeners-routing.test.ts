import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Port, Rule } from '../model/index.ts';
import {
  check,
  linesOf,
  PASS,
  port,
  proxyClass,
  routing,
  SNIFF,
  service,
  type World,
  worldOf,
} from './listeners/testing/world.ts';

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
