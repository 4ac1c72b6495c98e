import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../model/index.ts';
import type { RegistrySettings } from './index.ts';
import { rowsOf, testRegistry } from './testing/registry.ts';

/** The services made from a text, in the order of their keys. */
function servicesOf(text: string, settings: Partial<RegistrySettings> = {}): readonly Service[] {
  const registry = testRegistry(settings);
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return rowsOf(registry.outputs.services).map(([, service]) => service);
}

const entry = (spec: string, metadata = '') =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: a, namespace: shop${metadata}}\nspec:\n${spec}`;
const kubernetes = (spec: string, metadata = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop${metadata}}\nspec:\n${spec}`;

test('an entry is one service for each host, its addresses together', () => {
  const [service, ...others] = servicesOf(
    entry(`
  hosts: [API.example.com, api.example.com]
  addresses: [10.0.0.1, 10.0.0.2/32, 10.1.0.0/16, nonsense]
  ports: [{number: 443, name: tls, protocol: TLS, targetPort: 8443}, {number: 80, name: http}]
  resolution: STATIC
  exportTo: [., pay]
  subjectAltNames: [api.example.com]
`),
  );
  assert.deepEqual(others, []);
  assert.deepEqual(service, {
    key: 'external/shop/a/api.example.com',
    host: 'api.example.com',
    name: 'api.example.com',
    namespace: 'shop',
    registry: 'external',
    createdAt: Date.UTC(2024, 0, 1),
    addresses: ['10.0.0.1', '10.0.0.2', '10.1.0.0/16'],
    autoAddresses: [],
    ports: [
      { number: 443, name: 'tls', protocol: 'tls' },
      { number: 80, name: 'http', protocol: 'auto' },
    ],
    location: 'external',
    resolution: 'static',
    raceConnect: false,
    exportTo: { kind: 'namespaces', names: ['pay', 'shop'] },
    labels: {},
    subjectAltNames: ['api.example.com'],
    headless: false,
    from: { kind: 'ServiceEntry', namespace: 'shop', name: 'a' },
  });
});

test('only resolution NONE keeps the target port at the service', () => {
  const [none] = servicesOf(entry('  hosts: [a.example]\n  ports: [{number: 80, name: h, protocol: HTTP, targetPort: 8080}]\n'));
  assert.equal(none?.resolution, 'none');
  assert.equal(none?.ports[0]?.passthroughTarget, 8080);
});

test('an empty selector selects everything, which is not the same as none', () => {
  const [some] = servicesOf(entry('  hosts: [a.example]\n  resolution: STATIC\n  workloadSelector: {}\n'));
  const [none] = servicesOf(entry('  hosts: [a.example]\n  resolution: STATIC\n'));
  assert.deepEqual(some?.selector, {});
  assert.equal(none?.selector, undefined);
});

const STATUS = `
  hosts: [a.example, b.example]
  resolution: DNS
status: {addresses: [{value: 240.0.0.1, host: A.example}, {value: '2001:2:0::1', host: a.example}, {value: 240.0.0.9, host: a.example}, {value: 240.0.0.2, host: b.example}]}
`;

test('allocated addresses are those of the host in the status: the last of each family', () => {
  const [a, b] = servicesOf(entry(STATUS));
  assert.deepEqual(a?.autoAddresses, ['240.0.0.9', '2001:2::1']);
  assert.deepEqual(b?.autoAddresses, ['240.0.0.2']);
});

test('who opted out has no allocated addresses, whatever the status says', () => {
  const label = ', labels: {networking.istio.io/enable-autoallocate-ip: "False"}';
  assert.deepEqual(servicesOf(entry(STATUS, label))[0]?.autoAddresses, []);
});

test('with the older allocator addresses come from the names, not from the status', () => {
  const [istio] = servicesOf(entry(STATUS.replace('a.example, b.example', 'istio.io')).replaceAll('shop', 'default'), {
    vip: 'legacy',
  });
  assert.deepEqual(istio?.autoAddresses, ['240.240.122.168', '2001:2::f0f0:7aa8']);
});

