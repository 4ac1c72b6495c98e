import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import type { HttpRoute, Service, VirtualServiceSpec } from '../model/index.ts';
import {
  build,
  domainsIn,
  issuesOf,
  makeBed,
  type RoutesJson,
  routesOf,
  routing,
  rule,
  service,
  show,
  sidecar,
  type World,
} from './routes/testing/rows.ts';

const to = (host: string, port?: number): HttpRoute => ({
  route: [{ destination: { host, ...(port && { port: { number: port } }) } }],
});
const spec = (hosts: readonly string[], ...http: readonly HttpRoute[]): VirtualServiceSpec => ({ hosts, http });

/** The cluster of the first route of each virtual host. */
function clustersIn(routes: RoutesJson | undefined): Record<string, unknown> {
  const first = (virtualHost: RoutesJson['virtualHosts'][number]) =>
    (virtualHost.routes[0]?.['route'] as JsonObject | undefined)?.['cluster'];
  return Object.fromEntries((routes?.virtualHosts ?? []).map((host) => [host.name, first(host)]));
}

describe('which route configurations there are', () => {
  test('one for each port on which something may speak HTTP, with a catch-all', () => {
    const all = build({
      services: [service('a.example', ['http:80', 'grpc:9000', 'tcp:5432', 'tls:443']), service('b.example', ['auto:8080'])],
    });
    assert.deepEqual(Object.keys(all), ['80', '8080', '9000']);
    assert.deepEqual(domainsIn(all['8080']), { 'b.example:8080': ['b.example', 'b.example.'], block_all: ['*'] });
  });

  test('a port without protocol on an address of its own has one for its host alone, whatever Host a call carries', () => {
    const all = build({
      services: [service('ledger.bank.example', ['auto:80'], { addresses: ['10.1.1.1'] }), service('b.example')],
    });
    assert.deepEqual(Object.keys(all), ['80', 'ledger.bank.example:80']);
    assert.deepEqual(domainsIn(all['ledger.bank.example:80']), { 'ledger.bank.example:80': ['*'] });
  });

  test('an allocated address is one of its own only for proxies that capture DNS', () => {
    const services = [service('a.example', ['auto:80'], { autoAddresses: ['240.240.0.1'] })];
    assert.deepEqual(Object.keys(build({ services })), ['80']);
    assert.deepEqual(Object.keys(build({ services, classes: [sidecar({ traits: { dnsCapture: true } })] })), [
      '80',
      'a.example:80',
    ]);
  });

  test('where listeners are really bound, ports without protocol are alone too', () => {
    const classes = [sidecar({ traits: { interception: 'NONE' } })];
    assert.deepEqual(Object.keys(build({ services: [service('a.example', ['auto:80'])], classes })), ['80', 'a.example:80']);
  });

  test('the HTTP proxy has one even if nothing is visible, and knows every port', () => {
    const mesh = { proxyHttpPort: 15080 };
    assert.deepEqual(domainsIn(build({ mesh })['http_proxy']), { block_all: ['*'] });
    assert.deepEqual(domainsIn(build({ mesh, services: [service('a.example', ['http:80', 'http:8080'])] })['http_proxy']), {
      'a.example:80': ['a.example', 'a.example:80', 'a.example.', 'a.example.:80'],
      'a.example:8080': ['a.example:8080', 'a.example.:8080'],
      block_all: ['*'],
    });
    assert.ok(build({ classes: [sidecar({ traits: { httpProxyPort: 15080 } })] })['http_proxy']);
  });

  test('through the HTTP proxy a destination without port means the only port of its service', () => {
    const services = [service('a.example'), service('b.example', ['http:8080'])];
    const routings = [routing('v', spec(['a.example'], to('b.example')))];
    assert.equal(
      clustersIn(build({ mesh: { proxyHttpPort: 15080 }, services, routings })['http_proxy'])['a.example:80'],
      'outbound|8080||b.example',
    );
  });

  test('an egress listener with a port has the route configuration of that port, for what it imports', () => {
    const egress = [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['*/a.example'] }, { hosts: ['*/*'] }];
    const services = [service('a.example'), service('b.example', ['http:80', 'http:8080'])];
    const all = build({ services, egress, sees: (_, i, host) => i === 1 || host === 'a.example' });
    assert.deepEqual(Object.keys(domainsIn(all['80'])), ['a.example:80', 'block_all']);
    assert.deepEqual(Object.keys(domainsIn(all['8080'])), ['b.example:8080', 'block_all']);
  });

  test('a listener may ask for a port that another egress listener has, and gets what that one imports', () => {
    const egress = [{ port: { number: 80, protocol: 'TCP' }, bind: '127.0.0.1', hosts: [] }, { hosts: ['*/*'] }];
    const all = build({ services: [service('a.example')], egress, sees: (_, i) => i === 1 });
    assert.deepEqual(domainsIn(all['80']), { block_all: ['*'] });
  });

  test('an HTTP proxy port and a unix socket of a Sidecar know every port', () => {
    const egress = [
      { port: { number: 3128, protocol: 'HTTP_PROXY' }, hosts: ['*/*'] },
      { port: { number: 0, protocol: 'HTTP' }, bind: 'unix:///run/a.sock', hosts: ['*/*'] },
    ];
    const all = build({ services: [service('a.example', ['http:8080'])], egress });
    assert.deepEqual(Object.keys(all), ['3128', 'unix:///run/a.sock']);
    assert.deepEqual(domainsIn(all['3128'])['a.example:8080'], ['a.example:8080', 'a.example.:8080']);
  });

  test('routers get none: their routes come from Gateways', () => {
    assert.deepEqual(build({ services: [service('a.example')], classes: [sidecar({ role: 'router' })] }), {});
  });

  test('what nothing names goes to the egress proxy of the Sidecar', () => {
    const policy = { mode: 'ALLOW_ANY', egressProxy: { host: 'Proxy.example', subset: 'v1', port: { number: 3128 } } } as const;
    assert.equal(
      clustersIn(build({ services: [service('a.example')], policy })['80'])['allow_any'],
      'outbound|3128|v1|proxy.example',
    );
  });
});

