import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Namespace, openNamespace } from 'sallyport/agent/capture/index.ts';
import { runtimeDir } from 'sallyport/cli/runtime-dir.ts';
import type { AccessRecord } from './lab/access-log.ts';
import { makeCertificates } from './lab/certificates.ts';
import { run } from './lab/ran.ts';
import { namesOf, type StandIn } from './lab/world.ts';
import { type ControlPlane, startControlPlane } from './testing/control-plane.ts';
import type { EgressPlaces } from './testing/egress-agents.ts';
import { type Talker, talker } from './testing/lines.ts';

const HOSTS = ['httpbin.org', 'open.example.com', 'closed.example.com'];
const world: readonly StandIn[] = HOSTS.map((host, i) => ({
  name: host,
  hosts: [host],
  addresses: [`203.0.113.${20 + i}`],
  tls: [443],
}));

const workspaces = `
apiVersion: admin.gloo.solo.io/v2
kind: Workspace
metadata: {name: httpbin, namespace: gloo-mesh}
spec: {workloadClusters: [{name: '*', namespaces: [{name: httpbin}]}]}
---
apiVersion: admin.gloo.solo.io/v2
kind: WorkspaceSettings
metadata: {name: httpbin, namespace: httpbin}
spec: {exportTo: [{workspaces: [{name: gateways}]}]}
---
apiVersion: admin.gloo.solo.io/v2
kind: Workspace
metadata: {name: gateways, namespace: gloo-mesh}
spec: {workloadClusters: [{name: '*', namespaces: [{name: istio-gateways}]}]}
---
apiVersion: admin.gloo.solo.io/v2
kind: WorkspaceSettings
metadata: {name: gateways, namespace: istio-gateways}
spec: {importFrom: [{workspaces: [{name: httpbin}]}]}
`;

const gateway = `
apiVersion: networking.gloo.solo.io/v2
kind: VirtualGateway
metadata: {name: egress-gw, namespace: istio-gateways}
spec:
  workloads: [{selector: {labels: {app: istio-egressgateway}}}]
  listeners:
  - {http: {}, appProtocol: HTTPS, port: {number: 443}, tls: {mode: ISTIO_MUTUAL}, exposedExternalServices: [{host: httpbin.org}, {host: '*.example.com'}]}
  - {http: {}, port: {number: 80}, allowedRouteTables: [{host: '*', selector: {labels: {expose: "true"}}}]}
  - {http: {}, port: {name: redirect}, httpsRedirect: true}
---
apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-gateways}
spec:
  clusterIP: 10.96.0.9
  selector: {app: istio-egressgateway, istio: egressgateway}
  ports:
  - {name: https, port: 443, targetPort: 8443}
  - {name: http2, port: 80, targetPort: 8080}
  - {name: redirect, port: 81, targetPort: 8081}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: istio-egressgateway-1, namespace: istio-gateways, labels: {kubernetes.io/service-name: istio-egressgateway}}
addressType: IPv4
endpoints: [{addresses: [10.99.0.3], conditions: {ready: true}}]
ports: [{name: https, port: 8443}, {name: http2, port: 8080}, {name: redirect, port: 8081}]
`;

const external = (name: string, host: string, caFile: string) => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: ${name}, namespace: httpbin}
spec:
  hosts: [${host}]
  ports:
  - name: https
    number: 443
    protocol: HTTPS
    clientsideTls: {caCertificates: ${caFile}}
    egressGatewayRoutes: {portMatch: 80, virtualGatewayRefs: [{name: egress-gw, namespace: istio-gateways}]}
---`;

const access = (name: string, client: string) => `
apiVersion: security.policy.gloo.solo.io/v2
kind: AccessPolicy
metadata: {name: guard-${name}, namespace: httpbin}
spec:
  applyToDestinations: [{kind: EXTERNAL_SERVICE, selector: {name: ${name}, namespace: httpbin}}]
  config:
    authz:
      allowedClients: [{serviceAccountSelector: {name: ${client}, namespace: httpbin}}]
      allowedMethods: [GET]
---`;

const tried = `
apiVersion: security.policy.gloo.solo.io/v2
kind: AccessPolicy
metadata: {name: tried, namespace: httpbin}
spec:
  applyToDestinations: [{kind: EXTERNAL_SERVICE, selector: {name: open}}]
  config: {authzList: [{dryRun: true, allowedMethods: [GET]}]}
`;

const tables = ['exposed', 'hidden']
  .map(
    (name) => `
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: ${name}, namespace: httpbin, labels: {expose: "${name === 'exposed'}"}}
spec:
  hosts: [${name}.example.org]
  virtualGateways: [{name: egress-gw, namespace: istio-gateways}]
  http:
  - {name: in, matchers: [{uri: {prefix: /in}}], forwardTo: {destinations: [{ref: {name: httpbin}, kind: EXTERNAL_SERVICE, port: {number: 443}}], hostRewrite: httpbin.org}}
`,
  )
  .join('---');

const alias = `
apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: alias, namespace: httpbin}
spec:
  hosts: [alias.example.org]
  http:
  - {name: alias, forwardTo: {destinations: [{ref: {name: httpbin}, kind: EXTERNAL_SERVICE}], pathRewrite: /from/alias/}}
`;

const mesh = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: '{"accessLogFile": "/dev/stdout", "accessLogEncoding": "JSON", "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}'}
`;

interface Line {
  readonly ready?: true;
  readonly agent?: string;
  readonly access?: AccessRecord;
}

