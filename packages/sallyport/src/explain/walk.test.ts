import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonValue } from '@bufbuild/protobuf';
import type { CallOutcome } from './outcome.ts';
import {
  call,
  downstreamTls,
  HTTP_INSPECTOR,
  httpChain,
  indexOf,
  listener,
  TLS_INSPECTOR,
  tcpChain,
  typed,
} from './testing/resources.ts';
import { walk } from './walk.ts';

type JsonObject = { readonly [key: string]: JsonValue };

const RDS = { rds: { routeConfigName: '80' } };
const HTTP = { protocol: 'http', host: 'a.example' };

/** A listener on port 80 with one connection manager, and the route configuration that it fetches. */
function http(
  virtualHost: JsonObject,
  more: { readonly manager?: JsonObject; readonly chain?: JsonObject; readonly config?: JsonObject } = {},
) {
  const virtualHosts = [{ name: 'a', domains: ['a.example'], ...virtualHost }];
  return indexOf({
    listeners: [
      listener('0.0.0.0:80', {
        listenerFilters: [TLS_INSPECTOR],
        filterChains: [httpChain('c', { ...RDS, ...more.manager }, more.chain)],
      }),
    ],
    routes: [{ name: '80', virtualHosts, ...more.config }],
    clusters: [{ name: 'up', type: 'STRICT_DNS' }],
  });
}

const routeTo = (route: JsonObject, more: JsonObject = {}): JsonObject => ({
  routes: [{ name: 'r', match: { prefix: '/' }, route, ...more }],
});
const outcome = (index: ReturnType<typeof indexOf>, given: Readonly<Record<string, unknown>>): Omit<CallOutcome, 'steps'> => {
  const { steps: _steps, ...rest } = walk(index, call(given));
  return rest;
};

describe('how far a failing call comes', () => {
  test('no listener', () => {
    assert.deepEqual(outcome(indexOf({}), {}), { error: 'NoListener' });
  });

  test('no chain, or several', () => {
    const chains = (...filterChains: JsonObject[]) =>
      outcome(indexOf({ listeners: [listener('0.0.0.0:80', { filterChains })] }), {});
    assert.deepEqual(chains(), { error: 'NoFilterChain', listener: '0.0.0.0:80' });
    assert.deepEqual(chains(tcpChain('a'), tcpChain('b')), { error: 'MultipleFilterChain', listener: '0.0.0.0:80' });
  });

  test('TLS errors name the chain', () => {
    const index = http({}, { chain: { transportSocket: downstreamTls('default', true) } });
    assert.deepEqual(outcome(index, HTTP), { error: 'TLSError', listener: '0.0.0.0:80', filterChain: 'c' });
    assert.deepEqual(outcome(index, { ...HTTP, tls: 'tls' }).error, 'MTLSError');
  });

  test('a connection manager takes neither raw TCP nor TLS that nobody has ended', () => {
    const index = http(routeTo({ cluster: 'up' }));
    assert.deepEqual(outcome(index, { protocol: 'tcp' }), { error: 'ProtocolError', listener: '0.0.0.0:80', filterChain: 'c' });
    assert.equal(outcome(index, { ...HTTP, tls: 'tls' }).error, 'ProtocolError');
    const ends = http(routeTo({ cluster: 'up' }), { chain: { transportSocket: downstreamTls('site', false) } });
    assert.equal(outcome(ends, { ...HTTP, tls: 'tls' }).error, null);
    assert.equal(outcome(ends, { protocol: 'tcp', tls: 'tls' }).error, 'ProtocolError');
  });

  test('a path with a fragment is refused before any route is looked for, also below a missing virtual host', () => {
    for (const index of [http(routeTo({ cluster: 'up' })), http({})])
      for (const path of ['/a#b', '/#', '/a?x=1#b']) assert.equal(outcome(index, { ...HTTP, path }).error, 'ProtocolError');
  });

  test('no virtual host, or no route configuration at all', () => {
    const on = { listener: '0.0.0.0:80', filterChain: 'c', routeConfig: '80' };
    assert.deepEqual(outcome(http({}), { ...HTTP, host: 'b.example' }), { error: 'NoVirtualHost', ...on });
    assert.deepEqual(outcome(http({}, { config: { name: '81' } }), HTTP), { error: 'NoVirtualHost', ...on });
  });

  test('a virtual host that wants TLS redirects plaintext', () => {
    const index = http({ requireTls: 'ALL', ...routeTo({ cluster: 'up' }) });
    const on = { listener: '0.0.0.0:80', filterChain: 'c', routeConfig: '80', virtualHost: 'a' };
    assert.deepEqual(outcome(index, HTTP), { error: 'TLSRedirect', ...on });
    const chain = { transportSocket: downstreamTls('site', false) };
    const ended = http({ requireTls: 'ALL', ...routeTo({ cluster: 'up' }) }, { chain });
    assert.equal(outcome(ended, { ...HTTP, tls: 'tls' }).cluster, 'up');
  });

  test('no route', () => {
    const on = { listener: '0.0.0.0:80', filterChain: 'c', routeConfig: '80', virtualHost: 'a' };
    assert.deepEqual(outcome(http({}), HTTP), { error: 'NoRoute', ...on });
    const unmatched = http({ routes: [{ name: 'r', route: { cluster: 'up' } }] });
    assert.deepEqual(outcome(unmatched, HTTP), { error: 'NoRoute', ...on });
  });
});

