import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SidecarEgress } from '../model/index.ts';
import {
  aProxy,
  aRouting,
  aRule,
  aService,
  aSidecar,
  type Bed,
  importing,
  NOBODY,
  ports,
  routeTo,
  settle,
  to,
  type World,
} from './testing/rows.ts';

const client = aProxy({ namespace: 'shop', labels: { app: 'web' } });
const gateway = aProxy({ type: 'router', namespace: 'shop' });
const see = (world: World): Bed => settle({ proxies: [client], ...world });

/** The listener list as `egress namespace/host ports rank`. */
const visible = ({ outputs }: Bed) =>
  [...outputs.visible.entries()]
    .map(([, { egress, service, portNumbers, rank }]) => {
      const [registry, namespace, entry] = service.split('/');
      return `${egress} ${registry === 'kubernetes' ? 'kube:' : ''}${namespace}/${entry} ${portNumbers.join(',')} ${rank}`;
    })
    .sort();
/** The scope list as `host namespace ports rule`. */
const scoped = ({ outputs }: Bed) =>
  [...outputs.scoped.entries()]
    .map(([, row]) =>
      [row.host, row.namespace, row.ports.map((p) => p.number).join(','), row.rule?.split('/').at(-1)].filter(Boolean).join(' '),
    )
    .sort();
const imported = ({ outputs }: Bed) =>
  [...outputs.imported.entries()]
    .map(([, { egress, routing, rank }]) => `${egress} ${routing.split('/').slice(1).join('/')} ${rank}`)
    .sort();
const withEgress = (...egress: SidecarEgress[]) => [aSidecar('shop', 's', { egress })];

test('public services are seen by everybody, private ones at home, named ones where named, hidden ones nowhere', () => {
  const services = [
    aService('pay', 'public.example'),
    aService('pay', 'private.example', { exportTo: to('pay') }),
    aService('pay', 'named.example', { exportTo: to('shop', 'pay') }),
    aService('shop', 'own.example', { exportTo: to('shop') }),
    aService('shop', 'hidden.example', { exportTo: NOBODY }),
  ];
  assert.deepEqual(visible(see({ services })), [
    '0 pay/named.example 80 0',
    '0 pay/public.example 80 1',
    '0 shop/own.example 80 0',
  ]);
});

test('an egress host imports by namespace and by host, and the dot is the namespace of the proxy', () => {
  const services = [aService('shop', 'a.own'), aService('pay', 'a.pay'), aService('pay', 'b.pay'), aService('ops', 'a.ops')];
  const seen = (...hosts: string[]) =>
    scoped(see({ services, sidecars: [importing('shop', ...hosts)] })).map((row) => row.split(' ')[0]);
  assert.deepEqual(seen('./*'), ['a.own']);
  assert.deepEqual(seen('pay/*'), ['a.pay', 'b.pay']);
  assert.deepEqual(seen('pay/a.pay', '*/a.ops'), ['a.ops', 'a.pay']);
  assert.deepEqual(seen('*/*.pay'), ['a.pay', 'b.pay']);
  assert.deepEqual(seen('shop/a.pay'), []);
  assert.deepEqual(seen('~/*'), []);
});

test('the root namespace`s Sidecar is evaluated in the namespace of the proxy', () => {
  const services = [aService('shop', 'a.own'), aService('istio-system', 'a.root')];
  assert.deepEqual(scoped(see({ services, sidecars: [importing('istio-system', './*')] })), ['a.own shop 80']);
});

test('a wildcard service is imported by itself or a wider wildcard, not by a name under it', () => {
  const services = [aService('pay', '*.a.com')];
  const seen = (host: string) => visible(see({ services, sidecars: [importing('shop', `*/${host}`)] })).length;
  assert.deepEqual(['*.a.com', '*.com', '*', 'b.a.com', '*.b.a.com', '*a.com'].map(seen), [1, 1, 1, 0, 0, 1]);
});

test('a partial wildcard imports what ends like it', () => {
  const services = [aService('pay', 'eu-api.example.com'), aService('pay', 'api.example.com')];
  assert.deepEqual(scoped(see({ services, sidecars: [importing('shop', '*/*-api.example.com')] })), [
    'eu-api.example.com pay 80',
  ]);
});

