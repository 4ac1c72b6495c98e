import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { RunningAgent } from 'sallyport/agent/agent.ts';
import { makeCertificates } from './lab/certificates.ts';
import { type ControlPlane, startControlPlane } from './testing/control-plane.ts';
import { freePort, talk } from './testing/proxy-agent.ts';
import { startRouter } from './testing/router-agent.ts';

interface Pair {
  readonly chain: string;
  readonly key: string;
}

describe('secrets that credentialName names', () => {
  let folder: string;
  let roots: string;
  let pairs: Readonly<Record<'one' | 'two' | 'client' | 'outside', Pair>>;
  let control: ControlPlane;
  let agent: RunningAgent;
  let outside: Server;
  let ports: { readonly https: number; readonly http: number };
  const log: string[] = [];

  const secretText = (name: string, data: Readonly<Record<string, string>>, namespace = 'edge'): string => {
    const lines = Object.entries(data).map(([key, text]) => `  ${key}: ${Buffer.from(text).toString('base64')}`);
    return [`apiVersion: v1`, 'kind: Secret', `metadata: { name: ${name}, namespace: ${namespace} }`, 'data:', ...lines, ''].join(
      '\n',
    );
  };
  const tlsSecret = ({ chain, key }: Pair) => secretText('c', { 'tls.crt': chain, 'tls.key': key });
  const gatewayText = (): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gateway, namespace: edge }
spec:
  selector: { app: gateway }
  servers:
  - { port: { number: ${ports.https}, name: https, protocol: HTTPS }, bind: 127.0.0.1, hosts: ["*"], tls: { mode: SIMPLE, credentialName: c } }
  - { port: { number: ${ports.http}, name: http, protocol: HTTP }, bind: 127.0.0.1, hosts: ["*"] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: routes, namespace: edge }
spec:
  hosts: ["*"]
  gateways: [gateway]
  http:
  - match: [{ uri: { prefix: /outside } }]
    route: [{ destination: { host: outside.example, port: { number: 443 } } }]
  - directResponse: { status: 200, body: { string: hello } }
`;
  const outsideText = (port: number): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside, namespace: edge }
spec:
  hosts: [outside.example]
  ports: [{ number: 443, name: https, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1, ports: { https: ${port} } }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: outside, namespace: edge }
spec:
  host: outside.example
  trafficPolicy: { tls: { mode: MUTUAL, credentialName: client, sni: outside, subjectAltNames: [outside] } }
`;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'credentials-'));
    const { caFile } = await makeCertificates(join(folder, 'made'), ['one', 'two', 'client', 'outside']);
    const read = (file: string) => readFile(join(folder, 'made', file), 'utf8');
    const pair = async (name: string): Promise<Pair> => ({ chain: await read(`${name}.pem`), key: await read(`${name}.key`) });
    roots = await readFile(caFile, 'utf8');
    pairs = { one: await pair('one'), two: await pair('two'), client: await pair('client'), outside: await pair('outside') };
    outside = createServer(
      { cert: pairs.outside.chain, key: pairs.outside.key, ca: roots, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
        response.end(`from ${subject?.CN}`);
      },
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => outside.once('listening', resolve));
    ports = { https: await freePort(), http: await freePort() };
    control = await startControlPlane({
      'gateway.yaml': gatewayText(),
      'outside.yaml': outsideText((outside.address() as AddressInfo).port),
    });
    agent = await startRouter(control, (message) => log.push(message));
  });
  after(async () => {
    await agent?.stop();
    await control?.close();
    outside?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** The name in the certificate that the gateway shows, or why there is none. */
  const shown = (): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({
        host: '127.0.0.1',
        port: ports.https,
        ca: roots,
        servername: 'one',
        checkServerIdentity: () => undefined,
      });
      socket.once('secureConnect', () => {
        resolve(socket.getPeerCertificate().subject.CN as string);
        socket.destroy();
      });
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
    });
  const ask = (path: string) => talk(ports.http, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);

  async function until(what: () => Promise<string>, expected: RegExp): Promise<void> {
    let last = '';
    for (let i = 0; i < 400; i += 1) {
      last = await what();
      if (expected.test(last)) return;
      await sleep(25);
    }
    assert.fail(`not ${expected} but ${last}; Envoy said ${log.slice(-5).join('\n')}`);
  }
  const issues = async (): Promise<string> =>
    (await control.admin.issues()).issues.map(({ code, object, message }) => `${code} ${object?.kind} ${message}`).join('\n');

  test('a server whose secret is missing refuses handshakes, holds up nothing, and is told', async () => {
    await until(() => ask('/'), /hello$/);
    await until(shown, /ECONNRESET|closed|alert/i);
    assert.match(await issues(), /DANGLING_REFERENCE Gateway there is no Secret edge\/c/);
    assert.match(await issues(), /DANGLING_REFERENCE DestinationRule there is no Secret edge\/client/);
  });

  test('the secret comes, changes and is what handshakes are made with', async () => {
    await control.write('c.yaml', tlsSecret(pairs.one));
    await until(shown, /^one$/);
    assert.doesNotMatch(await issues(), /edge\/c\b/);
    await control.write('c.yaml', tlsSecret(pairs.two));
    await until(shown, /^two$/);
  });

  test('calls outside carry the client certificate and are verified with its roots', async () => {
    await control.write('client.yaml', secretText('client', { cert: pairs.client.chain, key: pairs.client.key, cacert: roots }));
    await until(() => ask('/outside'), /from client$/);
  });

  test('a secret that is taken away, and then the Gateway, leave the proxy running', async () => {
    await control.remove('c.yaml');
    await until(issues, /no Secret edge\/c:/);
    await until(() => ask('/'), /hello$/);
    await control.write('c.yaml', tlsSecret(pairs.one));
    await until(shown, /^one$/);
    await control.remove('gateway.yaml');
    await until(shown, /ECONNREFUSED/);
    await control.write('gateway.yaml', gatewayText());
    await until(shown, /^one$/);
    await until(() => ask('/'), /hello$/);
  });

  test('nothing of a secret is said anywhere', async () => {
    const key = pairs.one.key.split('\n')[1]!;
    const said = [
      control.program.said(),
      JSON.stringify(control.program.lines),
      JSON.stringify(await control.admin.issues()),
      ...log,
    ];
    assert.ok(!said.join('\n').includes(key));
    assert.ok(!JSON.stringify(await control.admin.proxies()).includes(key));
  });
});
