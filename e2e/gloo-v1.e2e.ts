import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Lab, startLab } from './lab/index.ts';

// What Gloo Mesh v1 resources do to real calls: a Destination, and the policies on it.
const GLOO = `apiVersion: discovery.mesh.gloo.solo.io/v1
kind: Destination
metadata: {name: partner, namespace: gloo-mesh}
spec:
  externalService:
    name: partner
    hosts: [partner.global]
    ports: [{number: 80, name: http, protocol: HTTP}]
    endpoints: [{address: solo.io, ports: {http: 80}}]
    options: {autoHostRewrite: true}
---
apiVersion: networking.mesh.gloo.solo.io/v1
kind: TrafficPolicy
metadata: {name: all, namespace: gloo-mesh}
spec:
  destinationSelector: [{externalServiceRefs: {externalServices: [{name: partner, namespace: gloo-mesh}]}}]
  policy:
    headerManipulation: {appendRequestHeaders: {x-through: gloo}}
---
apiVersion: networking.mesh.gloo.solo.io/v1
kind: TrafficPolicy
metadata: {name: broken, namespace: gloo-mesh}
spec:
  destinationSelector: [{externalServiceRefs: {externalServices: [{name: partner, namespace: gloo-mesh}]}}]
  httpRequestMatchers: [{uri: {prefix: /broken}}]
  policy:
    faultInjection: {abort: {httpStatus: 418}}
---
apiVersion: networking.mesh.gloo.solo.io/v1
kind: TrafficPolicy
metadata: {name: shifted, namespace: gloo-mesh}
spec:
  destinationSelector: [{externalServiceRefs: {externalServices: [{name: partner, namespace: gloo-mesh}]}}]
  httpRequestMatchers: [{uri: {exact: /shifted}}]
  sourceSelector: [{kubeWorkloadMatcher: {labels: {app: web}}}]
  policy:
    trafficShift: {destinations: [{kubeService: {name: calcbackendsvc, namespace: challengeistio, port: 80}}]}
---
apiVersion: v1
kind: Service
metadata: {name: calcbackendsvc, namespace: challengeistio}
spec: {clusterIP: 10.96.0.20, selector: {app: calc}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: calc, namespace: challengeistio, labels: {app: calc}}
spec: {containers: [{name: calc, image: calc}]}
status: {phase: Running, podIP: 10.244.0.21, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: calc-1, namespace: challengeistio, labels: {kubernetes.io/service-name: calcbackendsvc}}
addressType: IPv4
endpoints: [{addresses: [10.244.0.21], conditions: {ready: true}, targetRef: {kind: Pod, name: calc, namespace: challengeistio}}]
ports: [{name: http, port: 8080, protocol: TCP}]
`;

interface Said {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
}

describe('Gloo Mesh v1 on real calls', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ config: { 'gloo.yaml': GLOO }, workload: { namespace: 'shop', labels: { app: 'web' } } });
  });
  after(() => lab?.close());
  /** Gloo's virtual address of `partner` in istio-system. */
  const address = '250.2.148.148';

  async function call(path: string): Promise<{ readonly status: number; readonly said?: Said }> {
    const url = `http://partner.global${path}`;
    const resolve = `partner.global:80:${address}`;
    const { stdout } = await lab.exec(['curl', '-s', '--max-time', '10', '--resolve', resolve, '-w', '\n%{http_code}', url]);
    const [body = '', status = ''] = stdout.trim().split(/\n(?=\d+$)/);
    return { status: Number(status), ...(body.startsWith('{') && { said: JSON.parse(body) as Said }) };
  }

  test('the server behind the Destination answers; it hears its own name and the header of the policy', async () => {
    const { status, said } = await call('/');
    assert.deepEqual(
      [status, said?.server, said?.headers['host'], said?.headers['x-through']],
      [200, 'solo.io', 'solo.io', 'gloo'],
    );
  });

  test('a fault of a policy is for the requests that it selects', async () => {
    assert.equal((await call('/broken/x')).status, 418);
    assert.equal((await call('/unbroken')).status, 200);
  });

  test('traffic of the selected callers is shifted to a Kubernetes Service', async () => {
    assert.equal((await call('/shifted')).said?.server, 'calcbackend-v1');
    assert.equal((await call('/shifted/not')).said?.server, 'solo.io');
  });

  test('what Envoy refuses is blamed on the policy, with file and line', async () => {
    const policy = GLOO.split('---\n')[1]!.replace('x-through: gloo', 'x-through: "%NOPE%"');
    await writeFile(
      join(lab.configDir, 'policy.yaml'),
      `# a comment\n${policy.replace('name: all', 'name: nope')}  httpRequestMatchers: [{uri: {prefix: /nope}}]\n`,
    );
    for (let i = 0; i < 200; i += 1) {
      const { stdout } = await lab.sallyport(['proxy-status']);
      const told = stdout.split('\n').find((line) => line.includes('NACK'));
      if (told !== undefined) {
        assert.match(told, /policy\.yaml:2:1 error NACK .*NOPE.*\(TrafficPolicy\/gloo-mesh\/nope\)/);
        return;
      }
      await sleep(50);
    }
    assert.fail('nothing was refused');
  });

  test('apply and delete take Gloo kinds, the older of two of one name by its group', async () => {
    const policy =
      'apiVersion: networking.mesh.gloo.solo.io/v1\nkind: AccessPolicy\nmetadata: {name: readers}\nspec: {allowedMethods: [GET]}\n';
    const applied = await lab.sallyport(['apply', '-n', 'gloo-mesh', '-f', '-'], policy);
    assert.match(applied.stdout, /^accesspolicy\.networking\.mesh\.gloo\.solo\.io\/readers created in gloo-mesh$/m);
    assert.match(applied.stderr, /warning UNSUPPORTED access to Destination gloo-mesh\/partner is not restricted/);
    const deleted = await lab.sallyport(['delete', '-n', 'gloo-mesh', 'accesspolicies.networking.mesh.gloo.solo.io', 'readers']);
    assert.match(deleted.stdout, /^accesspolicy\.networking\.mesh\.gloo\.solo\.io\/readers deleted/m);
  });
});
