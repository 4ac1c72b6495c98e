import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callOf } from '../explain/index.ts';
import { createConfiguration } from './configuration.ts';
import { explainCall } from './explain.ts';
import { createPipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';
import { refusalKey, watchCulprits } from './refusals.ts';

// What is found on a translated object, by whomever, is said of what the user wrote.

const CONFIG = `apiVersion: discovery.mesh.gloo.solo.io/v1
kind: Destination
metadata: {name: payments, namespace: gloo-mesh}
spec:
  externalService:
    name: payments
    hosts: [Pay.example.com]
    ports:
    - {number: 80, name: http, protocol: HTTP}
    endpoints:
    - {address: 203.0.113.10}
---
apiVersion: networking.mesh.gloo.solo.io/v1
kind: TrafficPolicy
metadata: {name: slow, namespace: gloo-mesh}
spec:
  policy:
    requestTimeout: 2s
---
apiVersion: networking.mesh.gloo.solo.io/v1
kind: TrafficPolicy
metadata: {name: lost, namespace: gloo-mesh}
spec:
  httpRequestMatchers: [{uri: {prefix: /lost}}]
  policy:
    trafficShift:
      destinations: [{kubeService: {name: nowhere, namespace: shop, port: 80}}]
`;

const WEB = proxyOfJson({ namespace: 'shop', name: 'web', ips: ['10.9.0.1'] }).value!;

function start() {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const culprits = watchCulprits(pipeline);
  const configuration = createConfiguration(pipeline);
  pipeline.graph.commit((tx) => tx.set(pipeline.inputs.proxies, WEB.id, WEB));
  configuration.receive({ source: 'files', put: [{ path: 'gloo.yaml', text: CONFIG }], remove: [], synced: true, issues: [] });
  return { pipeline, configuration, culprits };
}

it('what Envoy refuses is blamed on the Gloo objects that changed, with file and line', () => {
  const { pipeline, configuration, culprits } = start();
  const table = pipeline.envoy.tables.find(({ type }) => type === 'cluster')!;
  const [target, { version, name }] = [...table.resources.entries()].find(([, one]) => one.name.includes('pay.example.com'))!;
  const detail = 'not now';
  const refusal = { type: 'cluster', name, target, version, detail, blamed: culprits('cluster', target, detail) } as const;
  pipeline.graph.commit((tx) => tx.set(pipeline.inputs.refusals, refusalKey(refusal), refusal));
  const told = configuration.issues().filter(({ code }) => code === 'NACK');
  assert.deepEqual(
    told.map(({ object, origin }) => [object?.kind, object?.name, origin?.path, origin?.line]),
    [
      ['Destination', 'payments', 'gloo.yaml', 1],
      ['TrafficPolicy', 'slow', 'gloo.yaml', 13],
      ['TrafficPolicy', 'lost', 'gloo.yaml', 20],
    ],
    'everything came at once, so everything may be to blame',
  );
});

it('what a later stage finds is said of the field that the part came from', () => {
  const { configuration } = start();
  const found = configuration
    .issues()
    .map(({ code, object, origin, field }) => [code, object?.name, origin?.line, field?.join('.')]);
  assert.deepEqual(
    found.filter(([code]) => code === 'HOST_CASE'),
    [['HOST_CASE', 'payments', 7, 'spec.externalService.hosts.0']],
  );
  assert.ok(
    found.some(([code, name, line]) => code === 'DANGLING_REFERENCE' && name === 'lost' && line === 27),
    JSON.stringify(found),
  );
  assert.ok(
    found.every(([, name]) => ['payments', 'slow', 'lost'].includes(name as string)),
    JSON.stringify(found),
  );
});

it('a call is explained by the Destination and the policy, not by what they were translated to', () => {
  const { pipeline } = start();
  const call = callOf({ address: '243.168.86.187', port: 80, protocol: 'http', host: 'pay.example.com', path: '/' }).value!;
  const { verdict, because } = explainCall(pipeline, WEB, call);
  assert.equal(verdict, 'allowed');
  assert.deepEqual(
    because.map(({ key, origin }) => [key.kind, key.name, origin.line]),
    [
      ['Destination', 'payments', 1],
      ['TrafficPolicy', 'slow', 13],
      ['TrafficPolicy', 'lost', 20],
    ],
  );
});
