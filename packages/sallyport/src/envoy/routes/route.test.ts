import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import type { HttpRetry, HttpRoute } from '../../model/index.ts';
import { build, routing, rule, service, type World } from './testing/rows.ts';

const HOST = 'login.idp.example';
const TO = { route: [{ destination: { host: HOST } }] };
const RETRIES = {
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  numRetries: 2,
  retryHostPredicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
  hostSelectionRetryMaxAttempts: '5',
};

/** The routes of a VirtualService `v` with these HTTP routes for {@link HOST} on the port. */
function routes(http: readonly HttpRoute[], world: World = {}, port = 80): readonly JsonObject[] {
  const services = world.services ?? [service(HOST, [`http:${port}`])];
  const all = build({ ...world, services, routings: [routing('v', { hosts: [HOST], http })] });
  return all[String(port)]!.virtualHosts.find(({ name }) => name === `${HOST}:${port}`)!.routes;
}

/** The action of the only route. */
function action(route: Partial<HttpRoute>, world?: World): JsonObject {
  return routes([{ ...TO, ...route }], world)[0]!['route'] as JsonObject;
}

function match(given: NonNullable<HttpRoute['match']>[number]): JsonObject {
  return routes([{ ...TO, match: [given] }])[0]!['match'] as JsonObject;
}

