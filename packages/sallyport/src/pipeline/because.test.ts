import assert from 'node:assert/strict';
import { it } from 'node:test';
import { callOf } from '../explain/index.ts';
import { objectId } from '../model/index.ts';
import { createConfiguration } from './configuration.ts';
import { explainCall } from './explain.ts';
import { createPipeline } from './index.ts';
import { proxyOfJson } from './proxies.ts';

const entry = (name: string, rest: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [${name}.example.com]
  location: MESH_EXTERNAL
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}, {number: 5432, name: tcp, protocol: TCP}]
  ${rest}
---`;
const BASE = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
${entry('a', 'addresses: [10.1.1.1]\n  resolution: DNS')}
${entry('b', 'addresses: [10.1.1.2]\n  resolution: STATIC\n  workloadSelector: {labels: {app: b}}')}
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: b-1, namespace: shop}
spec: {address: 203.0.113.1, labels: {app: b}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: shop}
spec:
  hosts: [a.example.com]
  http: [{match: [{uri: {prefix: /b}}], delegate: {name: to-b}}, {route: [{destination: {host: a.example.com}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: to-b, namespace: shop}
spec:
  http: [{route: [{destination: {host: b.example.com}}]}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: shop}
spec: {host: b.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}
---`;
const SIDECAR = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ["./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}
---`;

function blamed(text: string, call: object): string[] {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  createConfiguration(pipeline).receive({
    source: 'test',
    put: [{ path: 'm.yaml', text }],
    remove: [],
    synced: true,
    issues: [],
  });
  const { because } = explainCall(pipeline, proxyOfJson({ namespace: 'shop' }).value!, callOf(call).value!);
  return because.map(({ key }) => objectId(key));
}
const http = (host: string, path = '/') => ({ address: '10.9.9.9', port: 80, protocol: 'http', host, path });

it('of many objects in one route configuration only those of the host are to blame, and what they hand over to', () => {
  assert.deepEqual(blamed(BASE, http('a.example.com', '/b')), [
    'ServiceEntry/shop/a',
    'ServiceEntry/shop/b',
    'WorkloadEntry/shop/b-1',
    'VirtualService/shop/a',
    'VirtualService/shop/to-b',
    'DestinationRule/shop/b',
  ]);
  assert.deepEqual(blamed(BASE, http('b.example.com')), [
    'ServiceEntry/shop/b',
    'WorkloadEntry/shop/b-1',
    'DestinationRule/shop/b',
  ]);
});

it('a connection without names is explained by the entry that has its address', () => {
  assert.deepEqual(blamed(BASE, { address: '10.1.1.1', port: 5432 }), ['ServiceEntry/shop/a']);
});

it('what is blocked is explained by who says so: the Sidecar, or else the mesh', () => {
  assert.deepEqual(blamed(BASE, http('leak.example')), ['ConfigMap/istio-system/istio']);
  assert.deepEqual(blamed(BASE + SIDECAR, http('leak.example')), ['Sidecar/shop/default']);
});
