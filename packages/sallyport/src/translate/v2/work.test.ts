import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createConfiguration } from '../../pipeline/configuration.ts';
import { createPipeline } from '../../pipeline/index.ts';

const workspace = (i: number): string => `
apiVersion: admin.gloo.solo.io/v2
kind: Workspace
metadata: {name: w${i}, namespace: gloo-mesh}
spec: {workloadClusters: [{name: "*", namespaces: [{name: w${i}-a}, {name: w${i}-b}]}]}
---
apiVersion: admin.gloo.solo.io/v2
kind: WorkspaceSettings
metadata: {name: settings, namespace: w${i}-a}
spec: {exportTo: [{workspaces: [{name: w0}]}]}
---
apiVersion: resilience.policy.gloo.solo.io/v2
kind: ConnectionPolicy
metadata: {name: all, namespace: w${i}-a}
spec: {applyToDestinations: [{kind: EXTERNAL_SERVICE}], config: {tcp: {maxConnections: 7}}}
`;
const service = (workspaceNumber: number, i: number, more = ''): string => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: s${i}, namespace: w${workspaceNumber}-a, labels: {app: s${i}}}
spec: {hosts: [s${i}.w${workspaceNumber}.example.com], ports: [{number: 80, name: http, protocol: HTTP${more}}]}
`;
const endpoint = (address: string): string => `
apiVersion: networking.gloo.solo.io/v2
kind: ExternalEndpoint
metadata: {name: e, namespace: w1-a, labels: {app: e}}
spec: {address: ${address}}
`;
const policy = (most: number): string => `
apiVersion: resilience.policy.gloo.solo.io/v2
kind: OutlierDetectionPolicy
metadata: {name: one, namespace: w1-a}
spec: {applyToDestinations: [{kind: EXTERNAL_SERVICE, selector: {name: s0}}], config: {consecutiveErrors: ${most}}}
`;

/** Rows of the translation that each change recomputes, in a mesh of `workspaces` with `services` each. */
function work(workspaces: number, services: number) {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const { receive } = createConfiguration(pipeline, { keepAges: true });
  const put = (path: string, text: string): void =>
    receive({ source: 'test', put: [{ path, text }], remove: [], synced: true, issues: [] });
  let recomputed = 0;
  pipeline.graph.onCommit((commit) => {
    recomputed = [...commit.recomputed].reduce((sum, [name, rows]) => sum + (name.startsWith('translate.') ? rows : 0), 0);
  });
  const changing = (path: string, text: string): number => {
    put(path, text);
    return recomputed;
  };
  put('endpoint.yaml', endpoint('192.0.2.1'));
  put('selecting.yaml', `${service(1, 1000).trimEnd().slice(0, -1)}, selector: {app: e}}\n`);
  put('policy.yaml', policy(3));
  for (let w = 0; w < workspaces; w += 1)
    put(`w${w}.yaml`, [workspace(w), ...Array.from({ length: services }, (_, i) => service(w, i))].join('\n---\n'));
  put('own.yaml', service(1, 2000));
  const changes = {
    port: changing('own.yaml', service(1, 2000, ', targetPort: {number: 8080}')),
    tls: changing('own.yaml', service(1, 2000, ', clientsideTls: {}')),
    endpoint: changing('endpoint.yaml', endpoint('192.0.2.2')),
    policy: changing('policy.yaml', policy(4)),
    added: changing('new.yaml', service(2, 3000)),
  };
  assert.deepEqual([...pipeline.graph.failures.entries()], []);
  assert.equal((pipeline.objects.ServiceEntry?.size ?? 0) > workspaces * services * 2, true);
  return changes;
}

describe('the work of a change to a Gloo object', () => {
  it('is the same in a mesh of three workspaces and in one of twelve with five times as many services', () => {
    const small = work(3, 4);
    assert.deepEqual(work(12, 20), small);
    for (const [change, rows] of Object.entries(small)) assert.ok(rows < 100, `${change} recomputes ${rows} rows`);
  });
});