test('exclusions take away what other hosts of the listener import', () => {
  const services = [aService('pay', 'a.pay'), aService('pay', 'b.pay'), aService('ops', 'a.ops')];
  const seen = (...hosts: string[]) =>
    scoped(see({ services, sidecars: [importing('shop', ...hosts)] })).map((row) => row.split(' ')[0]);
  assert.deepEqual(seen('*/*', '~pay/a.pay'), ['a.ops', 'b.pay']);
  assert.deepEqual(seen('*/*', '~/*.pay'), ['a.ops']);
  assert.deepEqual(seen('*/*', '~*/*.pay'), ['a.ops']);
  assert.deepEqual(seen('*/*', '~ops/a.pay'), ['a.ops', 'a.pay', 'b.pay']);
  assert.deepEqual(seen('pay/a.pay', '~pay/*'), []);
});

test('an egress listener with a port keeps the services that have it, trimmed to it', () => {
  const services = [aService('pay', 'a.pay', { ports: ports(80, 443) }), aService('pay', 'b.pay')];
  const port = { number: 443, protocol: 'TLS', name: 'p' };
  const bed = see({ services, sidecars: withEgress({ hosts: ['*/*'], port }) });
  assert.deepEqual(visible(bed), ['0 pay/a.pay 443 1']);
  assert.deepEqual([...bed.outputs.visible.entries()][0]?.[1].onlyPort, 443);
  assert.deepEqual(scoped(bed), ['a.pay pay 443']);
});

test('a listener for an HTTP proxy, or bound to a socket, keeps every port', () => {
  const services = [aService('pay', 'a.pay', { ports: ports(80, 443) })];
  for (const port of [
    { number: 3128, protocol: 'HTTP_PROXY' },
    { number: 0, protocol: 'HTTP' },
  ])
    assert.deepEqual(visible(see({ services, sidecars: withEgress({ hosts: ['*/*'], port }) })), ['0 pay/a.pay 80,443 1']);
});

test('one namespace a host: the oldest, but the proxy`s own namespace wins', () => {
  const old = aService('pay', 'a.example', { createdAt: 1 });
  const young = aService('ops', 'a.example', { createdAt: 2 });
  const own = aService('shop', 'a.example', { createdAt: 3 });
  assert.deepEqual(visible(see({ services: [young, old] })), ['0 pay/a.example 80 1']);
  assert.deepEqual(visible(see({ services: [young, old, own] })), ['0 shop/a.example 80 1']);
});

test('what is exported to the namespace by name comes before what is public, whatever its age', () => {
  const services = [
    aService('pay', 'a.example', { createdAt: 1 }),
    aService('ops', 'a.example', { createdAt: 2, exportTo: to('shop') }),
  ];
  assert.deepEqual(visible(see({ services })), ['0 ops/a.example 80 0']);
});

test('where all imports are exact only age counts, and each namespace offers its oldest entry', () => {
  const services = [
    aService('pay', 'a.example', { createdAt: 1 }),
    aService('ops', 'a.example', { createdAt: 2, exportTo: to('shop') }),
    aService('pay', 'a.example', { createdAt: 3, entry: 'second', ports: ports(443) }),
  ];
  const seen = (...hosts: string[]) => visible(see({ services, sidecars: [importing('shop', ...hosts)] }));
  assert.deepEqual(seen('ops/a.example', 'pay/a.example'), ['0 pay/a.example 80 0']);
  assert.deepEqual(seen('ops/a.example', 'pay/a.example', 'nowhere/*'), ['0 ops/a.example 80 0']);
  assert.deepEqual(seen('pay/a.*', 'pay/*'), ['0 pay/a.example 80 1', '0 pay/second 443 1']);
});

test('a Kubernetes Service takes over from entries, except from the proxy`s own namespace', () => {
  const host = 'a.pay.svc.cluster.local';
  const entry = aService('ops', host, { createdAt: 1 });
  const kube = aService('pay', host, { createdAt: 2, registry: 'kubernetes', entry: 'a', ports: ports(8080) });
  assert.deepEqual(visible(see({ services: [entry, kube] })), ['0 kube:pay/a 8080 1']);
  assert.deepEqual(visible(see({ services: [aService('shop', host), kube] })), [`0 shop/${host} 80 1`]);
});

test('in one namespace both an entry and a Kubernetes Service are listed, and the scope list has the latter alone', () => {
  const host = 'a.pay.svc.cluster.local';
  const services = [
    aService('pay', host, { createdAt: 1, ports: ports(9000) }),
    aService('pay', host, { createdAt: 2, registry: 'kubernetes', entry: 'a' }),
  ];
  const bed = see({ services });
  assert.deepEqual(visible(bed), ['0 kube:pay/a 80 1', `0 pay/${host} 9000 1`]);
  assert.deepEqual(scoped(bed), [`${host} pay 80`]);
});

