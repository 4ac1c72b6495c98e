import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldText } from '../model/index.ts';
import { rowsOf, testRegistry } from './testing/registry.ts';

const gateway = (spec: string, annotations = '{}') => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: edge, annotations: ${annotations}}
spec: ${spec}
`;
const server = (hosts: string) => `{servers: [{hosts: [${hosts}], port: {number: 80, name: http, protocol: HTTP}}]}`;
const routes = (hosts: string, gateways: string) => `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: shop}
spec: {hosts: [${hosts}], gateways: [${gateways}], http: [{directResponse: {status: 200}}]}
`;
const pod = (labels: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: edge, labels: ${labels}}
spec: {}
`;

function registryOf(text: string) {
  const registry = testRegistry();
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return registry;
}

const said = (text: string): readonly string[] =>
  registryOf(text)
    .issues()
    .map(({ code, severity, object, field }) => `${code} ${severity} ${object?.name} ${fieldText(field ?? [])}`);

test('hosts are taken apart, `.` is the Gateway’s namespace and `*` all of them', () => {
  const row = registryOf(gateway(server('a.Example, "./b.example", "*/c.example", "shop/*.d.example"')));
  assert.deepEqual(row.outputs.gateways.get('Gateway/edge/g')?.servers, [
    {
      index: 0,
      port: { number: 80, name: 'http', protocol: 'http' },
      bind: '',
      hosts: [
        { host: 'a.example' },
        { namespace: 'edge', host: 'b.example' },
        { host: 'c.example' },
        { namespace: 'shop', host: '*.d.example' },
      ],
    },
  ]);
});

test('every host of all namespaces leaves no other host of the server', () => {
  const row = registryOf(gateway(server('a.example, "*/*"')));
  assert.deepEqual(row.outputs.gateways.get('Gateway/edge/g')?.servers[0]?.hosts, [{ host: '*' }]);
});

test('a Gateway made for Services names them', () => {
  const row = registryOf(gateway(server('"*"'), '{internal.istio.io/gateway-service: "in.edge.svc, X.example"}'));
  assert.deepEqual(row.outputs.gateways.get('Gateway/edge/g')?.services, ['in.edge.svc', 'x.example']);
});

test('a Gateway that nobody declares is missed by the VirtualService that names it, until it comes', () => {
  const registry = registryOf(routes('a.example', 'mesh, edge/g'));
  const codes = () => registry.issues().map(({ code, field }) => `${code} ${fieldText(field ?? [])}`);
  assert.deepEqual(codes(), ['DANGLING_REFERENCE spec.gateways[1]']);
  registry.write(gateway(server('a.example')));
  assert.deepEqual(codes(), []);
});

test('routes for hosts that no server has do nothing at the Gateway', () => {
  const ineffective = ['INEFFECTIVE warning v spec.gateways[0]'];
  assert.deepEqual(said(gateway(server('b.example')) + routes('a.example', 'edge/g')), ineffective);
  assert.deepEqual(said(gateway(server('pay/a.example')) + routes('a.example', 'edge/g')), ineffective);
  for (const hosts of ['a.example', '"*.example"', 'shop/a.example', '"*"'])
    assert.deepEqual(said(gateway(server(hosts)) + routes('a.example', 'edge/g')), [], hosts);
  assert.deepEqual(said(gateway(server('a.example')) + routes('"*.example"', 'edge/g')), []);
});

test('a selector that no Pod has is said, but only where Pods are known', () => {
  const selecting = gateway(`{selector: {istio: edge, app: x}, ${server('"*"').slice(1)}`);
  assert.deepEqual(said(selecting), []);
  assert.deepEqual(said(selecting + pod('{istio: edge, app: y}')), ['SELECTS_NOTHING warning g spec.selector']);
  assert.deepEqual(said(selecting + pod('{istio: edge, app: x, more: z}')), []);
  assert.deepEqual(said(gateway(server('"*"')) + pod('{}')), []);
});
