import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';
import { gateway, routes, type Served, serve, server } from 'sallyport/envoy/gateways/testing/gateway.ts';
import { staticBootstrap } from './testing/gateway-bootstrap.ts';
import { freePort, talk } from './testing/proxy-agent.ts';

const policy = (name: string, spec: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: edge}
spec: ${spec}
`;

/** Every kind of condition, so that Envoy's reader sees each. */
const POLICIES = [
  policy(
    'readers',
    `{rules: [
      {to: [{operation: {methods: [GET], paths: ["/v1/*", "/{*}/x", "*/end"], hosts: [api.example, "*.api.example"]}}]},
      {to: [{operation: {methods: [POST]}}], from: [{source: {principals: [cluster.local/ns/shop/sa/web], namespaces: [shop]}}]},
      {to: [{operation: {methods: [PUT]}}], from: [{source: {ipBlocks: [127.0.0.0/8, "::1"]}}], when: [{key: "request.headers[x-team]", values: ["b*"]}]},
      {to: [{operation: {ports: ["1"]}}], from: [{source: {remoteIpBlocks: [10.0.0.1], serviceAccounts: [web], trustDomains: [td]}}],
        when: [{key: connection.sni, values: [a]}, {key: destination.ip, notValues: [10.0.0.0/8]}, {key: request.auth.principal, values: ["*"]}]}]}`,
  ),
  // Without its port it would deny every connection that is not HTTP.
  policy('nowhere', '{action: DENY, rules: [{to: [{operation: {paths: [/v1/secret], hosts: ["*"], ports: ["%WEB%"]}}]}]}'),
  policy('marked', '{action: AUDIT, rules: [{to: [{operation: {paths: [/v1/secret]}}]}]}'),
  policy('local', '{rules: [{from: [{source: {ipBlocks: [127.0.0.1]}}], to: [{operation: {ports: ["%TCP%"]}}]}]}'),
];

describe('AuthorizationPolicies at a real Envoy', { timeout: 60_000 }, () => {
  let folder: string;
  let envoy: ChildProcess;
  let upstream: Server;
  let served: Served;
  let ports: { readonly web: number; readonly tcp: number; readonly closed: number };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authorization-'));
    // Envoy asks when the caller's first bytes come, and not before: a server that speaks first is heard until then.
    upstream = createServer((socket) => socket.once('data', () => socket.end('reached'))).listen(0, '127.0.0.1');
    ports = { web: await freePort(), tcp: await freePort(), closed: await freePort() };
    const { port } = upstream.address() as { readonly port: number };
    served = serve(
      gateway('g', server(ports.web, 'HTTP', '"*"'), server(ports.tcp, 'TCP', '"*"'), server(ports.closed, 'TCP', '"*"')) +
        routes('web', '"*"', 'http: [{match: [{uri: {prefix: /v1}}], directResponse: {status: 200}}]') +
        routes('tcp', '"*"', 'tcp: [{route: [{destination: {host: db.example}}]}]') +
        `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], ports: [{number: ${port}, name: tcp, protocol: TCP}], resolution: DNS, endpoints: [{address: 127.0.0.1}]}
` +
        POLICIES.join('').replace('%TCP%', String(ports.tcp)).replace('%WEB%', String(ports.web)),
    );
    const path = join(folder, 'bootstrap.json');
    await writeFile(path, JSON.stringify(staticBootstrap(served)));
    const { path: binary } = await resolveEnvoy();
    let said = '';
    envoy = spawn(binary, ['--config-path', path, '--concurrency', '1', '--use-dynamic-base-id'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    envoy.stderr?.on('data', (text) => {
      said += text;
    });
    for (let i = 0; !(await answers(ports.web)); i += 1) {
      if (i === 300 || envoy.exitCode !== null) throw new Error(`Envoy does not answer\n${said}`);
      await sleep(50);
    }
  });
  after(async () => {
    envoy?.kill('SIGKILL');
    upstream?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('requests are let in and turned away as the walker says', async () => {
    const expected: Readonly<Record<string, number>> = {
      'GET /v1/a api.example': 200,
      'GET /v1/a?q=1 x.API.example': 200,
      'GET /v1/a other.example': 403,
      'GET /v2/x api.example': 404,
      'GET /v2/y api.example': 403,
      'GET /v1/secret api.example': 403,
      'POST /v1/a api.example': 403,
      'PUT /v1/a api.example': 403,
      'PUT /v1/a api.example blue': 200,
      'DELETE /v1/a api.example': 403,
    };
    const seen: Record<string, number> = {};
    for (const line of Object.keys(expected)) {
      const [method = '', path = '', host = '', team] = line.split(' ');
      const headers = team === undefined ? {} : { 'x-team': team };
      seen[line] = await statusOf(ports.web, method, path, { host, ...headers });
      const call = { address: '127.0.0.1', source: '127.0.0.1', port: ports.web, protocol: 'http', method, path, host, headers };
      const walked = served.call(call);
      assert.equal(walked === 'AccessDenied', seen[line] === 403, `${line}: ${walked}`);
    }
    assert.deepEqual(seen, expected);
  });

  test('connections are let through by their source, and closed where no policy allows them', async () => {
    assert.equal(await talk(ports.tcp, 'x'), 'reached');
    assert.equal(await talk(ports.closed, 'x').catch(() => ''), '');
  });
});

function statusOf(port: number, method: string, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    asked.once('error', reject).end();
  });
}

const answers = (port: number): Promise<boolean> =>
  statusOf(port, 'GET', '/', {}).then(
    () => true,
    () => false,
  );
