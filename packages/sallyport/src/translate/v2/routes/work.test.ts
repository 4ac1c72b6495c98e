import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { createConfiguration } from '../../../pipeline/configuration.ts';
import { createPipeline } from '../../../pipeline/index.ts';

const MANY = 40;

const service = (i: number, port = 80) => `apiVersion: networking.gloo.solo.io/v2
kind: ExternalService
metadata: {name: s${i}, namespace: shop}
spec: {hosts: [s${i}.example.com], ports: [{number: ${port}, protocol: HTTP}]}
`;
const table = (i: number) => `apiVersion: networking.gloo.solo.io/v2
kind: RouteTable
metadata: {name: t${i}, namespace: shop, labels: {table: t${i}}}
spec: {hosts: [s${i}.example.com], http: [{forwardTo: {destinations: [{ref: {name: s${i}}, kind: EXTERNAL_SERVICE}]}}]}
`;
const policy = (i: number, seconds: number) => `apiVersion: resilience.policy.gloo.solo.io/v2
kind: RetryTimeoutPolicy
metadata: {name: p, namespace: shop}
spec: {applyToRoutes: [{route: {labels: {table: t${i}}}}], config: {requestTimeout: ${seconds}s}}
`;

describe('of many RouteTables one change computes', () => {
  let put: (path: string, text: string) => ReadonlyMap<string, number>;
  before(() => {
    const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
    const configuration = createConfiguration(pipeline, { keepAges: true });
    const receive = (files: readonly { path: string; text: string }[]) =>
      configuration.receive({ source: 'memory', put: files, remove: [], synced: true, issues: [] });
    receive(
      Array.from({ length: MANY }, (_, i) => [
        { path: `s${i}.yaml`, text: service(i) },
        { path: `t${i}.yaml`, text: table(i) },
      ]).flat(),
    );
    put = (path, text) => {
      const computed = new Map<string, number>();
      const stop = pipeline.graph.onCommit(({ recomputed }) => {
        for (const [name, count] of recomputed) if (name.startsWith('translate.routes')) computed.set(name, count);
      });
      receive([{ path, text }]);
      stop();
      return computed;
    };
  });

  for (const [what, path, text] of [
    ['a table', 't3.yaml', table(3).replace('shop, labels', 'shop, annotations: {a: b}, labels')],
    ['what it leads to', 's3.yaml', service(3, 8080)],
    ['a policy that asks for its label', 'p.yaml', policy(3, 1)],
    ['the same policy, changed', 'p.yaml', policy(3, 2)],
  ] as const)
    it(`one plan for ${what}`, () => {
      const computed = put(path, text);
      assert.equal(computed.get('translate.routes.drafts'), 1);
      assert.ok([...computed.values()].reduce((sum, n) => sum + n, 0) < 12, JSON.stringify([...computed]));
    });
});
