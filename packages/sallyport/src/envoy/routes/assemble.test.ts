import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleRoutes } from './assemble.ts';
import type { CatchAll } from './caller.ts';
import { domainsIn, routesJson } from './testing/rows.ts';
import { type EncodedVirtualHost, encodeVirtualHost } from './virtual-host.ts';

const BLOCK: CatchAll = { name: 'block_all' };

function host(
  name: string,
  given: { all?: readonly string[]; short?: readonly string[]; object?: string; known?: boolean } = {},
): EncodedVirtualHost {
  const domains = { all: given.all ?? [name], short: given.short ?? [] };
  const key = { kind: 'ServiceEntry', namespace: 'shop', name: given.object ?? name };
  const known = given.known === false ? {} : { service: name };
  return encodeVirtualHost(
    { host: name, port: 80, listenPort: 80, ...known, sources: '', destinations: {}, domains },
    { routing: undefined, ruleOf: () => undefined, meshRetries: undefined, service: key },
  );
}

function assembled(hosts: readonly EncodedVirtualHost[], catchAll: CatchAll | undefined = BLOCK) {
  const { resource, shadows } = assembleRoutes({ name: '80', ...(catchAll && { catchAll }) }, hosts);
  const json = routesJson(resource.bytes);
  return { json, domains: domainsIn(json), lost: shadows.map(({ loser, winner, domain }) => [loser.host, winner.host, domain]) };
}

test('a route configuration says what every configuration of Istio says', () => {
  const { virtualHosts, ...head } = assembled([]).json;
  assert.deepEqual(head, {
    name: '80',
    validateClusters: false,
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: 1048576,
  });
  assert.deepEqual(virtualHosts, [
    {
      name: 'block_all',
      domains: ['*'],
      includeRequestAttemptCount: true,
      routes: [{ name: 'block_all', match: { prefix: '/' }, directResponse: { status: 502 } }],
    },
  ]);
});

test('what nothing names passes through, by the egress proxy or by a cluster that resolves it, as the policy says', () => {
  const action = (catchAll: CatchAll) => assembled([], catchAll).json.virtualHosts[0]?.routes[0];
  assert.deepEqual(action({ name: 'allow_any', cluster: 'PassthroughCluster' }), {
    name: 'allow_any',
    match: { prefix: '/' },
    route: { cluster: 'PassthroughCluster', timeout: '0s', maxGrpcTimeout: '0s' },
  });
  assert.deepEqual(action({ name: 'allow_any_dynamic_dns', cluster: 'AllowAnyDynamicDNSCluster' })?.['route'], {
    cluster: 'AllowAnyDynamicDNSCluster',
    timeout: '0s',
    maxGrpcTimeout: '0s',
  });
});

test('virtual hosts stand sorted by name, the catch-all last, whatever order they claim domains in', () => {
  assert.deepEqual(Object.keys(assembled([host('c.example'), host('a.example'), host('b.example')]).domains), [
    'a.example:80',
    'b.example:80',
    'c.example:80',
    'block_all',
  ]);
});

test('a domain goes to the first who claims it, and the other keeps the rest', () => {
  const first = host('a.example', { all: ['a.example', '10.0.0.1'] });
  const second = host('b.example', { all: ['b.example', '10.0.0.1', '10.0.0.2'] });
  const { domains, lost, json } = assembled([first, second]);
  assert.deepEqual(domains, {
    'a.example:80': ['a.example', '10.0.0.1'],
    'b.example:80': ['b.example', '10.0.0.2'],
    block_all: ['*'],
  });
  assert.deepEqual(lost, [['b.example', 'a.example', '10.0.0.1']]);
  assert.equal(json.virtualHosts[1]?.routes.length, 1, 'the routes of the loser are still there');
});

test('a virtual host whose name is taken is dropped', () => {
  const { domains, lost } = assembled([host('a.example', { object: 'older' }), host('a.example', { object: 'younger' })]);
  assert.deepEqual(Object.keys(domains), ['a.example:80', 'block_all']);
  assert.deepEqual(lost, [['a.example', 'a.example', undefined]]);
});

test('a virtual host without any domain left is dropped', () => {
  const { domains } = assembled([host('a.example', { all: ['a.example', 'b.example'] }), host('b.example')]);
  assert.deepEqual(Object.keys(domains), ['a.example:80', 'block_all']);
});

test('a short form yields to the service whose full name it is, also if that comes later', () => {
  const expanded = host('foo.com.cluster.local', { all: ['foo.com.cluster.local', 'foo.com'], short: ['foo.com'] });
  const { domains, lost } = assembled([expanded, host('foo.com')]);
  assert.deepEqual(domains['foo.com.cluster.local:80'], ['foo.com.cluster.local']);
  assert.deepEqual(domains['foo.com:80'], ['foo.com']);
  assert.deepEqual(lost, []);
});

test('a host that no service has does not take a short form away', () => {
  const unknown = host('foo', { known: false });
  const expanded = host('foo.shop.svc.cluster.local', { all: ['foo.shop.svc.cluster.local', 'foo'], short: ['foo'] });
  assert.deepEqual(assembled([expanded, unknown]).domains['foo.shop.svc.cluster.local:80'], [
    'foo.shop.svc.cluster.local',
    'foo',
  ]);
});

test('an alias with a VirtualService of its own takes its name from the host it stands for without a complaint', () => {
  const alias = host('alias.example', { known: false });
  const concrete = host('concrete.example', { all: ['concrete.example', 'alias.example'] });
  assert.deepEqual(assembled([alias, concrete]).lost, []);
});

test('routes of one service on its own address answer every host, and nothing else is there', () => {
  const { resource } = assembleRoutes({ name: 'a.example:80' }, [host('a.example')]);
  const json = routesJson(resource.bytes);
  assert.deepEqual(domainsIn(json), { 'a.example:80': ['*'] });
});
