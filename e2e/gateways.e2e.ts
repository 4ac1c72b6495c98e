import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import {
  entry,
  gateway,
  gatewayProxy,
  inside,
  PLAIN,
  routes,
  rule,
  serve,
  server,
  subsets,
  to,
} from 'sallyport/envoy/gateways/testing/gateway.ts';
import { staticBootstrap } from './testing/gateway-bootstrap.ts';

const SIMPLE = 'tls: {mode: SIMPLE, credentialName: c}';
const PASSING = 'tls: {mode: PASSTHROUGH}';
const named = (text: string, name: string) => text.replace(/name: p\d+/, `name: ${name}`);

const wildcard = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild, namespace: shop}
spec: {hosts: ["*.wild.example"], ports: [{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS}
`;

const cases: Readonly<Record<string, string>> = {
  'plain HTTP with redirects to https and a 404 for everything else':
    gateway(
      'g',
      server(80, 'HTTP', 'a.example, "*.b.example"', 'tls: {httpsRedirect: true}'),
      server(81, 'HTTP', '"*"'),
      server(82, 'GRPC-Web', 'none.example'),
    ) +
    routes('v', 'a.example, x.b.example', to('http', 'x.example')) +
    routes('w', '"*"', to('http', 'y.example', 'match: [{uri: {prefix: /1}}]')) +
    entry('x.example'),
  'TLS in every mode, by name':
    gateway(
      'g',
      server(443, 'HTTPS', 'a.example', SIMPLE),
      named(server(443, 'HTTPS', 'b.example', 'tls: {mode: MUTUAL, credentialName: d, subjectAltNames: [s]}'), 'two'),
      named(server(443, 'HTTPS', 'c.example', 'tls: {mode: ISTIO_MUTUAL}'), 'three'),
      named(server(443, 'TLS', '"*.d.example"', PASSING), 'four'),
      named(server(443, 'TLS', 'e.example', 'tls: {mode: OPTIONAL_MUTUAL, credentialName: e}'), 'five'),
      server(
        444,
        'HTTPS',
        '"*"',
        SIMPLE.replace('}', ', minProtocolVersion: TLSV1_2, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]}'),
      ),
    ) +
    routes('v', 'a.example, b.example, c.example', to('http', 'x.example')) +
    routes('t', 'e.example', to('tcp', 'x.example')) +
    routes('p', 'x.d.example', 'tls: [{match: [{sniHosts: [x.d.example]}], route: [{destination: {host: x.example}}]}]') +
    entry('x.example'),
  'bytes by weight, with time-outs and hashing':
    gateway('g', server(5432, 'TCP', '"*"'), server(27017, 'MONGO', '"*"')) +
    routes(
      'v',
      '"*"',
      'tcp: [{route: [{destination: {host: x.example}, weight: 1}, {destination: {host: y.example}, weight: 9}]}]',
    ) +
    entry('x.example', '{number: 5432, name: tcp, protocol: TCP}') +
    rule(
      'r',
      '{host: x.example, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 9s}}, loadBalancer: {consistentHash: {useSourceIp: true}}}}',
    ),
  'the way out over TLS that starts at the gateway':
    gateway('g', server(443, 'HTTPS', 'x.example', 'tls: {mode: ISTIO_MUTUAL}')) +
    routes('v', 'x.example', to('http', 'x.example')) +
    entry('x.example', '{number: 443, name: tls, protocol: HTTPS}, {number: 80, name: http, protocol: HTTP}') +
    rule(
      'r',
      '{host: x.example, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: MUTUAL, credentialName: client, sni: x.example}}]}}',
    ),
  'mesh TLS that is passed on to the cluster that its name says':
    gateway('g', server(15443, 'TLS', '"*.local"', 'tls: {mode: AUTO_PASSTHROUGH}'), server(15444, 'TLS', 'x.example', PASSING)) +
    inside('a.shop.local') +
    subsets('a.shop.local', 'ISTIO_MUTUAL') +
    inside('b.shop.local', 'DNS_ROUND_ROBIN', PLAIN) +
    routes('v', 'x.example', 'tls: [{match: [{sniHosts: [x.example]}], route: [{destination: {host: x.example}}]}]') +
    entry('x.example'),
  'hosts that are resolved when called':
    gateway('g', server(80, 'HTTP', '"*.wild.example"'), server(443, 'TLS', '"*.wild.example"', PASSING)) +
    routes(
      'v',
      '"*.wild.example"',
      'http: [{route: [{destination: {host: "*.wild.example", port: {number: 80}}}]}], tls: [{match: [{sniHosts: ["*.wild.example"]}], route: [{destination: {host: "*.wild.example", port: {number: 443}}}]}]',
    ) +
    wildcard,
};

describe('what gateways are sent', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gateways-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const [name, text] of Object.entries(cases)) {
    test(`is accepted by Envoy: ${name}`, async () => {
      const served = serve(text, { proxy: gatewayProxy(), mesh: { tlsDefaults: { ecdhCurves: ['P-256'] } } });
      const refused = served.said.filter((line) => line.startsWith('UNSUPPORTED'));
      assert.deepEqual(refused, []);
      const bootstrap = staticBootstrap(served);
      const path = join(folder, 'bootstrap.json');
      await writeFile(path, JSON.stringify(bootstrap));
      const { path: envoy } = await resolveEnvoy();
      const { stdout, stderr } = await promisify(execFile)(envoy, ['--mode', 'validate', '--config-path', path]);
      assert.match(`${stdout}${stderr}`, /bootstrap\.json' OK/);
      const listeners = (bootstrap['staticResources'] as { readonly listeners: readonly unknown[] }).listeners.length;
      assert.match(stderr, new RegExp(`loading ${listeners} listener`));
      assert.ok(listeners > 0);
    });
  }
});
