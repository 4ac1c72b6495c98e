import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect, createServer, type Server } from 'node:tls';
import type { RunningAgent } from 'sallyport/agent/agent.ts';
import { makeCertificates } from './lab/certificates.ts';
import { type ControlPlane, startControlPlane } from './testing/control-plane.ts';
import { freePort } from './testing/proxy-agent.ts';
import { startRouter } from './testing/router-agent.ts';

/** What sidecars call the TLS that they begin for another sidecar. */
const MESH = 'istio';

describe('a gateway that passes mesh TLS on unopened', { timeout: 60_000 }, () => {
  let folder: string;
  let control: ControlPlane;
  let agent: RunningAgent;
  let port: number;
  const workloads: Server[] = [];

  const gateway = (): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: east-west, namespace: edge }
spec:
  selector: { app: gateway }
  servers: [{ port: { number: ${port}, name: tls, protocol: TLS }, bind: 127.0.0.1, hosts: ["*.mesh.internal"], tls: { mode: AUTO_PASSTHROUGH } }]
`;
  const entry = (name: string, host: string, target: number, tlsMode: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: shop }
spec:
  hosts: [${host}]
  location: MESH_INTERNAL
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1, ports: { tcp: ${target} }, labels: { security.istio.io/tlsMode: ${tlsMode} } }]
`;

  /** A workload that ends mesh TLS itself, and says back what it is told. */
  const workload = async (name: string): Promise<number> => {
    const read = (file: string) => readFile(join(folder, 'made', file), 'utf8');
    const options = { cert: await read(`${name}.pem`), key: await read(`${name}.key`), ALPNProtocols: [MESH] };
    const server = createServer(options, (socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
    workloads.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'passthrough-'));
    await makeCertificates(join(folder, 'made'), ['db', 'cache', 'plain', 'elsewhere']);
    port = await freePort();
    control = await startControlPlane({
      'gateway.yaml': gateway(),
      'db.yaml': entry('db', 'db.mesh.internal', await workload('db'), 'istio'),
      'cache.yaml': entry('cache', 'cache.mesh.internal', await workload('cache'), 'istio'),
      'plain.yaml': entry('plain', 'plain.mesh.internal', await workload('plain'), 'disabled'),
      'elsewhere.yaml': entry('elsewhere', 'elsewhere.example', await workload('elsewhere'), 'istio'),
    });
    agent = await startRouter(control);
  });
  after(async () => {
    await agent?.stop();
    await control?.close();
    for (const server of workloads) server.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Who answers to a name in TLS, and what comes back; `closed` if nobody does. */
  const call = (servername: string, protocols: readonly string[] = [MESH]): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ALPNProtocols: [...protocols], rejectUnauthorized: false });
      const who = (): string => String(socket.getPeerCertificate().subject?.CN);
      socket.once('secureConnect', () => socket.write('ping'));
      socket.once('data', (bytes) => {
        resolve(`${who()}: ${bytes}`);
        socket.destroy();
      });
      socket.on('error', () => {});
      socket.once('close', () => resolve('closed'));
    });

  test('the name says which workload is meant, which sees the TLS as it was begun', async () => {
    assert.equal(await call('outbound_.5432_._.db.mesh.internal'), 'db: ping');
    assert.equal(await call('outbound_.5432_._.cache.mesh.internal'), 'cache: ping');
  });

  test('TLS that no sidecar began does not get in', async () => {
    assert.equal(await call('outbound_.5432_._.db.mesh.internal', ['h2', 'http/1.1']), 'closed');
    assert.equal(await call('outbound_.5432_._.db.mesh.internal', []), 'closed');
  });

  test('nor does a call to a workload that ends no mesh TLS, to another port, or to a host that the server is not for', async () => {
    assert.equal(await call('outbound_.5432_._.plain.mesh.internal'), 'closed');
    assert.equal(await call('outbound_.5433_._.db.mesh.internal'), 'closed');
    assert.equal(await call('outbound_.5432_._.elsewhere.example'), 'closed');
    assert.equal(await call('db.mesh.internal'), 'closed');
  });
});