describe('where a routed call ends', () => {
  const detail = (virtualHost: JsonObject, more = {}, given = {}) =>
    outcome(http(virtualHost, more), { ...HTTP, ...given }).detail;
  const UP = [{ cluster: 'up', exists: true, type: 'STRICT_DNS' }];

  test('at a cluster', () => {
    const virtualHost = routeTo({ cluster: 'up', timeout: '1.5s', retryPolicy: { numRetries: 3 } });
    assert.deepEqual(outcome(http(virtualHost), HTTP), {
      error: null,
      listener: '0.0.0.0:80',
      filterChain: 'c',
      routeConfig: '80',
      virtualHost: 'a',
      route: 'r',
      cluster: 'up',
      detail: { routeIndex: 0, action: 'cluster', timeout: '1.5s', retries: 3, upstreams: UP },
    });
  });

  test('an inline configuration has no name to fetch it by', () => {
    const routeConfig = { name: 'inbound', virtualHosts: [{ name: 'i', domains: ['*'], ...routeTo({ cluster: 'up' }) }] };
    const chain = httpChain('c', { routeConfig });
    const { routeConfig: name, virtualHost } = outcome(
      indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [chain] })] }),
      HTTP,
    );
    assert.deepEqual([name, virtualHost], [undefined, 'i']);
  });

  test('Envoy’s defaults count where a route says nothing: 15 seconds, one retry', () => {
    assert.deepEqual(detail(routeTo({ cluster: 'up', retryPolicy: {} })), {
      routeIndex: 0,
      action: 'cluster',
      timeout: '15s',
      retries: 1,
      upstreams: UP,
    });
  });

  test('at weighted clusters, in their order', () => {
    const clusters = [
      { name: 'up', weight: 30 },
      { name: 'gone', weight: 70 },
    ];
    const found = outcome(http(routeTo({ weightedClusters: { clusters }, timeout: '0s' })), HTTP);
    assert.equal(found.cluster, undefined);
    assert.deepEqual(found.detail, {
      routeIndex: 0,
      action: 'weighted',
      weighted: [
        { cluster: 'up', weight: 30 },
        { cluster: 'gone', weight: 70 },
      ],
      timeout: '0s',
      upstreams: [{ cluster: 'gone', exists: false }, ...UP],
    });
  });

  test('at a cluster that a header names', () => {
    const index = http(routeTo({ clusterHeader: 'x-cluster', timeout: '0s' }));
    assert.equal(outcome(index, { ...HTTP, headers: { 'x-cluster': 'up' } }).cluster, 'up');
    assert.equal(outcome(index, HTTP).detail?.action, 'none');
  });

  test('at a redirect or an answer of the proxy', () => {
    const redirect = { match: { prefix: '/' }, redirect: { pathRedirect: '', httpsRedirect: true, responseCode: 'FOUND' } };
    assert.deepEqual(detail({ routes: [redirect] }), {
      routeIndex: 0,
      action: 'redirect',
      redirect: { pathRedirect: '', httpsRedirect: true, responseCode: 'FOUND' },
    });
    const direct = { match: { prefix: '/' }, directResponse: { status: 418 } };
    assert.deepEqual(detail({ routes: [direct] }), { routeIndex: 0, action: 'direct', directStatus: 418 });
    assert.deepEqual(detail({ routes: [{ match: { prefix: '/' }, nonForwardingAction: {} }] }), {
      routeIndex: 0,
      action: 'none',
    });
  });

  test('rewrites and copies are told', () => {
    const regexRewrite = { pattern: { regex: '^/old/(.*)' }, substitution: '/new/\\1' };
    const requestMirrorPolicies = [{ cluster: 'm2' }, { cluster: 'm1' }];
    const route = { cluster: 'up', hostRewriteLiteral: 'b.example', timeout: '0s', regexRewrite, requestMirrorPolicies };
    assert.deepEqual(detail(routeTo(route)), {
      routeIndex: 0,
      action: 'cluster',
      hostRewrite: 'b.example',
      regexRewrite,
      timeout: '0s',
      mirrors: ['m1', 'm2'],
      upstreams: UP,
    });
    assert.equal(detail(routeTo({ cluster: 'up', prefixRewrite: '/v2' }))?.prefixRewrite, '/v2');
  });

  test('settings of the virtual host count where the route has none', () => {
    const retryPolicy = { numRetries: 4 };
    const typedPerFilterConfig = {
      fault: typed('envoy.extensions.filters.http.fault.v3.HTTPFault', { abort: { httpStatus: 500 } }),
    };
    const found = detail({ ...routeTo({ cluster: 'up' }), retryPolicy, typedPerFilterConfig });
    assert.deepEqual([found?.retries, found?.fault], [4, true]);
    assert.equal(detail({ ...routeTo({ cluster: 'up', retryPolicy: { numRetries: 1 } }), retryPolicy })?.retries, 1);
    assert.equal(detail(routeTo({ cluster: 'up' }, { typedPerFilterConfig }))?.fault, true);
    assert.equal(detail(routeTo({ cluster: 'up' }))?.fault, undefined);
  });

  test('a dynamic forward proxy cluster wants its filter in the connection manager', () => {
    const clusterType = { name: 'envoy.clusters.dynamic_forward_proxy' };
    const filter = typed('envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig', {});
    const found = (httpFilters: JsonValue[]) => {
      const index = http(routeTo({ cluster: 'dfp' }), { manager: { httpFilters } });
      return walk({ ...index, clusters: indexOf({ clusters: [{ name: 'dfp', clusterType }] }).clusters }, call(HTTP)).detail;
    };
    assert.equal(found([{ name: 'dfp', typedConfig: filter }])?.dynamicForwardProxyFilter, true);
    assert.equal(found([])?.dynamicForwardProxyFilter, false);
    assert.equal('dynamicForwardProxyFilter' in detail(routeTo({ cluster: 'up' }))!, false);
  });
});

