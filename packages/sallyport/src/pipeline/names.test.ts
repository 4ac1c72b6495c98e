import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVector } from './vector.ts';

const CONFIG = `
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: tcp-pg, port: 5432}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
endpoints:
- {addresses: [10.9.0.1], targetRef: {kind: Pod, name: db-0}}
- {addresses: [10.9.0.2], targetRef: {kind: Pod, name: db-1}, conditions: {ready: false, terminating: false}}
ports: [{name: tcp-pg, port: 5432}]
---
apiVersion: v1
kind: Pod
metadata: {name: db-0, namespace: shop, labels: {app: db}}
spec: {hostname: db-0, subdomain: db}
status: {podIP: 10.9.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db-1, namespace: shop, labels: {app: db}}
spec: {hostname: db-1, subdomain: db}
status: {podIP: 10.9.0.2}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: shop}
spec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
status: {addresses: [{host: api.example.com, value: 240.240.0.1}]}
`;
const namesFor = (proxy: Readonly<Record<string, unknown>>) => openVector({ config: CONFIG }).generate(proxy).value?.nameTable;

const kubernetes = { registry: 'Kubernetes', namespace: 'shop' };
const HEADLESS = {
  'db-0.db.shop.svc.cluster.local': { ips: ['10.9.0.1'], shortname: 'db-0.db', ...kubernetes },
  'db.shop.svc.cluster.local': { ips: ['10.9.0.1'], shortname: 'db', ...kubernetes },
};

test('a headless Service and its Pods are named by their ready addresses, whether or not the agent answers DNS', () => {
  assert.deepEqual(namesFor({ namespace: 'shop' }), HEADLESS);
});

test('an address from the status of an entry is named only where the agent answers DNS', () => {
  assert.deepEqual(namesFor({ namespace: 'shop', metadata: { DNS_CAPTURE: 'true' } }), {
    'api.example.com': { ips: ['240.240.0.1'], registry: 'External' },
    ...HEADLESS,
  });
});

test('a router has no names', () => {
  assert.deepEqual(namesFor({ type: 'router', namespace: 'shop' }), {});
  assert.deepEqual(namesFor({ type: 'router', namespace: 'shop', metadata: { DNS_CAPTURE: 'true' } }), {});
});
