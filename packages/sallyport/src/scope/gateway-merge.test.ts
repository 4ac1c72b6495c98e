import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayServers } from '../model/index.ts';
import { byGatewayAge, mergeServers } from './gateway-merge.ts';
import { aGateway, aServer } from './testing/rows.ts';

/** What opens: `port bind: servers`, and the codes and places of what is said. */
function merged(gateways: readonly GatewayServers[], targetsOf: (port: number) => readonly number[] = (port) => [port]) {
  const { ports, issues } = mergeServers(
    gateways.toSorted(byGatewayAge).map((gateway) => ({ gateway, targetsOf })),
    '0.0.0.0',
  );
  return {
    opens: ports.map(({ port, bind, servers }) => {
      const names = servers.map(({ gateway, index, routes }) => `${gateway.name}[${index}]${routes && ` ${routes}`}`);
      return `${port}${bind && ` ${bind}`}: ${names.join(', ')}`;
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
  assert.deepEqual(opens, ['80: a[0] http.80, b[0] http.80']);
  assert.deepEqual(said, []);
});

test('TLS servers share a port, each that ends TLS with routes of its own', () => {
  const passing = aServer(443, 'tls', { hosts: [{ host: 'p.example' }], tls: { mode: 'PASSTHROUGH' } });
  const { opens } = merged([aGateway('edge', 'a', [https('a.example'), passing, https('b.example', 'other')])]);
  assert.deepEqual(opens, ['443: a[0] https.443.https.a.edge, a[2] https.443.other.a.edge, a[1]']);
});

test('of servers that cannot share a port the oldest Gateway has it, and both are named', () => {
  const tcp = aGateway('edge', 'young', [aServer(80, 'tcp')], { createdAt: 9 });
  const { opens, said, messages } = merged([tcp, aGateway('edge', 'old', [aServer(80, 'http')], { createdAt: 1 })]);
  assert.deepEqual(opens, ['80: old[0] http.80']);
  assert.deepEqual(said, ['PORT_CONFLICT young spec.servers.0']);
  assert.match(messages[0]!, /server 1 of Gateway edge\/young is left out on port 80: server 1 of Gateway edge\/old/);
  assert.deepEqual(merged([tcp, { ...tcp, key: { ...tcp.key, name: 'zwei' } }]).opens, ['80: young[0]']);
});

test('TLS that is there first shares its port with what is plain, TLS that comes after does not', () => {
  const [plain, other] = [aServer(443, 'http'), aServer(443, 'tcp')];
  assert.deepEqual(merged([aGateway('edge', 'a', [https('a.example'), plain, other, https('b.example', 'late')])]), {
    opens: ['443: a[0] https.443.https.a.edge, a[1] http.443'],
    said: ['PORT_CONFLICT a spec.servers.2', 'PORT_CONFLICT a spec.servers.3'],
    messages: [
      'server 3 of Gateway edge/a is left out on port 443: server 2 of Gateway edge/a has the port already, and TCP cannot share the port with HTTP',
      'server 4 of Gateway edge/a is left out on port 443: server 2 of Gateway edge/a has the port already, and HTTPS cannot share the port with HTTP',
    ],
  });
});

test('the plain server that last opened an address decides what goes together with it there', () => {
  const servers = [aServer(80, 'http'), aServer(80, 'http', { bind: '10.0.0.1' }), aServer(80, 'tcp'), aServer(80, 'http2')];
  const tcp = aServer(80, 'tcp', { bind: '10.0.0.1' });
  const { opens, said } = merged([aGateway('edge', 'a', [...servers, tcp])]);
  // Of two plain servers that stand together so, the listener has the first.
  assert.deepEqual(opens, ['80: a[0] http.80, a[2]', '80 10.0.0.1: a[1] http.80.10.0.0.1, a[4]']);
  assert.deepEqual(said, ['PORT_CONFLICT a spec.servers.3']);
});

test('a TLS server that is left out keeps its hosts from TLS servers after it', () => {
  const redirect = aServer(80, 'http', { hosts: [{ host: 'a.example' }], tls: { httpsRedirect: true } });
  const passing = aServer(80, 'tls', { hosts: [{ host: 'a.example' }], tls: { mode: 'PASSTHROUGH' } });
  const { opens, messages } = merged([aGateway('edge', 'a', [aServer(80, 'http'), passing, redirect])]);
  assert.deepEqual(opens, ['80: a[0] http.80']);
  assert.match(
    messages[1]!,
    /server 3 .* left out on port 80: server 2 of Gateway edge\/a came first, and both are for a.example/,
  );
});

test('an address of its own is a place of its own, and the wildcard address is none', () => {
  const servers = [
    aServer(80, 'http'),
    aServer(80, 'tcp', { bind: '10.0.0.1' }),
    aServer(80, 'http', { bind: '10.0.0.2' }),
    aServer(80, 'tcp', { bind: '0.0.0.0' }),
  ];
  const { opens, said } = merged([aGateway('edge', 'a', servers)]);
  assert.deepEqual(opens, ['80: a[0] http.80, a[3]', '80 10.0.0.1: a[1]', '80 10.0.0.2: a[2] http.80.10.0.0.2']);
  assert.deepEqual(said, []);
});

test('a TLS server whose host another one has is left out, and does not keep its other hosts from others', () => {
  const two = aServer(443, 'https', { hosts: [{ host: 'a.example' }, { host: 'b.example' }], tls: simple, name: 'two' });
  const { opens, said } = merged([aGateway('edge', 'a', [https('a.example'), two, https('b.example', 'three')])]);
  assert.deepEqual(opens, ['443: a[0] https.443.https.a.edge, a[2] https.443.three.a.edge']);
  assert.deepEqual(said, ['PORT_CONFLICT a spec.servers.1']);
});

test('a Service’s port is bound as the port that it leads to', () => {
  const gateway = aGateway('edge', 'a', [aServer(80, 'http'), https('a.example')]);
  assert.deepEqual(merged([gateway], (port) => [port + 8000]).opens, [
    '8080: a[0] http.8080',
    '8443: a[1] https.443.https.a.edge',
  ]);
  assert.deepEqual(merged([gateway], () => []).opens, []);
});