describe('calls that leave through an egress gateway', { timeout: 120_000 }, () => {
  let folder: string;
  let control: ControlPlane;
  let namespace: Namespace;
  const started: Talker<Line>[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'egress-'));
    const { caFile, folder: certificates } = await makeCertificates(join(folder, 'certificates'), HOSTS);
    const services = [
      external('httpbin', HOSTS[0]!, caFile),
      external('open', HOSTS[1]!, caFile),
      external('closed', HOSTS[2]!, caFile),
    ];
    control = await startControlPlane({
      'mesh.yaml': mesh,
      'workspaces.yaml': workspaces,
      'gateway.yaml': gateway,
      'services.yaml': services.join('\n'),
      'policies.yaml': `${access('httpbin', 'in-mesh')}${access('closed', 'somebody-else')}${tried}`,
      'tables.yaml': tables,
      'alias.yaml': alias,
    });
    namespace = await openNamespace({ variant: 'root', reach: 'lab', addresses: ['10.99.0.2', '10.99.0.3'] });
    const node = (file: string, ...args: string[]) => [process.execPath, fileURLToPath(import.meta.resolve(file)), ...args];
    const standIns = talker<Line & { event?: string }>(
      namespace.inside(node('./lab/stand-ins.ts', JSON.stringify(world), certificates, 'own addresses')),
    );
    started.push(standIns);
    const places = runtimeDir(control.runtime);
    const told: EgressPlaces = {
      ...{ xds: places.xds, admin: places.admin, names: namesOf(world) },
      client: {
        name: 'in-mesh-1',
        namespace: 'httpbin',
        ips: ['10.99.0.2'],
        labels: { app: 'in-mesh' },
        serviceAccount: 'in-mesh',
      },
      gateway: {
        ...{ role: 'router', name: 'egress-1', namespace: 'istio-gateways', ips: ['10.99.0.3'], serviceAccount: 'egress' },
        labels: { app: 'istio-egressgateway', istio: 'egressgateway' },
      },
    };
    const agents = talker<Line>(namespace.inside(node('./testing/egress-agents.ts', JSON.stringify(told))));
    started.push(agents);
    await standIns.until(({ event }) => event === 'ready');
    await agents.until(({ ready }) => ready === true, { ms: 60_000 });
  });
  after(async () => {
    for (const one of started.reverse()) await one.end();
    await namespace?.close();
    await control?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the application of the sidecar gets, and which server answered. */
  const call = async (host: string, { method = 'GET', at = '127.0.0.1:80', path = '/' } = {}) => {
    const { stdout } = await run(
      namespace.inside([
        'curl',
        '--silent',
        '--max-time',
        '10',
        '-X',
        method,
        '-H',
        `host: ${host}`,
        '--write-out',
        '\n%{http_code} %{redirect_url}',
        `http://${at}${path}`,
      ]),
    );
    const [status = '', redirect = ''] = stdout.split('\n').at(-1)!.split(' ');
    const body = stdout.slice(0, stdout.lastIndexOf('\n')).trim();
    const said = body.startsWith('{') ? (JSON.parse(body) as { server: string; headers: Record<string, string> }) : undefined;
    return { status: Number(status), server: said?.server, host: said?.headers['host'], redirect, body };
  };

  test('come in over mutual TLS with the host as server name, and go on over TLS to the host', async () => {
    const { status, server } = await call('httpbin.org');
    assert.deepEqual([status, server], [200, 'httpbin.org']);
    const { access: record } = await started[1]!.until(
      ({ agent, access: one }) => agent === 'egress-1' && one?.authority === 'httpbin.org',
    );
    assert.equal(record?.upstream_cluster, 'outbound|443||httpbin.org');
    assert.equal(record?.['requested_server_name'], 'httpbin.org');
    assert.match(String(record?.['downstream_local_address']), /:8443$/);
    const sent = await started[1]!.until(({ agent, access: one }) => agent === 'in-mesh-1' && one?.authority === 'httpbin.org');
    assert.equal(
      sent.access?.upstream_cluster,
      'outbound|443|httpbin-org-443|istio-egressgateway.istio-gateways.svc.cluster.local',
    );
  });

  test('are let through by method where an AccessPolicy says so', async () => {
    const { status, body } = await call('httpbin.org', { method: 'POST' });
    assert.deepEqual([status, body], [403, 'RBAC: access denied']);
  });

  test('are refused to accounts that the policy does not name', async () => {
    assert.equal((await call('closed.example.com')).status, 403);
  });

  test('stay open to hosts whose AccessPolicy is only tried', async () => {
    const { status, server } = await call('open.example.com', { method: 'POST' });
    assert.deepEqual([status, server], [200, 'open.example.com']);
  });

  test('go the same way by route tables of their own, under the name of the host', async () => {
    const { status, server, host } = await call('alias.example.org', { path: '/x' });
    assert.deepEqual([status, server, host], [200, 'httpbin.org', 'httpbin.org']);
    const { access: record } = await started[1]!.until(
      ({ agent, access: one }) => agent === 'egress-1' && one?.path === '/from/alias/x',
    );
    assert.equal(record?.upstream_cluster, 'outbound|443||httpbin.org');
    assert.equal((await call('alias.example.org', { method: 'POST' })).status, 403);
  });

  test('come in from outside by route tables that the listener lets in', async () => {
    const { status, server, host } = await call('exposed.example.org', { at: '10.99.0.3:8080', path: '/in' });
    assert.deepEqual([status, server, host], [200, 'httpbin.org', 'httpbin.org']);
    assert.equal((await call('hidden.example.org', { at: '10.99.0.3:8080', path: '/in' })).status, 404);
  });

  test('are sent to https where a listener says so', async () => {
    const { status, redirect } = await call('exposed.example.org', { at: '10.99.0.3:8081', path: '/x' });
    assert.deepEqual([status, redirect], [301, 'https://exposed.example.org/x']);
  });
});
