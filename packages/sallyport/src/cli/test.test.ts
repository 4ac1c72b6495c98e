import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { executed } from './testing/executed.ts';

const CONFIG = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec:
  hosts: [api.example.com]
  addresses: [10.1.2.3]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
`;
const CALL = { address: '10.1.2.3', port: 80, protocol: 'http', host: 'api.example.com' };
const scenario = (...expectations: readonly object[]) => ({
  scenarios: [
    {
      name: 'api',
      config: CONFIG,
      mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      runs: [{ proxy: { namespace: 'shop' }, calls: expectations.map((expected) => ({ call: CALL, ...expected })) }],
    },
  ],
});

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-test-'));
});
after(() => rm(folder, { recursive: true }));

async function tested(name: string, content: unknown, ...args: string[]) {
  const file = join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return { file, ...(await executed('test', file, ...args)) };
}

it('reports every case with its place, what came out completely, and what differs, and exits 1', async () => {
  const content = scenario(
    { expect: { cluster: 'outbound|80||api.example.com' } },
    { expect: { cluster: 'BlackHoleCluster', error: null, detail: { action: 'tcp' } } },
    { expect: { cluster: 'x' }, alternatives: [{ error: null }] },
  );
  const { code, out, file } = await tested('three.json', content, '-o', 'json');
  const { cases, summary } = JSON.parse(out);
  assert.equal(code, 1);
  assert.deepEqual(summary, { cases: 3, passed: 2, failed: 1, intended: 0 });
  const actual = {
    error: null,
    listener: '0.0.0.0_80',
    virtualHost: 'api.example.com:80',
    routeConfig: '80',
    route: 'default',
    cluster: 'outbound|80||api.example.com',
    detail: {
      routeIndex: 0,
      action: 'cluster',
      timeout: '0s',
      retries: 2,
      upstreams: [
        { cluster: 'outbound|80||api.example.com', exists: true, type: 'STRICT_DNS', endpoints: ['api.example.com:80'] },
      ],
    },
  };
  const place = { file, scenario: 'api', run: 0 };
  assert.deepEqual(cases, [
    { ...place, call: 0, pass: true, actual, differs: [] },
    { ...place, call: 1, pass: false, actual, differs: ['cluster', 'detail.action'] },
    { ...place, call: 2, pass: true, actual, differs: [] },
  ]);
});

it('is written as YAML as well, passes with exit code 0, and shows people a table', async () => {
  const yaml = `
scenarios:
- name: api
  config: |
${CONFIG.replaceAll(/^/gm, '    ')}
  runs:
  - proxy: {namespace: shop}
    calls:
    - call: {address: 10.1.2.3, port: 80, protocol: http, host: api.example.com}
      expect: {virtualHost: "api.example.com:80"}
`;
  const { code, out, file } = await tested('api.yaml', yaml);
  assert.equal(code, 0, out);
  assert.ok(out.startsWith(`${file}\n`), out);
  assert.match(out, /^pass {2}api {7}1$/m);
  assert.match(out, /^1 case, 1 passed, 0 failed$/m);
});

it('shows people what was expected and what came out at each field that differs', async () => {
  const { code, out } = await tested('differs.json', scenario({ expect: { detail: { action: 'direct' } } }));
  assert.equal(code, 1);
  assert.match(out, / {4}detail\.action\n {6}expected "direct"\n {6}actual {3}"cluster"\n/);
});

it('says of a difference that it is a listed one, and fails all the same', async () => {
  const config = CONFIG.replace('[api.example.com]', '[API.example.com]');
  const call = { call: { ...CALL, host: 'API.example.com' }, expect: { cluster: 'outbound|80||API.example.com' } };
  const content = { scenarios: [{ name: 'host-spelling-9', config, runs: [{ proxy: {}, calls: [call] }] }] };
  const { code, out } = await tested('listed.json', content, '-o', 'json');
  const { cases, summary } = JSON.parse(out);
  assert.deepEqual([code, summary], [1, { cases: 1, passed: 0, failed: 1, intended: 1 }]);
  assert.equal(cases[0].intended, 'host names are written in lower case everywhere');
});

it('compares virtual hosts and, in the format of simulation, names scenarios by index', async () => {
  const item = (clusters: readonly string[]) => ({
    kind: 'virtualHosts',
    routeConfig: '80',
    expect: {
      domains: { '*': ['PassthroughCluster'], 'api.example.com': clusters, 'api.example.com.': clusters, '10.1.2.3': clusters },
    },
  });
  const cases = [{ config: CONFIG, proxy: {}, calls: [item(['outbound|80||api.example.com']), item(['x'])] }];
  const { code, out } = await tested('hosts.json', { cases }, '-o', 'json');
  const found = JSON.parse(out).cases as { scenario: unknown; call: unknown; pass: boolean; differs: unknown; actual: object }[];
  assert.equal(code, 1);
  assert.deepEqual(
    found.map(({ scenario: index, call, pass, differs }) => ({ index, call, pass, differs })),
    [
      { index: 0, call: 0, pass: true, differs: [] },
      { index: 0, call: 1, pass: false, differs: ['domains.10.1.2.3', 'domains.api.example.com', 'domains.api.example.com.'] },
    ],
  );
  assert.deepEqual(Object.keys(found[0]!.actual), ['domains']);
});

it('compares the name table as one case, the addresses of a name as a set', async () => {
  const run = (ips: readonly string[]) => ({
    proxy: { metadata: { DNS_CAPTURE: 'true' } },
    nameTable: { 'api.example.com': { ips, registry: 'External' } },
  });
  const config = CONFIG.replace('[10.1.2.3]', '[10.1.2.3, 10.1.2.4]');
  const runs = [run(['10.1.2.4', '10.1.2.3']), run(['10.1.2.3'])];
  const { code, out } = await tested('names.json', { scenarios: [{ name: 'names', config, runs }] }, '-o', 'json');
  const found = JSON.parse(out).cases as { run: number; call: unknown; pass: boolean; differs: unknown }[];
  assert.equal(code, 1);
  assert.deepEqual(
    found.map(({ run: index, call, pass, differs }) => ({ index, call, pass, differs })),
    [
      { index: 0, call: 'nameTable', pass: true, differs: [] },
      { index: 1, call: 'nameTable', pass: false, differs: ['nameTable.api.example.com'] },
    ],
  );
});

it('refuses a file that could be misread with exit code 2, and names every place', async () => {
  const { code, out, err } = await tested('typo.json', scenario({ expect: { clutser: 'x' } }, { call: { prot: 1 }, expect: {} }));
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /scenarios\[0\]\.runs\[0\]\.calls\[0\]\.expect\.clutser the outcome of a call has no field clutser/);
  assert.match(err, /calls\[1\]\.call\.prot a call has no field "prot"/);
  const others: readonly [string, string, RegExp][] = [
    ['empty.yaml', 'a: 1\n', /there are neither scenarios nor cases/],
    ['broken.json', '{', /broken\.json is no JSON/],
    ['broken.yaml', 'a: [\n', /broken\.yaml:\d+: /],
  ];
  for (const [name, content, told] of others) {
    const refused = await tested(name, content);
    assert.deepEqual([refused.code, refused.out], [2, '']);
    assert.match(refused.err, told);
  }
  const missing = await executed('test', join(folder, 'missing.json'));
  assert.equal(missing.code, 2);
  assert.match(missing.err, /missing\.json cannot be read/);
  assert.equal((await executed('test')).code, 2);
});