test('two entries of one namespace and host are both listed, and merged when they agree', () => {
  const both = (more: object) => [
    aService('pay', 'a.example', { createdAt: 1, entry: 'one' }),
    aService('pay', 'a.example', { createdAt: 2, entry: 'two', ports: ports(80, 443), ...more }),
  ];
  const agreed = see({ services: both({}) });
  assert.deepEqual(visible(agreed), ['0 pay/one 80 1', '0 pay/two 80,443 1']);
  assert.deepEqual(scoped(agreed), ['a.example pay 80,443']);
  assert.deepEqual([...agreed.outputs.scoped.entries()][0]?.[1].services, [
    'external/pay/one/a.example',
    'external/pay/two/a.example',
  ]);
  for (const difference of [
    { resolution: 'static' },
    { labels: { a: 'b' } },
    { selector: { a: 'b' } },
    { exportTo: to('shop', 'x') },
  ]) {
    const bed = see({ services: both(difference) });
    assert.equal(visible(bed).length, 2, 'both have listeners');
    const kept = 'exportTo' in difference ? 'a.example pay 80,443' : 'a.example pay 80';
    assert.deepEqual(scoped(bed), [kept], JSON.stringify(difference));
  }
});

test('on a double port the first definition stays', () => {
  const first = { number: 80, name: 'first', protocol: 'http' as const };
  const services = [
    aService('pay', 'a.example', { createdAt: 1, entry: 'one', ports: [first] }),
    aService('pay', 'a.example', { createdAt: 2, entry: 'two', ports: [{ ...first, name: 'second' }, ...ports(443)] }),
  ];
  const [row] = [...see({ services }).outputs.scoped.entries()].map(([, value]) => value);
  assert.deepEqual(
    row?.ports.map((p) => p.name),
    ['first', 'p443'],
  );
});

test('listeners that each import a part of a service give the scope list the whole', () => {
  const services = [aService('pay', 'a.pay', { ports: ports(80, 443, 9000) })];
  const listener = (number: number) => ({ hosts: ['*/*'], port: { number, protocol: 'TCP' } });
  const bed = see({ services, sidecars: withEgress(listener(443), listener(80)) });
  assert.deepEqual(visible(bed), ['0 pay/a.pay 443 1', '1 pay/a.pay 80 1']);
  assert.deepEqual(scoped(bed), ['a.pay pay 443,80']);
});

test('destinations of imported VirtualServices extend the scope list but not the listeners', () => {
  const services = [
    aService('pay', 'a.example'),
    aService('ops', 'b.example', { ports: ports(80, 443) }),
    aService('ops', 'c.example'),
  ];
  const sidecars = [importing('shop', '*/a.example')];
  const led = (spec: ReturnType<typeof routeTo>, hosts = ['a.example']) => {
    const bed = see({ services, sidecars, routings: [aRouting('shop', 'v', hosts, { spec })] });
    assert.deepEqual(visible(bed), ['0 pay/a.example 80 1']);
    return scoped(bed).slice(1);
  };
  assert.deepEqual(led(routeTo('b.example:443')), ['b.example ops 443']);
  assert.deepEqual(led(routeTo('b.example:443', 'b.example')), ['b.example ops 80,443']);
  assert.deepEqual(led(routeTo('b.example:9')), [], 'no such port');
  assert.deepEqual(led(routeTo('nowhere.example')), []);
  assert.deepEqual(led(routeTo('b.example'), ['other.example']), [], 'not imported');
  const mirrors = [{ destination: { host: 'c.example' } }];
  assert.deepEqual(
    led({ http: [{ ...routeTo('a.example').http?.[0], mirror: { host: 'b.example', port: { number: 80 } }, mirrors }] }),
    ['b.example ops 80', 'c.example ops 80'],
  );
});

test('a destination means the service of the proxy`s namespace, else Kubernetes, else the oldest that is visible', () => {
  const routings = [aRouting('shop', 'v', ['a.example'], { spec: routeTo('b.example') })];
  const sidecars = [importing('shop', '*/a.example')];
  const old = aService('pay', 'b.example', { createdAt: 1 });
  const young = aService('ops', 'b.example', { createdAt: 2 });
  const kube = aService('zone', 'b.example', { createdAt: 3, registry: 'kubernetes' });
  const own = aService('shop', 'b.example', { createdAt: 4 });
  const found = (...services: (typeof old)[]) => scoped(see({ services, sidecars, routings }));
  assert.deepEqual(found(young, old), ['b.example pay 80']);
  assert.deepEqual(found(young, { ...old, exportTo: to('pay') }), ['b.example ops 80']);
  assert.deepEqual(found(young, old, kube), ['b.example zone 80']);
  assert.deepEqual(found(young, old, kube, own), ['b.example shop 80']);
});