test('a route without match takes everything, named after its VirtualService, without timeout, with retries', () => {
  assert.deepEqual(routes([{ ...TO, name: 'last' }]), [
    {
      name: 'last',
      match: { prefix: '/' },
      metadata: { filterMetadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/v' } } },
      decorator: { operation: `${HOST}:80/*` },
      route: { cluster: `outbound|80||${HOST}`, timeout: '0s', maxGrpcTimeout: '0s', retryPolicy: RETRIES },
    },
  ]);
});

test('a service without VirtualService has one route named default, without metadata', () => {
  const all = build({ services: [service(HOST)] });
  assert.deepEqual(all['80']?.virtualHosts[0]?.routes, [
    {
      name: 'default',
      match: { prefix: '/' },
      decorator: { operation: `${HOST}:80/*` },
      route: { cluster: `outbound|80||${HOST}`, timeout: '0s', maxGrpcTimeout: '0s', retryPolicy: RETRIES },
    },
  ]);
});

test('paths match exactly, by prefix or by expression, with or without regard to case', () => {
  assert.deepEqual(match({ uri: { exact: '/a' } }), { path: '/a', caseSensitive: true });
  assert.deepEqual(match({ uri: { prefix: '/a' }, ignoreUriCase: true }), { prefix: '/a', caseSensitive: false });
  assert.deepEqual(match({ uri: { regex: '/a.*' } }), { safeRegex: { regex: '/a.*' }, caseSensitive: true });
  assert.deepEqual(match({ port: 80 }), { prefix: '/', caseSensitive: true });
});

test('header conditions are sorted, and what is not a header follows them', () => {
  const given = match({
    headers: { 'x-b': { exact: '1' }, 'x-a': {} },
    withoutHeaders: { 'x-0': { prefix: 'v' }, 'x-c': {} },
    scheme: { exact: 'https' },
    method: { exact: 'GET' },
    authority: { regex: '.*' },
  });
  assert.deepEqual(given['headers'], [
    { name: 'x-0', stringMatch: { prefix: 'v' }, invertMatch: true, treatMissingHeaderAsEmpty: true },
    { name: 'x-a', presentMatch: true },
    { name: 'x-b', stringMatch: { exact: '1' } },
    { name: 'x-c', presentMatch: true, invertMatch: true },
    { name: ':method', stringMatch: { exact: 'GET' } },
    { name: ':authority', stringMatch: { safeRegex: { regex: '.*' } } },
    { name: ':scheme', stringMatch: { exact: 'https' } },
  ]);
});

test('the expression *, which is none, asks for presence', () => {
  assert.deepEqual(match({ headers: { 'x-a': { regex: '*' } } })['headers'], [{ name: 'x-a', presentMatch: true }]);
  assert.deepEqual(match({ queryParams: { q: { regex: '*' } } })['queryParameters'], [{ name: 'q', presentMatch: true }]);
});

test('query conditions come sorted', () => {
  assert.deepEqual(match({ queryParams: { z: { exact: '1' }, a: { prefix: 'x' } } })['queryParameters'], [
    { name: 'a', stringMatch: { prefix: 'x' } },
    { name: 'z', stringMatch: { exact: '1' } },
  ]);
});

test('nothing follows a route that takes everything', () => {
  const names = (http: readonly HttpRoute[]) => routes(http).map(({ name }) => name);
  assert.deepEqual(
    names([
      { ...TO, name: 'a' },
      { ...TO, name: 'b' },
    ]),
    ['a'],
  );
  assert.deepEqual(
    names([
      { ...TO, name: 'a', match: [{ uri: { prefix: '/' } }, { uri: { prefix: '/x' } }] },
      { ...TO, name: 'b' },
    ]),
    ['a'],
  );
  assert.deepEqual(
    names([
      { ...TO, name: 'a', match: [{ uri: { regex: '.*' } }] },
      { ...TO, name: 'b' },
    ]),
    ['a'],
  );
  assert.deepEqual(
    names([
      { ...TO, name: 'a', match: [{ uri: { prefix: '/' }, headers: { x: {} } }] },
      { ...TO, name: 'b' },
    ]),
    ['a', 'b'],
  );
});

test('a match for another port or another source is left out, and a route is named after route and match', () => {
  const http = [{ ...TO, name: 'r', match: [{ port: 8080 }, { sourceNamespace: 'pay' }, { name: 'm', uri: { prefix: '/m' } }] }];
  assert.deepEqual(
    routes(http).map(({ name }) => name),
    ['r.m'],
  );
});

test('a statistics prefix is passed on', () => {
  assert.equal(routes([{ ...TO, match: [{ statPrefix: 'login' }] }])[0]?.['statPrefix'], 'login');
});

test('a timeout bounds gRPC calls too', () => {
  const { timeout, maxGrpcTimeout } = action({ timeout: '1.5s' });
  assert.deepEqual([timeout, maxGrpcTimeout], ['1.500s', '1.500s']);
});

test('retries are those of the route, else of the mesh, else built in', () => {
  const mesh = { defaultHttpRetryPolicy: { attempts: 5, retryOn: 'reset' } };
  const retry = (retries: HttpRetry | undefined, given?: World) => action(retries ? { retries } : {}, given)['retryPolicy'];
  assert.deepEqual(retry(undefined, { mesh }), { ...RETRIES, numRetries: 5, retryOn: 'reset' });
  assert.deepEqual(retry({ attempts: 3 }, { mesh }), { ...RETRIES, numRetries: 3 });
  assert.equal(retry({ attempts: 0 }), undefined);
  assert.deepEqual(
    retry({ attempts: 1, perTryTimeout: '2s', backoff: '100ms', retryIgnorePreviousHosts: false, retryRemoteLocalities: true }),
    {
      retryOn: RETRIES.retryOn,
      numRetries: 1,
      perTryTimeout: '2s',
      retryPriority: {
        name: 'envoy.retry_priorities.previous_priorities',
        typedConfig: {
          '@type': 'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
          updateFrequency: 2,
        },
      },
      hostSelectionRetryMaxAttempts: '5',
      retryBackOff: { baseInterval: '0.100s' },
    },
  );
});

test('the mesh’s retries reach services without VirtualService', () => {
  const all = build({ services: [service(HOST)], mesh: { defaultHttpRetryPolicy: { attempts: 0 } } });
  assert.equal((all['80']!.virtualHosts[0]!.routes[0]!['route'] as JsonObject)['retryPolicy'], undefined);
});

test('numbers among the conditions of retries are status codes', () => {
  const conditions = (retryOn: string) => {
    const { retryOn: words, retriableStatusCodes } = action({ retries: { attempts: 1, retryOn } })['retryPolicy'] as JsonObject;
    return [words, retriableStatusCodes];
  };
  assert.deepEqual(conditions('5xx, 503,429'), ['5xx,retriable-status-codes', [503, 429]]);
  assert.deepEqual(conditions('retriable-status-codes,503'), ['retriable-status-codes', [503]]);
  assert.deepEqual(conditions('999'), ['999', undefined]);
});

test('several destinations share requests by weight, those of weight 0 have none', () => {
  const to = (subset: string, weight?: number) => ({
    destination: { host: HOST, subset },
    ...(weight !== undefined && { weight }),
  });
  const several = action({ route: [to('v1', 70), to('v2', 30), to('v3', 0), to('v4')] });
  assert.deepEqual(several['weightedClusters'], {
    clusters: [
      { name: `outbound|80|v1|${HOST}`, weight: 70 },
      { name: `outbound|80|v2|${HOST}`, weight: 30 },
    ],
  });
  assert.equal(action({ route: [to('v1', 0)] })['cluster'], `outbound|80|v1|${HOST}`, 'alone it needs no weight');
});

test('tracing names the one cluster, else the VirtualService', () => {
  const operation = (route: HttpRoute) => (routes([route])[0]!['decorator'] as JsonObject)['operation'];
  const two = [
    { destination: { host: HOST }, weight: 1 },
    { destination: { host: 'b.example' }, weight: 1 },
  ];
  assert.equal(operation({ ...TO, match: [{ uri: { prefix: '/v1' } }] }), `${HOST}:80/v1*`);
  assert.equal(operation({ ...TO, match: [{ uri: { exact: '/v1' } }] }), `${HOST}:80/v1`);
  assert.equal(operation({ ...TO, match: [{ uri: { regex: '/v[0-9]' } }] }), `${HOST}:80/v[0-9]`);
  assert.equal(operation({ route: [{ destination: { host: 'B.example', port: { number: 8443 } } }] }), 'b.example:8443/*');
  assert.equal(operation({ route: two }), 'v:80/*');
  assert.equal(operation({ redirect: { uri: '/x' } }), 'v:80/*');
});

test('a destination without port means the port called, whether it exists or not', () => {
  const cluster = (host: string, port?: number) =>
    action({ route: [{ destination: { host, ...(port !== undefined && { port: { number: port } }) } }] })['cluster'];
  assert.equal(cluster('other.example'), 'outbound|80||other.example');
  assert.equal(cluster('other.example', 443), 'outbound|443||other.example');
});

test('paths and hosts are rewritten', () => {
  assert.equal(action({ rewrite: { uri: '/v2' } })['prefixRewrite'], '/v2');
  assert.deepEqual(action({ rewrite: { uriRegexRewrite: { match: '^/old/(.*)', rewrite: '/new/\\1' } } })['regexRewrite'], {
    pattern: { regex: '^/old/(.*)' },
    substitution: '/new/\\1',
  });
});

test('the host becomes what rewrite says, else the route’s header rules, else those of its one destination', () => {
  const host = (name: string) => ({ request: { set: { host: name } } });
  const to = { route: [{ destination: { host: HOST }, headers: host('destination') }] };
  const rewritten = (route: Partial<HttpRoute>) => action(route)['hostRewriteLiteral'];
  assert.equal(rewritten({ ...to, headers: host('route'), rewrite: { authority: 'rewrite' } }), 'rewrite');
  assert.equal(rewritten({ ...to, headers: host('route') }), 'route');
  assert.equal(rewritten(to), 'destination');
  assert.equal(rewritten({ headers: { request: { add: { ':authority': 'added' }, set: { Host: 'set' } } } }), 'set');
});

test('header rules are sorted, set before add, and leave pseudo headers alone', () => {
  const request = {
    set: { 'x-b': '2', 'x-a': '1', host: 'h' },
    add: { 'x-0': '0', ':path': '/' },
    remove: ['x-z', ':method', 'Host'],
  };
  const [route] = routes([{ ...TO, headers: { request, response: { remove: ['server'] } } }]);
  assert.deepEqual(route?.['requestHeadersToAdd'], [
    { header: { key: 'x-a', value: '1' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    { header: { key: 'x-b', value: '2' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    { header: { key: 'x-0', value: '0' } },
  ]);
  assert.deepEqual(route?.['requestHeadersToRemove'], ['x-z']);
  assert.deepEqual(route?.['responseHeadersToRemove'], ['server']);
});

test('header rules of the one destination follow those of the route; of several, each has its own', () => {
  const headers = (key: string) => ({ response: { add: { [key]: '1' } } });
  const target = (key: string) => ({ destination: { host: HOST }, weight: 1, headers: headers(key) });
  const added = (shape: JsonObject | undefined) =>
    (shape!['responseHeadersToAdd'] as JsonObject[]).map(({ header }) => (header as JsonObject)['key']);
  const [one] = routes([{ headers: headers('x-route'), route: [target('x-1')] }]);
  assert.deepEqual(added(one), ['x-route', 'x-1']);
  const [several] = routes([{ headers: headers('x-route'), route: [target('x-1'), target('x-2')] }]);
  assert.deepEqual(added(several), ['x-route']);
  const { clusters } = (several!['route'] as JsonObject)['weightedClusters'] as { clusters: JsonObject[] };
  assert.deepEqual(clusters.map(added), [['x-1'], ['x-2']]);
});

test('a redirect always carries a path, and a port only where the scheme does not say it', () => {
  const redirect = (given: HttpRoute['redirect'], port = 80) =>
    routes([{ ...(given && { redirect: given }) }], {}, port)[0]?.['redirect'];
  assert.deepEqual(redirect({ scheme: 'https', port: 443 }), { schemeRedirect: 'https', pathRedirect: '' });
  assert.deepEqual(redirect({ derivePort: 'FROM_REQUEST_PORT', authority: 'b.example' }), {
    hostRedirect: 'b.example',
    pathRedirect: '',
  });
  assert.deepEqual(redirect({ derivePort: 'FROM_REQUEST_PORT' }, 8080), { portRedirect: 8080, pathRedirect: '' });
  assert.deepEqual(redirect({ uri: '/x', redirectCode: 308 }), { pathRedirect: '/x', responseCode: 'PERMANENT_REDIRECT' });
  assert.deepEqual(redirect({ prefixRewrite: '/y' }), { prefixRewrite: '/y' });
});

test('a direct response has a status and perhaps a body', () => {
  const response = (given: HttpRoute['directResponse']) =>
    routes([{ ...(given && { directResponse: given }) }])[0]?.['directResponse'];
  assert.deepEqual(response({ status: 503 }), { status: 503 });
  assert.deepEqual(response({ status: 200, body: { string: 'no' } }), { status: 200, body: { inlineString: 'no' } });
  assert.deepEqual(response({ status: 200, body: { bytes: 'bm8=' } }), { status: 200, body: { inlineBytes: 'bm8=' } });
});

test('what Envoy would refuse is not sent to it: one refused route takes the routes of all hosts with it', () => {
  assert.deepEqual(routes([{ redirect: { uri: '/x', redirectCode: 305 } }])[0]?.['directResponse'], { status: 500 });
  assert.deepEqual(routes([{ directResponse: { status: 600 } }])[0]?.['directResponse'], { status: 599 });
});

test('requests are mirrored whole or in part, and not at all for 0', () => {
  const mirrors = (given: Partial<HttpRoute>) =>
    ((action(given)['requestMirrorPolicies'] ?? []) as JsonObject[]).map(({ cluster, runtimeFraction }) => [
      cluster,
      (runtimeFraction as JsonObject)['defaultValue'],
    ]);
  const mirror = { host: 'm.example' };
  const cluster = 'outbound|80||m.example';
  assert.deepEqual(mirrors({ mirror }), [[cluster, { numerator: 100 }]]);
  assert.deepEqual(mirrors({ mirror, mirrorPercent: 20 }), [[cluster, { numerator: 20 }]]);
  assert.deepEqual(mirrors({ mirror, mirrorPercentage: { value: 0.5 } }), [
    [cluster, { numerator: 5000, denominator: 'MILLION' }],
  ]);
  assert.deepEqual(mirrors({ mirror, mirrorPercentage: { value: 0 } }), []);
  assert.deepEqual(mirrors({ mirrors: [{ destination: mirror }, { destination: mirror, percentage: {} }] }), [
    [cluster, { numerator: 100 }],
  ]);
  assert.deepEqual((action({ mirror })['requestMirrorPolicies'] as JsonObject[])[0], {
    cluster,
    runtimeFraction: { defaultValue: { numerator: 100 } },
    traceSampled: false,
    disableShadowHostSuffixAppend: true,
  });
});

test('faults and CORS are rules for their filters', () => {
  const config = (route: Partial<HttpRoute>, filter: string) =>
    (routes([{ ...TO, ...route }])[0]?.['typedPerFilterConfig'] as JsonObject | undefined)?.[filter];
  assert.deepEqual(config({ fault: { abort: { httpStatus: 400 } } }, 'envoy.filters.http.fault'), {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
    abort: { httpStatus: 400 },
  });
  const fault = {
    delay: { fixedDelay: '2s', percentage: { value: 10 } },
    abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 50 } },
  };
  assert.deepEqual(config({ fault }, 'envoy.filters.http.fault'), {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
    delay: { fixedDelay: '2s', percentage: { numerator: 100_000, denominator: 'MILLION' } },
    abort: { grpcStatus: 14, percentage: { numerator: 500_000, denominator: 'MILLION' } },
  });
  const corsPolicy = {
    allowOrigins: [{ exact: 'https://a.example' }],
    allowMethods: ['GET', 'PUT'],
    maxAge: '24h',
    allowCredentials: false,
  };
  assert.deepEqual(config({ corsPolicy }, 'envoy.filters.http.cors'), {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy',
    allowOriginStringMatch: [{ exact: 'https://a.example' }],
    allowMethods: 'GET,PUT',
    maxAge: '86400',
    allowCredentials: false,
    filterEnabled: { defaultValue: { numerator: 100 } },
    forwardNotMatchingPreflights: true,
  });
  assert.equal(config({ fault: {} }, 'envoy.filters.http.fault'), undefined);
});

test('hashed requests stay with their host on a retry, on a default route they do not', () => {
  const hashed = rule(HOST, { trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: 'x-u' } } } });
  const routed = action({}, { rules: [hashed] });
  assert.deepEqual(routed['hashPolicy'], [{ header: { headerName: 'x-u' } }]);
  assert.equal((routed['retryPolicy'] as JsonObject)['retryHostPredicate'], undefined);
  const plain = build({ services: [service(HOST)], rules: [hashed] })['80']!.virtualHosts[0]!.routes[0]!['route'] as JsonObject;
  assert.deepEqual(plain['hashPolicy'], [{ header: { headerName: 'x-u' } }]);
  assert.deepEqual(plain['retryPolicy'], RETRIES);
});