describe('which virtual hosts a VirtualService has', () => {
  const services = [service('a.example', ['http:80', 'http:8080']), service('b.example')];

  test('those of its services, on every HTTP port; other services keep their default route', () => {
    const all = build({ services, routings: [routing('v', spec(['a.example'], to('x.example')))] });
    assert.deepEqual(clustersIn(all['80']), {
      'a.example:80': 'outbound|80||x.example',
      'b.example:80': 'outbound|80||b.example',
      block_all: undefined,
    });
    assert.equal(clustersIn(all['8080'])['a.example:8080'], 'outbound|8080||x.example');
  });

  test('a host that no service has gets one on port 80 only', () => {
    const all = build({ services, routings: [routing('v', spec(['ml.vendor.example'], to('a.example', 8080)))] });
    assert.deepEqual(domainsIn(all['80'])['ml.vendor.example:80'], ['ml.vendor.example']);
    assert.equal(domainsIn(all['8080'])['ml.vendor.example:8080'], undefined);
  });

  test('an IPv6 address as host stands in brackets', () => {
    const all = build({ services, routings: [routing('v', spec(['2001:db8::9'], to('a.example')))] });
    assert.deepEqual(domainsIn(all['80'])['[2001:db8::9]:80'], ['[2001:db8::9]']);
  });

  test('beside a host with a service it gets one on the HTTP ports of that service too', () => {
    const all = build({ services, routings: [routing('v', spec(['a.example', 'ml.vendor.example'], to('a.example')))] });
    assert.deepEqual(Object.keys(domainsIn(all['8080'])), ['a.example:8080', 'ml.vendor.example:8080', 'block_all']);
  });

  test('a host whose service has no such port is unknown on that port', () => {
    const all = build({ services, routings: [routing('v', spec(['a.example', 'b.example'], to('x.example')))] });
    assert.deepEqual(domainsIn(all['8080'])['b.example:8080'], ['b.example']);
    assert.deepEqual(domainsIn(all['80'])['b.example:80'], ['b.example', 'b.example.']);
  });

  test('a host that has the port for TCP has no virtual host there', () => {
    const all = build({
      services: [service('t.example', ['tcp:80']), service('b.example')],
      routings: [routing('v', spec(['t.example'], to('b.example')))],
    });
    assert.deepEqual(Object.keys(domainsIn(all['80'])), ['b.example:80', 'block_all']);
  });

  test('a wildcard host takes the services that no VirtualService describes more closely', () => {
    const hosts = ['a.saas.example', 'b.saas.example', 'c.x.saas.example'];
    const routings = [
      routing('all', spec(['*.saas.example'], to('all.example'))),
      routing('close', spec(['*.x.saas.example'], to('close.example'))),
      routing('exact', spec(['b.saas.example'], to('exact.example'))),
    ];
    assert.deepEqual(clustersIn(build({ services: hosts.map((host) => service(host)), routings })['80']), {
      'a.saas.example:80': 'outbound|80||all.example',
      'b.saas.example:80': 'outbound|80||exact.example',
      'c.x.saas.example:80': 'outbound|80||close.example',
      block_all: undefined,
    });
  });

  test('a VirtualService without HTTP routes keeps a wildcard away from its host', () => {
    const routings = [
      routing('all', spec(['*.saas.example'], to('all.example'))),
      routing('tls', { hosts: ['a.saas.example'], tls: [] }),
    ];
    assert.equal(
      clustersIn(build({ services: [service('a.saas.example')], routings })['80'])['a.saas.example:80'],
      'outbound|80||a.saas.example',
    );
  });

  test('a wildcard host without any service is a virtual host of port 80, unless it overlaps with a service', () => {
    const wildcard = [routing('v', spec(['*.unknown.example'], to('x.example')))];
    assert.deepEqual(domainsIn(build({ services, routings: wildcard })['80'])['*.unknown.example:80'], ['*.unknown.example']);
    const below = build({ services: [service('b.example'), service('*.a.unknown.example')], routings: wildcard });
    assert.equal(domainsIn(below['80'])['*.unknown.example:80'], undefined);
    const above = build({ services: [service('b.example'), service('*.example')], routings: wildcard });
    assert.equal(domainsIn(above['80'])['*.unknown.example:80'], undefined);
  });

  test('routes for callers of another namespace leave the service its default route', () => {
    const routings = [routing('v', spec(['a.example'], { ...to('x.example'), match: [{ sourceNamespace: 'pay' }] }))];
    assert.equal(clustersIn(build({ services, routings })['80'])['a.example:80'], 'outbound|80||a.example');
    const pay = [sidecar({ id: 'shop', namespace: 'pay' })];
    assert.equal(clustersIn(build({ services, routings, classes: pay })['80'])['a.example:80'], 'outbound|80||x.example');
  });

  test('of two for one host the private one is taken, then the older, and the other is told', () => {
    const bed = makeBed();
    const older = routing('older', spec(['a.example'], to('older.example')), { namespace: 'net', createdAt: 1 });
    const younger = routing('younger', spec(['a.example'], to('younger.example')), { namespace: 'net', createdAt: 2 });
    show(bed, { services, routings: [younger, older] });
    assert.equal(clustersIn(routesOf(bed)['80'])['a.example:80'], 'outbound|80||older.example');
    const told = issuesOf(bed);
    assert.deepEqual([...new Set(told.map(({ code, object }) => `${code} ${object?.name}`))], ['SHADOWED younger']);
    assert.match(told[0]!.message, /VirtualService net\/older/);
    show(bed, { services, routings: [{ ...younger, namespace: 'shop' }, older] });
    assert.equal(clustersIn(routesOf(bed)['80'])['a.example:80'], 'outbound|80||younger.example');
  });
});