test('a destination never overrides an explicit import', () => {
  const services = [
    aService('pay', 'b.example', { createdAt: 2 }),
    aService('ops', 'b.example', { createdAt: 1, ports: ports(443) }),
  ];
  const routings = [aRouting('shop', 'v', ['b.example'], { spec: routeTo('b.example') })];
  assert.deepEqual(scoped(see({ services, routings, sidecars: [importing('shop', 'pay/b.example')] })), ['b.example pay 80']);
  assert.deepEqual(scoped(see({ services, routings, sidecars: [importing('shop', 'shop/*')] })), ['b.example ops 443']);
});

test('routes for other namespaces lead nowhere from here', () => {
  const services = [aService('ops', 'b.example')];
  const led = (...match: { sourceNamespace?: string }[]) =>
    scoped(
      see({
        services,
        sidecars: [importing('shop', '*/a.example')],
        routings: [aRouting('shop', 'v', ['a.example'], { spec: { http: [{ ...routeTo('b.example').http?.[0], match }] } })],
      }),
    ).length;
  assert.equal(led({ sourceNamespace: 'pay' }), 0);
  assert.equal(led({ sourceNamespace: 'shop' }), 1);
  assert.equal(led({ sourceNamespace: 'pay' }, {}), 1);
});

test('on a listener with a port a destination keeps the port of the listener', () => {
  const services = [aService('ops', 'b.example', { ports: ports(80, 443) })];
  const routings = [aRouting('shop', 'v', ['a.example'], { spec: routeTo('b.example:80') })];
  const sidecars = withEgress({ hosts: ['*/a.example'], port: { number: 443, protocol: 'TLS' } });
  assert.deepEqual(scoped(see({ services, routings, sidecars })), ['b.example ops 443']);
  const elsewhere = [aRouting('shop', 'v', ['a.example'], { spec: routeTo('b.example:9') })];
  assert.deepEqual(scoped(see({ services, routings: elsewhere, sidecars })), ['b.example ops 443'], 'also if no port is reached');
});

test('gateways see all that is exported to them, several namespaces a host, whatever Sidecars say', () => {
  const services = [
    aService('pay', 'a.example', { createdAt: 1 }),
    aService('shop', 'a.example', { createdAt: 2 }),
    aService('ops', 'b.example', { exportTo: to('ops') }),
  ];
  const bed = settle({ proxies: [gateway], services, sidecars: [importing('shop', './*')] });
  assert.deepEqual(visible(bed), ['0 pay/a.example 80 1', '0 shop/a.example 80 1']);
  assert.deepEqual(scoped(bed), ['a.example pay 80'], 'no preference for the own namespace');
});

const one = [aService('pay', 'a.b.example')];
const ruleFor = (...rules: ReturnType<typeof aRule>[]) => scoped(see({ services: one, rules }))[0]?.split(' ')[3];

test('rules are looked for in the proxy`s namespace, the service`s, then the root namespace', () => {
  const at = (namespace: string) => aRule(namespace, 'a.b.example', { name: namespace });
  assert.equal(ruleFor(at('shop'), at('pay'), at('istio-system'), at('ops')), 'shop');
  assert.equal(ruleFor(at('pay'), at('istio-system'), at('ops')), 'pay');
  assert.equal(ruleFor(at('istio-system'), at('ops')), 'istio-system');
  assert.equal(ruleFor(at('ops')), undefined);
});

test('the first level with any match wins, be it by a wildcard', () => {
  assert.equal(ruleFor(aRule('shop', '*.example', { name: 'wide' }), aRule('pay', 'a.b.example', { name: 'exact' })), 'wide');
});

test('within a level the exact host comes first, then the longest wildcard', () => {
  const named = (host: string) => aRule('pay', host, { name: host });
  assert.equal(ruleFor(named('*'), named('*.example'), named('*.b.example'), named('a.b.example')), 'a.b.example');
  assert.equal(ruleFor(named('*'), named('*.example'), named('*.b.example')), '*.b.example');
  assert.equal(ruleFor(named('*'), named('*b.example'), named('*.example')), '*b.example');
  assert.equal(ruleFor(named('*'), named('*.c.example')), '*');
});