test('of subset and port, subset, port and rule the closest says how requests are hashed', () => {
  const by = (name: string) => ({ loadBalancer: { consistentHash: { httpQueryParameterName: name } } });
  const hashed = rule(HOST, {
    trafficPolicy: { ...by('rule'), portLevelSettings: [{ port: { number: 80 }, ...by('port') }] },
    subsets: [
      { name: 'v1', trafficPolicy: { ...by('subset'), portLevelSettings: [{ port: { number: 80 }, ...by('subset and port') }] } },
      { name: 'v2', trafficPolicy: by('subset') },
    ],
  });
  const hash = (subset?: string, port?: number) => {
    const destination = { host: HOST, ...(subset && { subset }), ...(port && { port: { number: port } }) };
    const [policy] = action({ route: [{ destination }] }, { rules: [hashed] })['hashPolicy'] as JsonObject[];
    return (policy!['queryParameter'] as JsonObject)['name'];
  };
  assert.deepEqual(
    [hash('v1', 80), hash('v1'), hash('v2', 80), hash(undefined, 80), hash()],
    ['subset and port', 'subset', 'subset', 'port', 'rule'],
  );
});

test('cookies and source addresses may be hashed', () => {
  const hash = (consistentHash: object) =>
    action({}, { rules: [rule(HOST, { trafficPolicy: { loadBalancer: { consistentHash } } })] })['hashPolicy'];
  assert.deepEqual(hash({ useSourceIp: true }), [{ connectionProperties: { sourceIp: true } }]);
  assert.deepEqual(hash({ httpCookie: { name: 'c', ttl: '0s', path: '/', attributes: [{ name: 'Secure', value: '' }] } }), [
    { cookie: { name: 'c', ttl: '0s', path: '/', attributes: [{ name: 'Secure' }] } },
  ]);
  assert.equal(hash({ ringHash: { minimumRingSize: 5 } }), undefined);
});