describe('services that share something', () => {
  test('of two entries with one host the younger speaks for the port', () => {
    const one = service('db.example', ['http:80', 'http:8080'], { name: 'one', createdAt: 1, addresses: ['10.0.0.1'] });
    const two = service('db.example', ['http:80'], { name: 'two', createdAt: 2, addresses: ['10.0.0.2'] });
    const all = build({ services: [two, one] });
    assert.deepEqual(domainsIn(all['80'])['db.example:80'], ['db.example', 'db.example.', '10.0.0.2']);
    assert.deepEqual(domainsIn(all['8080'])['db.example:8080'], ['db.example', 'db.example.', '10.0.0.1']);
  });

  // Found by the differential fuzzer (seed 20261121): Envoy kept the listeners waiting for routes that did not exist.
  test('an entry without protocol on its own address has routes also where a younger one speaks for the host', () => {
    const one = service('db.example', ['auto:80'], { name: 'one', createdAt: 1, addresses: ['10.0.0.1'] });
    const two = service('db.example', ['http:80'], { name: 'two', createdAt: 2 });
    const all = build({ services: [two, one] });
    assert.deepEqual(domainsIn(all['db.example:80']), { 'db.example:80': ['*'] });
    const none = build({ services: [service('db.example', ['tcp:80'], { name: 'two', createdAt: 2 }), one] });
    assert.deepEqual(domainsIn(none['db.example:80']), {});
    assert.deepEqual(domainsIn(none['80']), { block_all: ['*'] });
  });

  test('routes that a listener asks for exist whatever a Sidecar makes of the port', () => {
    const opaque = service('db.example', ['tcp:80'], { addresses: ['10.0.0.1'] });
    const port = (protocol: string) => [{ port: { number: 80, protocol }, hosts: ['*/*'] }];
    assert.deepEqual(Object.keys(build({ services: [opaque], egress: port('HTTP') })), ['80']);
    assert.deepEqual(Object.keys(build({ services: [opaque], egress: port('') })), ['80', 'db.example:80']);
    const detected = service('db.example', ['auto:80'], { addresses: ['10.0.0.1'] });
    const later = build({ services: [detected], egress: [...port('HTTP'), { hosts: ['*/*'] }] });
    assert.deepEqual(domainsIn(later['db.example:80']), { 'db.example:80': ['*'] });
  });

  test('an address that two services have belongs to the older, and the younger is told', () => {
    const bed = makeBed();
    const at = { addresses: ['10.0.0.1'] };
    show(bed, {
      services: [
        service('a.example', ['http:80'], { ...at, createdAt: 2 }),
        service('b.example', ['http:80'], { ...at, createdAt: 1 }),
      ],
    });
    assert.deepEqual(domainsIn(routesOf(bed)['80']), {
      'a.example:80': ['a.example', 'a.example.'],
      'b.example:80': ['b.example', 'b.example.', '10.0.0.1'],
      block_all: ['*'],
    });
    assert.deepEqual(
      issuesOf(bed).map(({ code, severity, object, message }) => [code, severity, object?.name, message]),
      [
        [
          'SHADOWED',
          'warning',
          'a.example',
          'requests for 10.0.0.1 on port 80 go to b.example of ServiceEntry shop/b.example, which comes first, not to a.example',
        ],
      ],
    );
  });
});