describe('TCP', () => {
  test('a TCP proxy takes anything, and gives its cluster', () => {
    const index = indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [tcpChain('up')] })] });
    for (const protocol of ['tcp', 'http', 'http2']) {
      for (const tls of ['plaintext', 'tls', 'mtls']) {
        const { cluster, detail } = outcome(index, { protocol, tls });
        assert.deepEqual([cluster, detail], ['up', { action: 'tcp', upstreams: [{ cluster: 'up', exists: false }] }]);
      }
    }
  });

  test('weighted clusters keep their order', () => {
    const weightedClusters = {
      clusters: [
        { name: 'b', weight: 9 },
        { name: 'a', weight: 1 },
      ],
    };
    const typedConfig = typed('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', { weightedClusters });
    const index = indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [{ filters: [{ name: 't', typedConfig }] }] })] });
    const { cluster, detail } = outcome(index, {});
    assert.equal(cluster, undefined);
    assert.deepEqual([detail?.action, detail?.weighted?.map((w) => w.cluster)], ['tcpWeighted', ['b', 'a']]);
    assert.deepEqual(
      detail?.upstreams?.map((u) => u.cluster),
      ['a', 'b'],
    );
  });

  test('a server name that decides the destination shows in the steps', () => {
    const sni = typed('envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig', { portValue: 443 });
    const { filters, ...chain } = tcpChain('dfp');
    const both = { ...chain, filters: [{ name: 'sni', typedConfig: sni }, ...(filters as JsonValue[])] };
    const index = indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [both] })] });
    assert.deepEqual(
      walk(index, call({})).steps.filter((step) => step.at === 'tcpProxy'),
      [{ at: 'tcpProxy', clusters: ['dfp'], bySni: true }],
    );
  });

  test('a chain that neither proxies nor routes ends nowhere', () => {
    const index = indexOf({ listeners: [listener('0.0.0.0:80', { filterChains: [{ name: 'c', filters: [] }] })] });
    assert.deepEqual(outcome(index, {}), { error: null, listener: '0.0.0.0:80', filterChain: 'c', detail: { action: 'none' } });
  });
});

test('the steps of a routed call tell every decision in order', () => {
  const index = http(routeTo({ cluster: 'up' }));
  const at = (given: object) => walk(index, call(given as Record<string, unknown>)).steps.map((step) => step.at);
  assert.deepEqual(at(HTTP), [
    'listener',
    'listenerFilter',
    'listenerFilter',
    'chosenChain',
    'tls',
    'routeConfig',
    'virtualHost',
    'route',
    'upstream',
  ]);
  assert.deepEqual(at({ ...HTTP, port: 81 }), ['listener']);
});

test('an unrelated listener, virtual host, route or cluster changes nothing', () => {
  const before = http(routeTo({ cluster: 'up' }));
  const more = indexOf({
    listeners: [
      listener('192.0.2.9:80', { filterChains: [tcpChain('other')] }),
      listener('0.0.0.0:80', {
        listenerFilters: [TLS_INSPECTOR, HTTP_INSPECTOR],
        filterChains: [httpChain('c', RDS), tcpChain('t', { destinationPort: 9 })],
      }),
    ],
    routes: [
      { name: '81', virtualHosts: [{ name: 'any', domains: ['*'] }] },
      {
        name: '80',
        virtualHosts: [
          { name: 'z', domains: ['z.example', '*.z.example'] },
          { name: 'a', domains: ['a.example'], ...routeTo({ cluster: 'up' }) },
        ],
      },
    ],
    clusters: [{ name: 'other' }, { name: 'up', type: 'STRICT_DNS' }],
  });
  assert.deepEqual(outcome(more, HTTP), outcome(before, HTTP));
});
