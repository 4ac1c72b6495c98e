import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import { stepText } from './step-text.ts';
import { call, downstreamTls, httpChain, indexOf, listener, TLS_INSPECTOR, tcpChain } from './testing/resources.ts';
import { walk } from './walk.ts';

const match = { prefix: '/' };
const headers = [{ name: 'x', stringMatch: { exact: '1' } }];
const routes: JsonValue[] = [
  { name: 'r', match: { ...match, headers }, route: { cluster: 'a' } },
  { match, route: { cluster: 'gone' } },
];
const index = indexOf({
  listeners: [
    listener('0.0.0.0:80', { filterChains: [httpChain('web', { rds: { routeConfigName: '80' } })] }),
    listener('192.0.2.1:443', {
      listenerFilters: [TLS_INSPECTOR],
      filterChains: [tcpChain('a', { serverNames: ['a.example'] }), tcpChain('b', { serverNames: ['b.example'] })],
      defaultFilterChain: tcpChain('rest', {}, { transportSocket: downstreamTls('default', true) }),
    }),
  ],
  routes: [{ name: '80', virtualHosts: [{ name: 'v', domains: ['*.example'], routes }] }],
});

function check(given: Readonly<Record<string, unknown>>, expected: readonly string[]): void {
  assert.deepEqual(walk(index, call(given)).steps.map(stepText), expected);
}

test('a routed call reads as a story', () => {
  check({ protocol: 'http', host: 'b.example' }, [
    'no listener is bound to this address; 0.0.0.0:80 takes the port on all addresses',
    'there is no TLS inspector',
    'there is no HTTP inspector',
    'the chain is web',
    'the chain leaves TLS alone, and the call is plaintext',
    'the route configuration is 80',
    'b.example is in the virtual host v, domain *.example',
    'route 0 (r) does not fit: not true that header x = "1"',
    'route 1 fits: path starts with "/"',
    'the cluster gone does not exist: the answer is 503 NC',
  ]);
});

test('so does a call by server name', () => {
  check({ address: '192.0.2.1', port: 443, tls: 'tls', host: 'a.example' }, [
    'the listener 192.0.2.1:443 is bound to exactly this address and port',
    'the TLS inspector sees TLS, server name a.example',
    'there is no HTTP inspector',
    'by server name (a.example) 1 of 2 chains stay: a.example matches',
    'the chain is a',
    'the chain leaves TLS alone, and the call is tls',
    'the TCP proxy sends it to a',
    'the cluster a does not exist: the answer is 503 NC',
  ]);
});

test('and one that fails', () => {
  check({ address: '192.0.2.1', port: 443, tls: 'tls', host: 'c.example' }, [
    'the listener 192.0.2.1:443 is bound to exactly this address and port',
    'the TLS inspector sees TLS, server name c.example',
    'there is no HTTP inspector',
    'by server name (c.example) 0 of 2 chains stay: none matches, so only those without it stay',
    'no chain matches, so the default chain takes it: rest',
    'the chain ends mutual TLS between workloads, but the call is tls',
  ]);
  check({ address: '192.0.2.1', port: 9 }, ['no listener takes it; looked for 192.0.2.1:9, 0.0.0.0:9, virtualOutbound']);
  check({ inbound: true }, ['no listener takes it; looked for virtualInbound']);
});