describe('aliases', () => {
  const kube = { registry: 'kubernetes', namespace: 'shop' } as const;
  const concrete = service('concrete.shop.svc.cluster.local', ['http:80'], { ...kube, addresses: ['1.2.3.4'] });
  const alias = service('alias.shop.svc.cluster.local', [], { ...kube, aliasOf: 'concrete.shop.svc.cluster.local' });

  test('are further names of the host they stand for, through other aliases too, and loops do no harm', () => {
    const second = service('second.shop.svc.cluster.local', [], { ...kube, aliasOf: 'alias.shop.svc.cluster.local' });
    const loop = service('loop.shop.svc.cluster.local', [], { ...kube, aliasOf: 'loop.shop.svc.cluster.local' });
    const domains = domainsIn(build({ services: [concrete, alias, second, loop] })['80'])['concrete.shop.svc.cluster.local:80'];
    assert.deepEqual(
      domains?.filter((domain) => domain.endsWith('.local')),
      ['concrete.shop.svc.cluster.local', 'alias.shop.svc.cluster.local', 'second.shop.svc.cluster.local'],
    );
    assert.ok(domains?.includes('alias'));
  });

  test('with a VirtualService of their own lose their full name to it and keep the short forms', () => {
    const routings = [
      routing(
        'v',
        spec(['alias.shop.svc.cluster.local'], {
          ...to('concrete.shop.svc.cluster.local'),
          match: [{ uri: { prefix: '/one' } }],
        }),
      ),
    ];
    const domains = domainsIn(build({ services: [concrete, alias], routings })['80']);
    assert.deepEqual(domains['alias.shop.svc.cluster.local:80'], ['alias.shop.svc.cluster.local']);
    assert.deepEqual(
      domains['concrete.shop.svc.cluster.local:80']?.filter((domain) => domain.startsWith('alias')),
      ['alias.shop.svc.cluster.local.', 'alias', 'alias.shop.svc', 'alias.shop'],
    );
  });

  test('as destinations lead to the host they stand for on ports they have', () => {
    const ported = { ...alias, ports: concrete.ports };
    const routings = [routing('v', spec(['a.example'], to(alias.host)))];
    const cluster = (of: Service) =>
      clustersIn(build({ services: [concrete, of, service('a.example')], routings })['80'])['a.example:80'];
    assert.equal(cluster(ported), 'outbound|80||concrete.shop.svc.cluster.local');
    assert.equal(cluster(alias), 'outbound|80||alias.shop.svc.cluster.local');
  });
});