test('a namespace lends its traffic distribution to entries that have none', () => {
  const text = `${entry('  hosts: [a.example]\n')}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {networking.istio.io/traffic-distribution: PreferClose}}
`;
  assert.equal(servicesOf(text)[0]?.trafficDistribution, 'PreferClose');
  const of = (field: string, own: string) =>
    servicesOf(
      kubernetes(`  clusterIP: 10.96.0.1\n${field}  ports: [{name: http, port: 80}]\n`).replace(
        'namespace: shop',
        `namespace: shop, annotations: {networking.istio.io/traffic-distribution: ${own}}`,
      ),
    )[0]?.trafficDistribution;
  assert.equal(of('', 'prefersamenode'), 'PreferSameNode');
  assert.equal(of('  trafficDistribution: PreferSameZone\n', 'PreferSameNode'), 'PreferSameZone');
  assert.equal(of('  trafficDistribution: Other\n', 'PreferSameNode'), 'PreferSameNode');
  assert.equal(of('', 'Other'), undefined);
});

test('racing connections is for names only', () => {
  const annotation = ', annotations: {istio.io/connect-strategy: RACE_FIRST_TCP_CONNECT}';
  assert.equal(servicesOf(entry('  hosts: [a.example]\n  resolution: DNS\n', annotation))[0]?.raceConnect, true);
  assert.equal(servicesOf(entry('  hosts: [a.example]\n  resolution: DNS_ROUND_ROBIN\n', annotation))[0]?.raceConnect, true);
  assert.equal(servicesOf(entry('  hosts: [a.example]\n  resolution: STATIC\n', annotation))[0]?.raceConnect, false);
});

test('a Kubernetes Service is a service under its full name', () => {
  const [service] = servicesOf(
    kubernetes(
      '  clusterIP: 10.96.0.1\n  selector: {app: a}\n  ports: [{name: http-web, port: 80, targetPort: 8080}, {name: db, port: 3306, protocol: TCP}]\n',
      ', annotations: {networking.istio.io/exportTo: "., pay", alpha.istio.io/kubernetes-serviceaccounts: "x, y"}',
    ),
  );
  assert.deepEqual(service, {
    key: 'kubernetes/shop/a/a.shop.svc.cluster.local',
    host: 'a.shop.svc.cluster.local',
    namespace: 'shop',
    name: 'a',
    registry: 'kubernetes',
    createdAt: Date.UTC(2024, 0, 1),
    addresses: ['10.96.0.1'],
    autoAddresses: [],
    ports: [
      { number: 80, name: 'http-web', protocol: 'http', target: 8080 },
      { number: 3306, name: 'db', protocol: 'tcp' },
    ],
    location: 'internal',
    resolution: 'static',
    raceConnect: false,
    exportTo: { kind: 'namespaces', names: ['pay', 'shop'] },
    labels: {},
    selector: { app: 'a' },
    subjectAltNames: ['spiffe://cluster.local/ns/shop/sa/x', 'spiffe://cluster.local/ns/shop/sa/y'],
    headless: false,
    from: { kind: 'Service', namespace: 'shop', name: 'a' },
  });
});

test('headless Services, aliases and dual-stack Services are told apart', () => {
  const [headless] = servicesOf(kubernetes('  clusterIP: None\n'));
  assert.deepEqual([headless?.headless, headless?.resolution, headless?.addresses], [true, 'none', []]);
  const [alias] = servicesOf(kubernetes('  type: ExternalName\n  externalName: API.example.com\n'));
  assert.equal(alias?.aliasOf, 'api.example.com');
  const [dual] = servicesOf(kubernetes("  clusterIP: 10.0.0.1\n  clusterIPs: [10.0.0.1, 'fd00::1']\n"));
  assert.deepEqual(dual?.addresses, ['10.0.0.1', 'fd00::1']);
});

test('the mesh’s defaults for exportTo reach every service, and only they do', () => {
  const registry = testRegistry();
  registry.write(entry('  hosts: [a.example]\n'));
  const recomputed: string[] = [];
  registry.graph.onCommit((commit) => recomputed.push(...commit.recomputed.keys()));
  registry.setMesh({ connectTimeout: '1s' });
  assert.equal(recomputed.includes('registry.external'), false);
  registry.setMesh({ defaultServiceExportTo: ['.'] });
  assert.deepEqual(rowsOf(registry.outputs.services)[0]?.[1].exportTo, { kind: 'namespaces', names: ['shop'] });
});
