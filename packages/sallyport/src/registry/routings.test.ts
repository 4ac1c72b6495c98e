import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRoute, Routing } from '../model/index.ts';
import { rowsOf, type TestRegistry, testRegistry } from './testing/registry.ts';

function registryOf(text: string): TestRegistry {
  const registry = testRegistry();
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return registry;
}

const routing = (registry: TestRegistry, name = 'a'): Routing => {
  const row = registry.outputs.routings.get(`VirtualService/shop/${name}`);
  assert.ok(row, `no routing ${name}`);
  return row;
};

const virtualService = (name: string, spec: string, namespace = 'shop') => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec:
${spec}
`;

test('short names are spelled out wherever a host or a gateway is named', () => {
  const { spec, hosts, gateways } = routing(
    registryOf(
      virtualService(
        'a',
        `  hosts: [Web, API.example.com]
  gateways: [mesh, out, edge/in]
  http:
  - match: [{uri: {prefix: /}, gateways: [out]}]
    route: [{destination: {host: Web}, weight: 3}]
    mirror: {host: copy}
    mirrors: [{destination: {host: copy2}}]
  tls:
  - match: [{sniHosts: [a.example], gateways: [mesh]}]
    route: [{destination: {host: web, port: {number: 443}}}]
  tcp:
  - route: [{destination: {host: db.example.com}}]`,
      ),
    ),
  );
  assert.deepEqual(hosts, ['web.shop.svc.cluster.local', 'api.example.com']);
  assert.deepEqual(gateways, ['mesh', 'shop/out', 'edge/in']);
  assert.deepEqual(spec.http, [
    {
      match: [{ uri: { prefix: '/' }, gateways: ['shop/out'] }],
      route: [{ destination: { host: 'web.shop.svc.cluster.local' }, weight: 3 }],
      mirror: { host: 'copy.shop.svc.cluster.local' },
      mirrors: [{ destination: { host: 'copy2.shop.svc.cluster.local' } }],
    },
  ]);
  assert.deepEqual(spec.tls?.[0]?.route?.[0]?.destination, { host: 'web.shop.svc.cluster.local', port: { number: 443 } });
  assert.deepEqual(spec.tcp?.[0]?.route?.[0]?.destination, { host: 'db.example.com' });
});

test('without gateways a VirtualService is for sidecars', () => {
  assert.deepEqual(routing(registryOf(virtualService('a', '  hosts: [a.example]'))).gateways, ['mesh']);
});

/** The http routes of root `a` after merging with delegate `d` of namespace `other`. */
function merged(root: string, delegate: string, exportTo = '"*"'): readonly HttpRoute[] {
  const registry = registryOf(
    virtualService('a', `  hosts: [a.example]\n  http:\n  - {delegate: {name: d, namespace: other}, ${root}}`) +
      virtualService('d', `  exportTo: [${exportTo}]\n  http:\n${delegate}`, 'other'),
  );
  assert.deepEqual([...registry.outputs.routings.keys()], ['VirtualService/shop/a']);
  return routing(registry).spec.http ?? [];
}

test('a delegate’s routes stand in the place of the route that delegates, and its names are of its own namespace', () => {
  const routes = merged(
    'match: [{uri: {prefix: /a}}]',
    '  - {match: [{uri: {prefix: /a/1}}], route: [{destination: {host: web}}]}\n  - {name: rest}',
  );
  assert.deepEqual(routes, [
    { match: [{ uri: { prefix: '/a/1' } }], route: [{ destination: { host: 'web.other.svc.cluster.local' } }] },
    { name: 'rest', match: [{ uri: { prefix: '/a' } }] },
  ]);
});

test('what a delegate leaves unset it inherits, and names are joined', () => {
  const [route] = merged(
    'name: root, timeout: 9s, retries: {attempts: 1}, headers: {request: {set: {x: "1"}}}',
    '  - {name: leaf, timeout: 1s}',
  );
  assert.deepEqual(route, {
    name: 'root-leaf',
    timeout: '1s',
    retries: { attempts: 1 },
    headers: { request: { set: { x: '1' } } },
  });
});

test('matches are combined pairwise, without the pairs that conflict', () => {
  const routes = merged(
    'match: [{uri: {prefix: /a}, port: 80, headers: {x: {exact: "1"}}}, {uri: {exact: /b}, name: b}]',
    '  - {match: [{uri: {prefix: /a/c}, method: {exact: GET}}, {headers: {w: {exact: "2"}}, name: w}]}',
  );
  assert.deepEqual(routes[0]?.match, [
    { uri: { prefix: '/a/c' }, port: 80, headers: { x: { exact: '1' } }, method: { exact: 'GET' } },
    { uri: { prefix: '/a' }, port: 80, headers: { x: { exact: '1' }, w: { exact: '2' } }, name: 'w' },
    { uri: { exact: '/b' }, headers: { w: { exact: '2' } }, name: 'b-w' },
  ]);
});

for (const [what, root, leaf] of [
  ['another exact path', '{uri: {exact: /b}}', '{uri: {exact: /z}}'],
  ['a prefix under an exact path', '{uri: {exact: /b}}', '{uri: {prefix: /b}}'],
  ['a prefix that is not longer', '{uri: {prefix: /a/b}}', '{uri: {prefix: /a}}'],
  ['anything under a regular expression', '{uri: {regex: /a.*}}', '{uri: {prefix: /a}}'],
  ['a regular expression under a prefix', '{uri: {prefix: /a}}', '{uri: {regex: /a.*}}'],
  ['another port', '{port: 80}', '{port: 81}'],
  ['another header value', '{headers: {x: {exact: a}}}', '{headers: {x: {exact: b}}}'],
  ['another source namespace', '{sourceNamespace: a}', '{sourceNamespace: b}'],
  ['another label value', '{sourceLabels: {app: a}}', '{sourceLabels: {app: b}}'],
  ['gateways beyond the root’s', '{gateways: [mesh]}', '{gateways: [mesh, out]}'],
  ['another case sensitivity', '{ignoreUriCase: true, uri: {prefix: /a}}', '{uri: {prefix: /a}}'],
] as const)
  test(`a delegate’s route is dropped for ${what}`, () => {
    assert.deepEqual(merged(`match: [${root}]`, `  - {match: [${leaf}]}`), []);
  });

test('one match without a partner drops its route, not the delegate’s other routes', () => {
  const routes = merged(
    'match: [{uri: {prefix: /a}}]',
    '  - {match: [{uri: {prefix: /a/1}}, {uri: {prefix: /b}}]}\n  - {name: stays}',
  );
  assert.deepEqual(
    routes.map(({ name }) => name),
    ['stays'],
  );
});

test('a delegate that is missing or not exported drops the route, and comes into force when it is', () => {
  assert.deepEqual(merged('timeout: 1s', '  - {name: x}', '.'), []);
  const registry = registryOf(virtualService('a', '  hosts: [a.example]\n  http:\n  - delegate: {name: d}\n  - {name: own}'));
  assert.deepEqual(
    routing(registry).spec.http?.map(({ name }) => name),
    ['own'],
  );
  registry.write(virtualService('d', '  http:\n  - {name: lent}'));
  assert.deepEqual(
    routing(registry).spec.http?.map(({ name }) => name),
    ['lent', 'own'],
  );
});