describe('what a change costs', () => {
  const classes = ['pay', 'shop', 'web'].map((namespace) => sidecar({ namespace }));
  const services = [0, 1, 2, 3].map((i) => service(`h${i}.example`, ['http:80', 'tls:443']));
  const routings = (timeout: string) =>
    services.map(({ host }, i) => routing(`v${i}`, spec([host], { ...to(host), timeout: i === 0 ? timeout : '5s' })));

  function changed(before: World, after: World) {
    const bed = makeBed();
    show(bed, before);
    const seen = { recomputed: {} as Record<string, number>, resources: 0, links: 0 };
    bed.graph.onCommit((commit) => {
      seen.recomputed = Object.fromEntries(commit.recomputed);
      seen.resources = commit.diff(bed.outputs.routes.resources).size;
      seen.links = commit.diff(bed.outputs.routes.links).size;
    });
    show(bed, after);
    return seen;
  }

  test('classes that see the same share one route configuration', () => {
    const bed = makeBed();
    show(bed, { classes, services, routings: routings('5s') });
    assert.equal(bed.outputs.routes.links.size, 3);
    assert.equal(bed.outputs.routes.resources.size, 1);
  });

  test('another timeout encodes one virtual host and joins one route configuration', () => {
    const seen = changed({ classes, services, routings: routings('5s') }, { classes, services, routings: routings('6s') });
    assert.equal(seen.recomputed['virtual hosts'], 1);
    assert.equal(seen.recomputed['route configurations'], 1);
    assert.equal(seen.recomputed['virtual hosts in order'], undefined);
    assert.deepEqual([seen.resources, seen.links], [1, 0]);
  });

  test('another entry encodes one virtual host, and each class is told of one list', () => {
    const more = [...services, service('new.example')];
    const seen = changed({ classes, services, routings: routings('5s') }, { classes, services: more, routings: routings('5s') });
    assert.equal(seen.recomputed['virtual hosts'], 1);
    assert.equal(seen.recomputed['virtual hosts of services'], 3);
    assert.equal(seen.links, 3);
  });

  test('a rule that hashes nothing changes no route', () => {
    const rules = [rule('h0.example', { trafficPolicy: { connectionPool: { tcp: { maxConnections: 1 } } } })];
    const seen = changed({ classes, services }, { classes, services, rules });
    assert.equal(seen.recomputed['virtual hosts'], undefined);
    assert.equal(seen.resources, 0);
  });
});

