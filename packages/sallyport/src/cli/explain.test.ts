import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { executed } from './testing/executed.ts';

const MESH = `apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    outboundTrafficPolicy: {mode: REGISTRY_ONLY}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com]
  addresses: [10.1.2.3]
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com]
  http:
  - match: [{uri: {prefix: /old}}]
    redirect: {uri: /new}
  - route: [{destination: {host: api.example.com}}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: unrelated, namespace: shop}
spec:
  hosts: [unrelated.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
`;

let folder = '';
let file = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-explain-'));
  file = join(folder, 'mesh.yaml');
  await writeFile(file, MESH);
});
after(() => rm(folder, { recursive: true }));

const explained = (...args: readonly string[]) => executed('explain', ...args, '-f', file);

it('prints verdict, outcome, steps and the objects that made it so, with file and line, and no others', async () => {
  const call = '{"address": "10.1.2.3", "port": 80, "protocol": "http", "host": "api.example.com"}';
  const { code, out, err } = await explained('--proxy', '{"namespace": "shop"}', '--call', call, '-o', 'json');
  assert.deepEqual([code, err], [0, '']);
  const { steps, sentence, ...rest } = JSON.parse(out);
  assert.deepEqual(rest, {
    verdict: 'allowed',
    error: null,
    listener: '0.0.0.0_80',
    virtualHost: 'api.example.com:80',
    routeConfig: '80',
    cluster: 'outbound|80||api.example.com',
    detail: {
      routeIndex: 1,
      action: 'cluster',
      timeout: '0s',
      retries: 2,
      upstreams: [
        {
          cluster: 'outbound|80||api.example.com',
          exists: true,
          type: 'STRICT_DNS',
          endpoints: ['api.example.com:80'],
        },
      ],
    },
    because: [
      { kind: 'ServiceEntry', namespace: 'shop', name: 'api', file, line: 8 },
      { kind: 'VirtualService', namespace: 'shop', name: 'api', file, line: 17 },
    ],
  });
  assert.match(sentence, /^GET http:\/\/api\.example\.com\/ at 10\.1\.2\.3:80 goes to outbound\|80\|\|api\.example\.com/);
  assert.deepEqual(steps[0], {
    at: 'listener',
    tried: ['10.1.2.3:80', '0.0.0.0:80'],
    by: 'wildcard',
    listener: '0.0.0.0_80',
    text: 'no listener is bound to this address; 0.0.0.0_80 takes the port on all addresses',
  });
});

it('reads a request and a workload, looks the host up, and says what it had to assume', async () => {
  const { code, out, err } = await explained('GET', 'https://api.example.com/v1', '--from', 'shop/web', '-o', 'json');
  assert.equal(code, 0);
  const { verdict, listener, cluster } = JSON.parse(out);
  assert.deepEqual([verdict, listener, cluster], ['allowed', '10.1.2.3_443', 'outbound|443||api.example.com']);
  assert.match(err, /no Pod or WorkloadEntry shop\/web is among the files; .* app=web/);
});

it('blames the mesh configuration for what it blocks, and tells people in words', async () => {
  const { code, out } = await explained('https://leak.example', '--from', 'shop/web', '--expect', 'blocked');
  assert.equal(code, 0);
  assert.match(out, /^blocked GET https:\/\/leak\.example\/ at 192\.0\.2\.1:443 is blocked/);
  assert.ok(out.endsWith(`\n  ${file}:1 ConfigMap istio-system/istio\n`), out);
  assert.doesNotMatch(out, /unrelated/);
});

it('exits 1 when another verdict was expected', async () => {
  // A request after the files is none of them.
  const request = ['-f', file, 'GET', 'http://api.example.com/old', '--from', 'shop/web'];
  const { code, out } = await executed('explain', ...request, '--expect', 'allowed', '-o', 'json');
  assert.deepEqual([code, JSON.parse(out).verdict], [1, 'redirected']);
});

it('refuses what it cannot understand with exit code 2 and says what to write', async () => {
  const refused: readonly [readonly string[], RegExp][] = [
    [[], /name the call: --call JSON, or a request/],
    [['--call', '{"prot": 80}'], /--call: a call has no field "prot": the fields are address, port/],
    [['--call', '{port: 80}'], /--call is no JSON/],
    [['GET', 'https://a.example', '--call', '{"port": 80}'], /both name a call/],
    [['https://a.example', '--from', 'web'], /--from: "web" is no workload: write it as namespace\/workload/],
    [['ftp://a.example'], /is no URL that can be explained: write one that starts with http:\/\/, https:\/\//],
    [['https://a.example', '--from', 'shop/web', '--proxy', '{}'], /both say who calls/],
    [['https://a.example', '--expect', 'maybe'], /Allowed choices are allowed, blocked, passthrough/],
  ];
  for (const [args, told] of refused) {
    const { code, out, err } = await explained(...args);
    assert.deepEqual([code, out], [2, ''], err);
    assert.match(err, told);
  }
});