test('a rule counts where it is exported to', () => {
  assert.equal(ruleFor(aRule('shop', 'a.b.example', { exportTo: to('shop') })), 'rule');
  assert.equal(ruleFor(aRule('shop', 'a.b.example', { exportTo: to('pay') })), undefined, 'not even at home');
  assert.equal(ruleFor(aRule('pay', 'a.b.example', { exportTo: to('pay') })), undefined);
  assert.equal(ruleFor(aRule('pay', 'a.b.example', { exportTo: to('pay', 'shop') })), 'rule');
  const hidden = aRule('pay', 'a.b.example', { exportTo: to('ops'), name: 'hidden' });
  const root = aRule('istio-system', '*', { name: 'root' });
  assert.equal(ruleFor(hidden, aRule('pay', '*.example'), root), 'root', 'a hidden rule hides a wider one of its level');
});

test('a proxy of the root namespace takes only private rules at home, then those of the service', () => {
  const proxies = [aProxy({ namespace: 'istio-system' })];
  const found = (...rules: ReturnType<typeof aRule>[]) => scoped(settle({ proxies, services: one, rules }))[0]?.split(' ')[3];
  const catchAll = aRule('istio-system', '*', { name: 'root' });
  const service = aRule('pay', 'a.b.example', { name: 'pay' });
  assert.equal(found(catchAll, service), 'pay');
  assert.equal(found(catchAll), 'root');
  assert.equal(found({ ...catchAll, exportTo: to('istio-system') }, service), 'root');
});

test('a rule with a selector applies to the proxies of its namespace that match, before any without', () => {
  const selecting = (namespace: string, app: string, name = 'selecting') =>
    aRule(namespace, 'a.b.example', { selector: { app }, name });
  const general = aRule('shop', 'a.b.example', { name: 'general' });
  assert.equal(ruleFor(general, selecting('shop', 'web')), 'selecting');
  assert.equal(ruleFor(general, selecting('shop', 'batch')), 'general');
  assert.equal(ruleFor(selecting('pay', 'web')), undefined, 'of another namespace');
  assert.equal(ruleFor(selecting('shop', 'batch'), aRule('pay', 'a.b.example')), undefined, 'the level is taken all the same');
  assert.equal(
    ruleFor({ ...selecting('shop', 'web', 'young'), createdAt: 2 }, { ...selecting('shop', 'web', 'old'), createdAt: 1 }),
    'old',
  );
});

test('of several rules without a selector the last applies', () => {
  const rule = (name: string, createdAt: number) => aRule('pay', 'a.b.example', { name, createdAt, exportTo: to('shop', name) });
  assert.equal(ruleFor(rule('old', 1), rule('young', 2)), 'young');
});

test('VirtualServices are imported by host in either direction, and ranked by how they are exported', () => {
  const routings = [
    aRouting('shop', 'private', ['a.example'], { exportTo: to('shop') }),
    aRouting('pay', 'named', ['a.example'], { exportTo: to('shop') }),
    aRouting('pay', 'public', ['x.example', 'a.example']),
    aRouting('pay', 'wide', ['*.example']),
    aRouting('pay', 'foreign', ['a.example'], { exportTo: to('ops') }),
    aRouting('pay', 'other', ['b.example']),
    aRouting('pay', 'edge', ['a.example'], { gateways: ['pay/gw'] }),
    aRouting('pay', 'both', ['a.example'], { gateways: ['pay/gw', 'mesh'] }),
  ];
  const bed = see({ routings, sidecars: [importing('shop', '*/a.example')] });
  assert.deepEqual(imported(bed), ['0 pay/both 2', '0 pay/named 1', '0 pay/public 2', '0 pay/wide 2', '0 shop/private 0']);
});

test('a VirtualService is imported by namespace and can be excluded host by host', () => {
  const routings = [aRouting('pay', 'v', ['a.example', 'b.example'])];
  const found = (...hosts: string[]) => imported(see({ routings, sidecars: [importing('shop', ...hosts)] })).length;
  assert.equal(found('pay/*'), 1);
  assert.equal(found('ops/*'), 0);
  assert.equal(found('*/*.example'), 1);
  assert.equal(found('*/*', '~/a.example'), 1, 'b.example is left');
  assert.equal(found('*/*', '~/a.example', '~pay/b.example'), 0);
});

test('each egress listener imports VirtualServices of its own', () => {
  const routings = [aRouting('pay', 'a', ['a.example']), aRouting('pay', 'b', ['b.example'])];
  const sidecars = withEgress({ hosts: ['*/a.example'], port: { number: 80, protocol: 'HTTP' } }, { hosts: ['pay/*'] });
  assert.deepEqual(imported(see({ routings, sidecars })), ['0 pay/a 2', '1 pay/a 2', '1 pay/b 2']);
});

test('routers import no VirtualServices of the mesh', () => {
  assert.deepEqual(imported(settle({ proxies: [gateway], routings: [aRouting('pay', 'a', ['a.example'])] })), []);
});
