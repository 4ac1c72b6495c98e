import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, startLab } from './lab/index.ts';

/** Three machines, one of them where the workload is. */
const [EAST, WEST, FAR_WEST] = ['198.51.100.11', '198.51.100.12', '198.51.100.13'];
const HTTP = '[{name: http, number: 80, protocol: HTTP}]';

const workspace = (name: string) => `
apiVersion: admin.gloo.solo.io/v2
kind: Workspace
metadata: {name: ${name}, namespace: gloo-mesh}
spec: {workloadClusters: [{name: "*", namespaces: [{name: ${name}}]}]}
---`;
const settings = (name: string, spec: string) => `
apiVersion: admin.gloo.solo.io/v2
kind: WorkspaceSettings
metadata: {name: ${name}, namespace: ${name}}
spec: ${spec}
---`;
const external = (name: string, spec: string, namespace = 'shop') => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
---`;
const endpoint = (name: string, address: string, region: string, label: string) => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalEndpoint
metadata: {name: ${name}, namespace: shop, labels: {app: db, only: ${label}}}
spec: {address: ${address}, ports: [{name: web, number: 80}], locality: {region: ${region}}}
---`;
const policy = (group: string, kind: string, name: string, config: string) => `
apiVersion: ${group}.policy.gloo.solo.io/v2
kind: ${kind}
metadata: {name: ${name}, namespace: shop}
spec: {applyToDestinations: [{kind: EXTERNAL_SERVICE, selector: {name: ${name}}}], ${config}}
---`;
/** A host of its own for each policy; all of them lead to the same machines. */
const grouped = (name: string, only = 'app: db') =>
  external(name, `{hosts: [${name}.internal], ports: ${HTTP}, selector: {${only}}}`);

const OUTLIERS = 'config: {consecutiveErrors: 2, interval: 1s, baseEjectionTime: 120s}';
const CONFIG = [
  workspace('shop'),
  workspace('bank'),
  endpoint('east', EAST, 'us-east', 'east'),
  endpoint('west', WEST, 'us-west', 'west'),
  endpoint('far-west', FAR_WEST, 'us-west', 'far'),
  grouped('shared'),
  grouped('sticky'),
  policy('trafficcontrol', 'LoadBalancerPolicy', 'sticky', 'config: {consistentHash: {httpHeaderName: x-user}}'),
  grouped('limited', 'only: east'),
  policy('resilience', 'ConnectionPolicy', 'limited', 'config: {tcp: {maxConnections: 1}, http: {maxPendingRequests: 1}}'),
  grouped('ejecting'),
  policy('resilience', 'OutlierDetectionPolicy', 'ejecting', OUTLIERS),
  grouped('failing-over'),
  policy('resilience', 'OutlierDetectionPolicy', 'failing-over', OUTLIERS),
  policy(
    'resilience',
    'FailoverPolicy',
    'failing-over',
    'config: {localityMappings: [{from: {region: us-east}, to: [{region: us-west}]}]}',
  ),
  grouped('distributed'),
  policy(
    'resilience',
    'FailoverPolicy',
    'distributed',
    'config: {localityMappings: [{from: {region: us-east}, to: [{region: us-west, weight: 100}]}]}',
  ),
  external('by-address', `{addresses: [123.221.3.0], ports: ${HTTP}}`),
  external('by-range', '{addresses: [10.244.0.0/24], ports: [{name: tcp, number: 8080, protocol: TCP}]}'),
  external('rates', `{hosts: [elsewhere.example.net], ports: ${HTTP}}`, 'bank'),
  `
apiVersion: networking.gloo.solo.io/v2
kind: VirtualDestination
metadata: {name: virtual, namespace: shop}
spec:
  hosts: [virtual.internal]
  externalServices: [{name: shared}]
  ports: [{number: 8000, protocol: HTTP, targetPort: {number: 80}}]
`,
].join('');
const HOSTS = ['shared', 'sticky', 'limited', 'ejecting', 'failing-over', 'distributed', 'virtual'];

interface Seen {
  readonly status: number;
  readonly address?: string;
  readonly port?: number;
  readonly sni?: string;
  readonly server?: string;
}