describe('whatever the history', () => {
  const HOSTS = ['a.example', 'b.example', '*.example', 'x.a.example', 'svc.shop.svc.cluster.local', '*.shop.svc.cluster.local'];
  const host = fc.constantFrom(...HOSTS);
  const port = fc.constantFrom('http:80', 'auto:80', 'tcp:80', 'http:8080', 'auto:8080');
  const services = fc.uniqueArray(
    fc.record({
      host,
      ports: fc.uniqueArray(port, { maxLength: 2, selector: (text) => text.split(':')[1]! }),
      name: fc.constantFrom('one', 'two'),
      namespace: fc.constantFrom('shop', 'pay'),
      createdAt: fc.nat(2),
      addresses: fc.subarray(['10.0.0.1', '10.0.0.2']),
      aliasOf: fc.option(host, { freq: 6, nil: undefined }),
    }),
    { maxLength: 6, selector: ({ host, name, namespace }) => `${host} ${name} ${namespace}` },
  );
  const match = fc.record(
    { port: fc.constantFrom(80, 8080), sourceNamespace: fc.constantFrom('shop', 'pay'), uri: fc.constant({ prefix: '/x' }) },
    { requiredKeys: [] },
  );
  const routings = fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('v1', 'v2', 'v3'),
      namespace: fc.constantFrom('shop', 'pay'),
      createdAt: fc.nat(2),
      hosts: fc.uniqueArray(fc.oneof(host, fc.constantFrom('unknown.example', '*.unknown.example')), {
        minLength: 1,
        maxLength: 3,
      }),
      match: fc.array(match, { maxLength: 2 }),
      destination: host,
    }),
    { maxLength: 4, selector: ({ name, namespace }) => `${namespace}/${name}` },
  );
  const worlds: fc.Arbitrary<World> = fc
    .record({
      services,
      routings,
      hashed: fc.subarray(HOSTS),
      namespaces: fc.subarray(['shop', 'pay']),
      proxyHttpPort: fc.constantFrom(0, 0, 15080),
      ownPort: fc.boolean(),
    })
    .map((given) => ({
      mesh: { proxyHttpPort: given.proxyHttpPort },
      classes: given.namespaces.map((namespace) => sidecar({ namespace })),
      egress: [...(given.ownPort ? [{ port: { number: 8080, protocol: 'HTTP' }, hosts: ['*/*'] }] : []), { hosts: ['*/*'] }],
      services: given.services.map(({ aliasOf, ...of }) =>
        service(of.host, of.ports, { ...of, ports: service(of.host, of.ports).ports, ...(aliasOf && { aliasOf }) }),
      ),
      routings: given.routings.map(({ hosts, match, destination, ...of }) =>
        routing(of.name, spec(hosts, { ...to(destination), ...(match.length > 0 && { match }) }), of),
      ),
      rules: given.hashed.map((hashed) =>
        rule(hashed, { trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } }),
      ),
    }));
  const result = (bed: ReturnType<typeof makeBed>) => ({
    shop: routesOf(bed, 'shop'),
    pay: routesOf(bed, 'pay'),
    issues: issuesOf(bed),
  });

  test('a changed world gives what it gives from scratch', () => {
    fc.assert(
      fc.property(fc.array(worlds, { minLength: 2, maxLength: 4 }), (history) => {
        const grown = makeBed();
        for (const world of history) show(grown, world);
        const fresh = makeBed();
        show(fresh, history.at(-1)!);
        assert.equal(grown.graph.failures.size, 0, JSON.stringify([...grown.graph.failures.entries()]));
        assert.deepEqual(result(grown), result(fresh));
        assert.equal(grown.outputs.routes.resources.size, fresh.outputs.routes.resources.size);
      }),
      { numRuns: 150 },
    );
  });

  test('the order of input does not matter', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const [one, other] = [makeBed(), makeBed()];
        show(one, world);
        const back = <T>(list: readonly T[] | undefined) => [...(list ?? [])].reverse();
        show(other, { ...world, services: back(world.services), routings: back(world.routings), rules: back(world.rules) });
        assert.deepEqual(result(other), result(one));
      }),
      { numRuns: 100 },
    );
  });

  test('no name and no domain stands twice in a route configuration', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const bed = makeBed();
        show(bed, world);
        for (const routes of [...Object.values(routesOf(bed, 'shop')), ...Object.values(routesOf(bed, 'pay'))]) {
          const names = routes.virtualHosts.map(({ name }) => name);
          const domains = routes.virtualHosts.flatMap((of) => of.domains);
          assert.equal(new Set(names).size, names.length, names.join(' '));
          assert.equal(new Set(domains).size, domains.length, domains.join(' '));
          assert.ok(routes.virtualHosts.every((of) => of.domains.length > 0 && of.routes.length > 0));
        }
      }),
      { numRuns: 150 },
    );
  });
});
