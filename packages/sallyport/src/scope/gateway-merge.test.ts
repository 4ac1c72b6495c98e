import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayServers } from '../model/index.ts';
import { byGatewayAge, mergeServers } from './gateway-merge.ts';
import { aGateway, aServer } from './testing/rows.ts';

/** What opens: `kind port bind: servers`, and the codes and places of what is said. */
function merged(gateways: readonly GatewayServers[], targetsOf: (port: number) => readonly number[] = (port) => [port]) {
  const { ports, issues } = mergeServers(
    gateways.toSorted(byGatewayAge).map((gateway) => ({ gateway, targetsOf })),
    '0.0.0.0',
  );
  return {
    opens: ports.map(({ kind, port, bind, servers }) => {
      const names = servers.map(({ gateway, index, routes }) => `${gateway.name}[${index}]${routes && ` ${routes}`}`);
      return `${kind} ${port}${bind && ` ${bind}`}: ${names.join(', ')}`;
    }),
    said: issues.map(({ code, object, field }) => `${code} ${object?.name} ${field?.join('.')}`),
    messages: issues.map(({ message }) => message),
  };
}

const simple = { mode: 'SIMPLE', credentialName: 'c' } as const;
const https = (host: string, name = 'https') => aServer(443, 'https', { hosts: [{ host }], tls: simple, name });

test('plain HTTP servers of all Gateways share a port and a route configuration', () => {
  const { opens, said } = merged([
    aGateway('edge', 'b', [aServer(80, 'http2')], { createdAt: 2 }),
    aGateway('edge', 'a', [aServer(80, 'http')], { createdAt: 1 }),
  ]);
  assert.deepEqual(opens, ['http 80: a[0] http.80, b[0] http.80']);
  assert.deepEqual(said, []);
});

test('TLS servers share a port, each that ends TLS with routes of its own', () => {
  const passing = aServer(443, 'tls', { hosts: [{ host: 'p.example' }], tls: { mode: 'PASSTHROUGH' } });
  const { opens } = merged([aGateway('edge', 'a', [https('a.example'), passing, https('b.example', 'other')])]);
  assert.deepEqual(opens, ['tls 443: a[0] https.443.https.a.edge, a[1], a[2] https.443.other.a.edge']);
});

test('of servers that cannot share a port the oldest Gateway has it, and both are named', () => {
  const tcp = aGateway('edge', 'young', [aServer(80, 'tcp')], { createdAt: 9 });
  const { opens, said, messages } = merged([tcp, aGateway('edge', 'old', [aServer(80, 'http')], { createdAt: 1 })]);
  assert.deepEqual(opens, ['http 80: old[0] http.80']);
  assert.deepEqual(said, ['PORT_CONFLICT young spec.servers.0']);
  assert.match(messages[0]!, /server 1 of Gateway edge\/young is left out on port 80: server 1 of Gateway edge\/old/);
  assert.deepEqual(merged([tcp, { ...tcp, key: { ...tcp.key, name: 'zwei' } }]).opens, ['tcp 80: young[0]']);
  assert.deepEqual(merged([aGateway('edge', 'a', [https('a.example'), aServer(443, 'http')])]).opens, [
    'tls 443: a[0] https.443.https.a.edge',
  ]);
});

test('an address of its own is a place of its own, and the wildcard address is none', () => {
  const servers = [
    aServer(80, 'http'),
    aServer(80, 'tcp', { bind: '10.0.0.1' }),
    aServer(80, 'http', { bind: '10.0.0.2' }),
    aServer(80, 'tcp', { bind: '0.0.0.0' }),
  ];
  const { opens, said } = merged([aGateway('edge', 'a', servers)]);
  assert.deepEqual(opens, ['http 80: a[0] http.80', 'tcp 80 10.0.0.1: a[1]', 'http 80 10.0.0.2: a[2] http.80.10.0.0.2']);
  assert.deepEqual(said, ['PORT_CONFLICT a spec.servers.3']);
});

test('a TLS server whose host another one has is left out, and does not keep its other hosts from others', () => {
  const two = aServer(443, 'https', { hosts: [{ host: 'a.example' }, { host: 'b.example' }], tls: simple, name: 'two' });
  const { opens, said } = merged([aGateway('edge', 'a', [https('a.example'), two, https('b.example', 'three')])]);
  assert.deepEqual(opens, ['tls 443: a[0] https.443.https.a.edge, a[2] https.443.three.a.edge']);
  assert.deepEqual(said, ['PORT_CONFLICT a spec.servers.1']);
});

test('servers that end TLS for one name do not share a port, whatever namespaces they are for', () => {
  const of = (namespace: string, tls: typeof simple | { readonly mode: 'PASSTHROUGH' }) =>
    aGateway('edge', namespace, [aServer(443, 'https', { hosts: [{ namespace, host: '*' }], tls })]);
  assert.deepEqual(merged([of('a', simple), of('b', simple)]).opens, ['tls 443: a[0] https.443.https.a.edge']);
  // What passes through is told apart by the names that routes match.
  const passing = { mode: 'PASSTHROUGH' } as const;
  assert.deepEqual(merged([of('a', passing), of('b', passing)]).opens, ['tls 443: a[0], b[0]']);
});

test('a Service’s port is bound as the port that it leads to', () => {
  const gateway = aGateway('edge', 'a', [aServer(80, 'http'), https('a.example')]);
  assert.deepEqual(merged([gateway], (port) => [port + 8000]).opens, [
    'http 8080: a[0] http.8080',
    'tls 8443: a[1] https.443.https.a.edge',
  ]);
  assert.deepEqual(merged([gateway], () => []).opens, []);
});
