import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, type StandIn, startLab, WORLD } from './lab/index.ts';

const external = (name: string, host: string, ports = '[{name: http, number: 80, protocol: HTTP}]') => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [${host}], ports: ${ports}}
---`;
const to = (name: string, more = '') => `{ref: {name: ${name}}, kind: EXTERNAL_SERVICE${more}}`;

const BYTES: readonly StandIn[] = ['front', 'back'].map((name, i) => ({
  ...{ name, hosts: [`${name}.example.org`], addresses: [`203.0.113.${80 + i}`] },
  ...{ tls: [443], tcp: [5432] },
}));
const bytePorts = '[{name: tls, number: 443, protocol: TLS}, {name: tcp, number: 5432, protocol: TCP}]';

const services = `${external('front', 'front.example.org', bytePorts)}${external('back', 'back.example.org', bytePorts)}${external('api', 'api.example.com')}${external('httpbin', 'httpbin.org')}${external('solo', 'solo.io')}${external('db', 'my-remote-db.com')}${external('split', 'elsewhere.example.net')}
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: by-address, namespace: shop}
spec: {addresses: [123.221.3.0], ports: [{name: http, number: 80, protocol: HTTP}]}
`;

const tables = `
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: api, namespace: shop, labels: {table: api}}
spec:
  hosts: [api.example.com]
  http:
  - {name: rewrite, matchers: [{uri: {prefix: /old/}}], forwardTo: {destinations: [${to('api')}], pathRewrite: /new/}}
  - {name: regex, matchers: [{uri: {prefix: /regex}}], forwardTo: {destinations: [${to('api')}], regexRewrite: {pattern: {regex: '^/regex/(\\d+)/(\\w+)'}, substitution: '/\\2/\\1'}}}
  - {name: host, matchers: [{uri: {prefix: /host}}], forwardTo: {destinations: [${to('httpbin')}], hostRewrite: rewritten.example.org}}
  - {name: auto, matchers: [{uri: {prefix: /auto}}], forwardTo: {destinations: [${to('httpbin')}], autoHostRewrite: true}}
  - {name: moved, matchers: [{uri: {prefix: /moved}}], redirect: {hostRedirect: new.example.com, pathRedirect: /here, responseCode: TEMPORARY_REDIRECT}}
  - {name: tea, matchers: [{uri: {exact: /tea}}], directResponse: {status: 418, body: short and stout}}
  - name: matched
    matchers:
    - {uri: {prefix: /MATCHED, ignoreCase: true}, method: POST, headers: [{name: x-a, value: 'v[0-9]', regex: true}, {name: x-off, invertMatch: true}], queryParameters: [{name: q, value: '1'}]}
    forwardTo: {destinations: [${to('solo')}]}
  - {name: broken, matchers: [{uri: {prefix: /broken}}], forwardTo: {destinations: [${to('nobody')}]}}
  - {name: others, labels: {delegated: "yes"}, matchers: [{uri: {prefix: /child}}], delegate: {routeTables: [{labels: {part: child}}], sortMethod: ROUTE_SPECIFICITY}}
  - {name: retried, labels: {policy: retry}, matchers: [{uri: {prefix: /retry}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: aborted, labels: {policy: abort}, matchers: [{uri: {prefix: /abort}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: delayed, labels: {policy: delay}, matchers: [{uri: {prefix: /delay}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: headers, labels: {policy: headers}, matchers: [{uri: {prefix: /headers}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: mirrored, labels: {policy: mirror}, matchers: [{uri: {prefix: /mirror}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: cors, labels: {policy: cors}, matchers: [{uri: {prefix: /cors}}], forwardTo: {destinations: [${to('api')}]}}
  - {name: mine, matchers: [{uri: {prefix: /mine}}], forwardTo: {destinations: [${to('api')}]}}
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: child-wide, namespace: shop, labels: {part: child}}
spec:
  weight: 100
  http:
  - {name: wide, matchers: [{uri: {prefix: /child}}], forwardTo: {destinations: [${to('httpbin')}]}}
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: child-narrow, namespace: shop, labels: {part: child}}
spec:
  http:
  - {name: narrow, matchers: [{uri: {prefix: /child/narrow}}], forwardTo: {destinations: [${to('solo')}]}}
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: split, namespace: shop}
spec:
  hosts: [elsewhere.example.net]
  http:
  - forwardTo:
      autoHostRewrite: true
      destinations: [${to('api', ', weight: 90')}, ${to('httpbin')}]
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: bytes, namespace: shop}
spec:
  hosts: [front.example.org]
  tls: [{matchers: [{sniHosts: [front.example.org], port: 443}], forwardTo: {destinations: [${to('back', ', port: {name: tls}')}]}}]
  tcp: [{matchers: [{port: 5432}], forwardTo: {destinations: [${to('back', ', port: {name: tcp}')}]}}]
---
# For workloads with another label: these routes are not for us.
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: for-others, namespace: shop}
spec:
  hosts: [solo.io]
  workloadSelectors: [{selector: {labels: {app: somebody-else}}}]
  http:
  - directResponse: {status: 418}
---
# Text 004: sidecars know no "*".
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: db-routes, namespace: shop}
spec:
  hosts: ['*']
  http:
  - name: db-app
    matchers: [{uri: {prefix: /db/}}]
    forwardTo: {destinations: [${to('db')}], pathRewrite: /}
---
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: address-routes, namespace: shop}
spec:
  hosts: ['*']
  http:
  - matchers: [{uri: {prefix: /db/}}]
    forwardTo: {destinations: [${to('by-address')}], pathRewrite: /}
`;

const policy = (group: string, kind: string, name: string, config: string) => `
apiVersion: ${group}.policy.gloo.solo.io/v2
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: {applyToRoutes: [{route: {labels: {policy: ${name}}}}], config: ${config}}
---`;

const policies = [
  policy('resilience', 'RetryTimeoutPolicy', 'retry', '{retries: {attempts: 2, retryOn: 5xx}, requestTimeout: 3s}'),
  policy('resilience', 'FaultInjectionPolicy', 'abort', '{abort: {httpStatus: 418}}'),
  policy('resilience', 'FaultInjectionPolicy', 'delay', '{delay: {fixedDelay: 300ms}}'),
  policy(
    'trafficcontrol',
    'HeaderManipulationPolicy',
    'headers',
    '{appendRequestHeaders: {x-from: shop}, removeRequestHeaders: [x-secret], appendResponseHeaders: {x-to: caller}, removeResponseHeaders: [content-type]}',
  ),
  policy('trafficcontrol', 'MirrorPolicy', 'mirror', `{destination: ${to('solo')}}`),
  policy(
    'security',
    'CORSPolicy',
    'cors',
    '{allowOrigins: [{exact: "https://shop.example.com"}], allowMethods: [GET], maxAge: 60s}',
  ),
].join('\n');

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly seconds: number;
  /** What the stand-in says that it saw; the text where it is none of its answers. */
  readonly seen: {
    readonly server?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly counted?: Readonly<Record<string, number>>;
  };
  readonly text: string;
}

const API = 'http://api.example.com';
const CALLS = {
  rewrite: [`${API}/old/thing`],
  regex: [`${API}/regex/42/thing`],
  host: [`${API}/host`],
  auto: [`${API}/auto`],
  moved: [`${API}/moved/x`],
  tea: [`${API}/tea`],
  matched: [`${API}/matched/x?q=1`, '-X', 'POST', '-H', 'x-a: v7'],
  'not matched': [`${API}/matched/x?q=1`, '-X', 'POST', '-H', 'x-a: v7', '-H', 'x-off: 1'],
  broken: [`${API}/broken`],
  wide: [`${API}/child/x`],
  narrow: [`${API}/child/narrow`],
  retry: [`${API}/retry?key=retry&status=503`],
  'too late': [`${API}/retry?delay=20000`],
  abort: [`${API}/abort`],
  delay: [`${API}/delay`],
  headers: [`${API}/headers`, '-H', 'x-secret: 1'],
  mirror: [`${API}/mirror?key=mirror`],
  preflight: [
    `${API}/cors`,
    '-X',
    'OPTIONS',
    '-H',
    'origin: https://shop.example.com',
    '-H',
    'access-control-request-method: GET',
  ],
  'foreign preflight': [
    `${API}/cors`,
    '-X',
    'OPTIONS',
    '-H',
    'origin: https://evil.example.com',
    '-H',
    'access-control-request-method: GET',
  ],
  'for others': ['http://solo.io/anything'],
  'text 004': ['http://my-remote-db.com/db/table'],
  'not in text 004': ['http://my-remote-db.com/other'],
  'by address': ['http://123.221.3.0/db/table'],
  tls: ['https://front.example.org/x', '--insecure'],
} satisfies Readonly<Record<string, readonly string[]>>;
type Call = keyof typeof CALLS;

describe('routes of RouteTables and the policies on them, through a real Envoy', { timeout: 120_000 }, () => {
  let lab: Lab;
  const answers = new Map<string, Answer>();
  const answer = (call: Call): Answer => answers.get(call)!;
  before(async () => {
    lab = await startLab({
      world: [...WORLD, ...BYTES],
      mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      config: { 'services.yaml': services, 'tables.yaml': tables, 'policies.yaml': policies },
      workload: { namespace: 'shop', labels: { app: 'web' } },
    });
    const args = Object.values(CALLS).flatMap(([url, ...more], i) => [
      ...(i === 0 ? [] : ['--next']),
      ...[
        '--silent',
        '--max-time',
        '15',
        '--write-out',
        '\n\x01%{http_code}\x01%{time_total}\x01%{header_json}\x02',
        ...more,
        url!,
      ],
    ]);
    const { stdout, stderr } = await lab.exec(['curl', ...args]);
    for (const [i, text] of stdout.split('\x02').entries()) {
      const name = Object.keys(CALLS)[i];
      if (name === undefined) break;
      const [body = '', status, seconds, headers = '{}'] = text.trim().split('\x01');
      const seen = body.trim().startsWith('{') ? JSON.parse(body) : {};
      answers.set(name, {
        status: Number(status),
        seconds: Number(seconds),
        headers: JSON.parse(headers),
        seen,
        text: body.trim(),
      });
    }
    assert.equal(answers.size, Object.keys(CALLS).length, stderr);
  });
  after(() => lab?.close());

  const seen = (call: Call) => {
    const { status, seen: said } = answer(call);
    return [status, said.server, said.path];
  };

  test('rewrite paths: a prefix, and by expression', () => {
    assert.deepEqual(seen('rewrite'), [200, 'api.example.com', '/new/thing']);
    assert.deepEqual(seen('regex'), [200, 'api.example.com', '/thing/42']);
  });

  test('rewrite the host: to a name, and to that of the destination', () => {
    assert.deepEqual(seen('host'), [200, 'httpbin.org', '/host']);
    assert.equal(answer('host').seen.headers?.['host'], 'rewritten.example.org');
    assert.equal(answer('auto').seen.headers?.['host'], 'httpbin.org');
  });

  test('redirect, and answer by themselves', () => {
    assert.deepEqual([answer('moved').status, answer('moved').headers['location']], [307, ['http://new.example.com/here']]);
    assert.deepEqual([answer('tea').status, answer('tea').text], [418, 'short and stout']);
  });

  test('match by path in any case, method, headers that are there or not, and parameters', () => {
    assert.deepEqual(seen('matched'), [200, 'solo.io', '/matched/x?q=1']);
    assert.equal(answer('not matched').status, 404);
  });

  test('answer 500 where a destination is missing, and only there', () => {
    assert.equal(answer('broken').status, 500);
  });

  test('try delegated routes by what their paths say, whatever their tables weigh', () => {
    assert.deepEqual([seen('narrow')[1], seen('wide')[1]], ['solo.io', 'httpbin.org']);
  });

  test('go where the shares say, over 1,000 calls, each with the host of its destination', async () => {
    const { stdout } = await lab.exec(['curl', '--silent', 'http://elsewhere.example.net/?[1-1000]']);
    const hosts = [...stdout.matchAll(/"server":"([^"]+)".*?"host":"([^"]+)"/g)].map(([, server, host]) => `${server} ${host}`);
    const httpbin = hosts.filter((one) => one === 'httpbin.org httpbin.org').length;
    assert.equal(hosts.length, 1_000);
    assert.equal(hosts.filter((one) => one === 'api.example.com api.example.com').length, 1_000 - httpbin);
    // Ten standard deviations would be 95.
    assert.ok(httpbin > 50 && httpbin < 160, `${httpbin} of 1,000`);
  });

  test('are retried as often as the policy says, and not waited for longer', () => {
    assert.deepEqual([answer('retry').status, answer('retry').seen.counted], [503, { 'api.example.com': 3 }]);
    assert.equal(answer('too late').status, 504);
  });

  test('fail and are late where faults are injected', () => {
    assert.deepEqual([answer('abort').status, answer('abort').text], [418, 'fault filter abort']);
    assert.ok(answer('delay').seconds >= 0.3, `${answer('delay').seconds} s`);
  });

  test('have headers appended and removed on both ways', () => {
    const { seen: said, headers } = answer('headers');
    assert.deepEqual([said.headers?.['x-from'], said.headers?.['x-secret']], ['shop', undefined]);
    assert.deepEqual([headers['x-to'], headers['content-type']], [['caller'], undefined]);
  });

  test('are mirrored', async () => {
    assert.deepEqual(seen('mirror').slice(0, 2), [200, 'api.example.com']);
    for (let tries = 0; tries < 40; tries += 1) {
      const { stdout } = await lab.exec(['curl', '--silent', `${API}/mine?counted=mirror`]);
      if (
        stdout.includes('"counted":{"api.example.com":1,"solo.io":1}') ||
        stdout.includes('"counted":{"solo.io":1,"api.example.com":1}')
      )
        return;
      await sleep(100);
    }
    assert.fail('the copy was never seen');
  });

  test('answer preflights of origins that are allowed', () => {
    const { status, headers } = answer('preflight');
    assert.deepEqual(
      [
        status,
        headers['access-control-allow-origin'],
        headers['access-control-allow-methods'],
        headers['access-control-max-age'],
      ],
      [200, ['https://shop.example.com'], ['GET'], ['60']],
    );
    assert.equal(answer('foreign preflight').headers['access-control-allow-origin'], undefined);
  });

  test('lead bytes: by server name, and by port', async () => {
    assert.deepEqual(seen('tls'), [200, 'back', '/x']);
    const { stdout } = await lab.exec(['curl', '--silent', '--max-time', '2', 'telnet://front.example.org:5432']);
    assert.match(stdout, /"server":"back"/);
  });

  test('are for workloads with the labels that the table asks for', () => {
    assert.deepEqual(seen('for others'), [200, 'solo.io', '/anything']);
  });

  test('for "*" are those of the hosts that the table leads to (text 004), by name and by address', () => {
    assert.deepEqual(seen('text 004'), [200, 'my-remote-db.com', '/table']);
    assert.equal(answer('not in text 004').status, 404);
    assert.deepEqual(seen('by address'), [200, '123.221.3.0', '/table']);
  });
});