describe('external services of Gloo v2 and the policies on them, through a real Envoy', { timeout: 180_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({
      mesh: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
      config: { 'gloo.yaml': CONFIG },
      names: Object.fromEntries(HOSTS.map((host, i) => [`${host}.internal`, [`198.51.100.${200 + i}`]])),
      workload: { namespace: 'shop', labels: { app: 'caller' }, locality: 'us-east/a' },
    });
  });
  after(() => lab?.close());

  /** What calls saw, in order; a URL may stand for several, as curl writes them. */
  async function calls(url: string, ...more: string[]): Promise<readonly Seen[]> {
    const { stdout } = await lab.exec(['curl', '--silent', '--max-time', '10', '-w', '\x01%{http_code}\x02', ...more, url]);
    return stdout
      .split('\x02')
      .slice(0, -1)
      .map((text) => {
        const [body = '', status] = text.split('\x01');
        const found = body.trim().startsWith('{') ? (JSON.parse(body) as object) : {};
        return { ...found, status: Number(status) };
      });
  }

  function countBy(seen: readonly Seen[], of: (one: Seen) => unknown): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const one of seen) counts[String(of(one))] = (counts[String(of(one))] ?? 0) + 1;
    return counts;
  }

  /**
   * The calls after a machine was ejected for two errors. Envoy counts where calls are made and ejects in its main thread, so that one or
   * two that are made meanwhile may still meet the machine.
   */
  function afterEjection(seen: readonly Seen[]): readonly Seen[] {
    const failed = [...seen.keys()].filter((i) => seen[i]!.status === 503);
    assert.ok(failed.length >= 2 && failed.length <= 4, `${failed.length} calls failed: ${JSON.stringify(seen)}`);
    return seen.slice(failed.at(-1)! + 1);
  }

  /** Writes configuration and waits until a call shows it. */
  async function put(name: string, text: string, url: string, shows: (seen: Seen) => boolean): Promise<Seen> {
    await writeFile(join(lab.configDir, name), text);
    let last: Seen | undefined;
    for (let tries = 0; tries < 100; tries += 1) {
      [last] = await calls(url);
      if (last !== undefined && shows(last)) return last;
      await sleep(100);
    }
    return assert.fail(`${url} still gives ${JSON.stringify(last)}`);
  }

  test('ExternalEndpoints with one label share the calls to the host that selects them', async () => {
    const seen = await calls('http://shared.internal/?[1-300]');
    assert.equal(seen.length, 300);
    const counts = countBy(seen, ({ address }) => address);
    assert.deepEqual(Object.keys(counts).sort(), [EAST, WEST, FAR_WEST]);
    for (const [address, count] of Object.entries(counts)) assert.ok(count > 50, `${address} had ${count} of 300`);
  });

  test('an address and a range of addresses are called as they are, and nothing beside them', async () => {
    const [one] = await calls('http://123.221.3.0/');
    assert.deepEqual([one?.status, one?.server], [200, '123.221.3.0']);
    const [inside] = await calls('http://10.244.0.22:8080/');
    assert.deepEqual([inside?.status, inside?.server], [200, 'calcbackend-v2']);
    const [beside] = await calls('http://203.0.113.66/');
    assert.equal(beside?.status, 502);
  });

  test('clientsideTls: the upstream is called on the target port, by TLS, and sees the host as SNI', async () => {
    const tls = (sans: string) =>
      external(
        'origin',
        `{hosts: [httpbin.org], subjectAltNames: [${sans}], ports: [{name: http, number: 80, protocol: HTTP, targetPort: {number: 443}, clientsideTls: {caCertificates: ${lab.caFile}}}]}`,
      );
    const seen = await put('tls.yaml', tls('httpbin.org'), 'http://httpbin.org/', ({ status }) => status === 200);
    assert.deepEqual([seen.server, seen.port, seen.sni], ['httpbin.org', 443, 'httpbin.org']);
    const refused = await put('tls.yaml', tls('other.example.com'), 'http://httpbin.org/', ({ status }) => status !== 200);
    assert.equal(refused.status, 503);
    await rm(join(lab.configDir, 'tls.yaml'));
  });

  test('ClientTLSPolicy: overrides the TLS that the service asks for', async () => {
    const service = external(
      'plain',
      `{hosts: [my-remote-svc.com], ports: [{name: http, number: 80, protocol: HTTP, clientsideTls: {}}]}`,
    );
    const url = 'http://my-remote-svc.com/';
    await put('client-tls.yaml', service, url, ({ status }) => status === 503);
    const text = `${service}${policy('security', 'ClientTLSPolicy', 'plain', 'disable: {}')}`;
    const seen = await put('client-tls.yaml', text, url, ({ status }) => status === 200);
    assert.deepEqual([seen.server, seen.port, seen.sni], ['my-remote-svc.com', 80, undefined]);
  });

  test('ClientTLSPolicy: TLS where the service asks for none, with SNI and authority of the policy', async () => {
    const authority = (await readFile(lab.caFile)).toString('base64');
    const secret = `\napiVersion: v1\nkind: Secret\nmetadata: {name: solo, namespace: shop}\ndata: {cacert: ${authority}}\n`;
    const text = `${external('solo', '{hosts: [solo.io], ports: [{name: http, number: 80, protocol: HTTP, targetPort: {number: 443}}]}')}${policy('security', 'ClientTLSPolicy', 'solo', 'simple: {config: {sni: shown.example.com, credentialName: solo}}')}${secret}`;
    const seen = await put('credential.yaml', text, 'http://solo.io/', ({ status }) => status === 200);
    assert.deepEqual([seen.server, seen.port, seen.sni], ['solo.io', 443, 'shown.example.com']);
  });

  test('ConnectionPolicy: calls above the limits fail at once, and the access log says why', async () => {
    const from = lab.access().length;
    const urls = Array.from({ length: 6 }, (_, i) => `http://limited.internal/?delay=700&n=${i}`);
    const { stdout } = await lab.exec([
      'curl',
      '--silent',
      '--parallel',
      '--parallel-immediate',
      '-w',
      '%{http_code}\n',
      '-o',
      '/dev/null',
      ...urls.flatMap((url) => ['-o', '/dev/null', url]),
    ]);
    const statuses: readonly string[] = stdout.match(/\b(200|503)\b/g) ?? [];
    assert.ok(statuses.includes('200') && statuses.includes('503'), stdout);
    await lab.waitAccess((record) => String(record['response_flags']).includes('UO'), { from });
  });

  test('OutlierDetectionPolicy: after two errors a machine gets no more calls', async () => {
    const seen = await calls(`http://ejecting.internal/?fails=${EAST}&n=[1-60]`);
    assert.equal(seen.length, 60);
    const rest = afterEjection(seen);
    assert.ok(rest.length >= 20, `${rest.length} calls came after the last that failed`);
    assert.equal(countBy(rest, ({ address }) => address)[EAST], undefined);
  });

  test('FailoverPolicy: calls stay in the region of the workload, and go to the other one when it fails', async () => {
    const home = countBy(await calls('http://failing-over.internal/?[1-30]'), ({ address }) => address);
    assert.deepEqual(home, { [EAST]: 30 });
    const away = countBy(
      afterEjection(await calls(`http://failing-over.internal/?fails=${EAST}&n=[1-30]`)),
      ({ address }) => address,
    );
    assert.deepEqual(Object.keys(away).sort(), [WEST, FAR_WEST]);
  });

  test('FailoverPolicy with weights: calls are shared out between regions as it says', async () => {
    const counts = countBy(await calls('http://distributed.internal/?[1-60]'), ({ address }) => address);
    assert.deepEqual(Object.keys(counts).sort(), [WEST, FAR_WEST]);
  });

  test('LoadBalancerPolicy: calls with one header value go to one machine', async () => {
    const machines = new Set<string>();
    for (const user of ['ann', 'bob', 'cid', 'dan', 'eve', 'fay', 'gus', 'hal']) {
      const counts = countBy(await calls('http://sticky.internal/?[1-10]', '-H', `x-user: ${user}`), ({ address }) => address);
      assert.deepEqual(Object.values(counts), [10], user);
      machines.add(Object.keys(counts)[0]!);
    }
    assert.ok(machines.size > 1, `all users are at ${[...machines]}`);
  });

  test('VirtualDestination: its host leads to what it selects, from a port of its own', async () => {
    const seen = await calls('http://virtual.internal:8000/?[1-60]');
    assert.equal(countBy(seen, ({ status }) => status)['200'], 60);
    assert.deepEqual(Object.keys(countBy(seen, ({ address }) => address)).sort(), [EAST, WEST, FAR_WEST]);
  });

  test('a service of another workspace is not there until it is exported and imported', async () => {
    const url = 'http://elsewhere.example.net/';
    const [hidden] = await calls(url);
    assert.equal(hidden?.status, 502);
    await writeFile(join(lab.configDir, 'export.yaml'), settings('bank', '{exportTo: [{workspaces: [{name: shop}]}]}'));
    await lab.settled();
    assert.equal((await calls(url))[0]?.status, 502, 'exported, and not imported');
    const seen = await put(
      'import.yaml',
      settings('shop', '{importFrom: [{workspaces: [{name: bank}]}]}'),
      url,
      ({ status }) => status === 200,
    );
    assert.equal(seen.server, 'elsewhere.example.net');
  });

  test('TrimProxyConfigPolicy: the workload keeps the destinations that are included', async () => {
    const trim = `
apiVersion: resilience.policy.gloo.solo.io/v2
kind: TrimProxyConfigPolicy
metadata: {name: caller, namespace: shop}
spec:
  applyToWorkloads: [{selector: {labels: {app: caller}}}]
  config: {includedDestinations: [{kind: EXTERNAL_SERVICE, selector: {name: shared}}]}
`;
    await put('trim.yaml', trim, 'http://sticky.internal/', ({ status }) => status === 502);
    assert.equal((await calls('http://shared.internal/'))[0]?.status, 200);
  });
});
