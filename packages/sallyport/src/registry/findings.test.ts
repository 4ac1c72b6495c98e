import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldText, type Issue } from '../model/index.ts';
import { rowsOf, testRegistry } from './testing/registry.ts';

function issuesOf(text: string): readonly Issue[] {
  const registry = testRegistry();
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return registry.issues();
}

/** `CODE severity object field`, in order. */
function check(text: string, expected: readonly string[]): readonly Issue[] {
  const issues = issuesOf(text);
  const found = issues.map(
    ({ code, severity, object, field }) => `${code} ${severity} ${object?.name} ${fieldText(field ?? [])}`,
  );
  assert.deepEqual(found.sort(), [...expected].sort(), issues.map(({ message }) => message).join('\n'));
  for (const { message } of issues) assert.match(message, /^[^A-Z]|^[A-Z]{2}|^VirtualService/, message);
  return issues;
}

const object = (kind: string, name: string, spec: string, namespace = 'shop') => `---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
const entry = (name: string, spec: string, namespace?: string) => object('ServiceEntry', name, spec, namespace);
const routes = (name: string, spec: string, namespace?: string) => object('VirtualService', name, spec, namespace);
const rule = (name: string, spec: string) => object('DestinationRule', name, spec);

const BOTH = 'ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}]';
const KNOWN = entry('known', `{hosts: [a.example], resolution: DNS, ${BOTH}}`);

test('the first requirement text’s entry is told that its port name says nothing and that https is not covered', () => {
  const issues = check(entry('external-api', '{hosts: [api.example.com], ports: [{number: 80, name: http}], resolution: DNS}'), [
    'NO_PROTOCOL warning external-api spec.ports[0].protocol',
    'TLS_NOT_DECLARED info external-api spec.ports[0]',
  ]);
  assert.equal(issues.find(({ code }) => code === 'NO_PROTOCOL')?.hint, 'protocol: HTTP');
});

test('a port whose name says nothing either is only worth a remark', () => {
  check(entry('a', '{hosts: [a.example], ports: [{number: 443, name: x}], resolution: DNS}'), [
    'NO_PROTOCOL info a spec.ports[0].protocol',
  ]);
});

test('plain HTTP that is sent on to port 443 declares its TLS elsewhere', () => {
  check(entry('a', '{hosts: [a.example], ports: [{number: 80, name: h, protocol: HTTP, targetPort: 443}], resolution: DNS}'), []);
});

test('TCP without an address is told what it takes in', () => {
  const tcp = 'ports: [{number: 5432, name: pg, protocol: TCP}]';
  check(entry('a', `{hosts: [a.example], ${tcp}, resolution: DNS}`), ['NO_ADDRESS info a spec.ports[0]']);
  check(entry('a', `{hosts: [a.example], ${tcp}}`), []); // said by config, at admission
  check(entry('a', `{hosts: [a.example], ${tcp}, addresses: [10.0.0.1]}`), []);
});

test('an open wildcard lets callers choose the address', () => {
  const tls = 'ports: [{number: 443, name: tls, protocol: TLS}]';
  check(entry('a', `{hosts: ['*.example.com'], ${tls}}`), ['ADDRESS_UNCHECKED warning a spec.resolution']);
  check(entry('a', `{hosts: ['*.example.com'], ${tls}, resolution: DYNAMIC_DNS}`), []);
});

test('capitals in hosts are taken as small letters, and said', () => {
  check(KNOWN.replace('a.example', 'A.example'), ['HOST_CASE warning known spec.hosts[0]']);
  check(KNOWN + routes('v', '{hosts: [A.example], http: [{route: [{destination: {host: a.example}}]}]}'), [
    'HOST_CASE warning v spec.hosts[0]',
  ]);
  check(KNOWN + rule('d', '{host: A.example}'), ['HOST_CASE warning d spec.host']);
});

test('of two entries for one host the younger is told what it loses', () => {
  const [issue] = check(KNOWN + entry('a-second', `{hosts: [a.example], resolution: STATIC, ${BOTH}}`), [
    'HOST_CONFLICT warning a-second spec.hosts',
  ]);
  assert.match(issue!.message, /ServiceEntry shop\/known, which wins/);
  check(KNOWN + entry('second', '{hosts: [a.example], resolution: DNS, ports: [{number: 80, name: http, protocol: TCP}]}'), [
    'HOST_CONFLICT warning second spec.hosts',
    'NO_ADDRESS info second spec.ports[0]',
  ]);
  check(KNOWN + entry('second', `{hosts: [a.example], resolution: DNS, ${BOTH}}`), []);
  check(KNOWN + entry('second', `{hosts: [a.example], resolution: STATIC, ${BOTH}}`, 'pay'), []);
});

test('a Kubernetes Service wins over an entry, also over an older one', () => {
  const service = `---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {clusterIP: 10.0.0.1}\n`;
  check(entry('e', `{hosts: [web.shop.svc.cluster.local], resolution: DNS, ${BOTH}}`) + service, [
    'HOST_CONFLICT warning e spec.hosts',
  ]);
});

test('a selector that finds nothing is told, until there is something to find', () => {
  const registry = testRegistry();
  registry.write(entry('a', `{hosts: [a.example], resolution: STATIC, ${BOTH}, workloadSelector: {labels: {app: vm}}}`));
  assert.deepEqual(
    registry.issues().map(({ code }) => code),
    ['SELECTS_NOTHING'],
  );
  registry.write(object('WorkloadEntry', 'w', '{address: 10.0.0.1, labels: {app: vm}}'));
  assert.deepEqual(registry.issues(), []);
});

const to = (destination: string) => `{hosts: [a.example], http: [{route: [{destination: ${destination}}]}]}`;

test('destinations have to be declared, exported here, and have the port', () => {
  check(KNOWN + routes('v', to('{host: a.example, port: {number: 80}}')), []);
  check(KNOWN + routes('v', to('{host: b.example}')), ['DANGLING_REFERENCE warning v spec.http[0].route[0].destination.host']);
  check(KNOWN + routes('v', to('{host: a.example, port: {number: 81}}')), [
    'DANGLING_REFERENCE warning v spec.http[0].route[0].destination.port.number',
  ]);
  const [hidden] = check(KNOWN.replace('hosts', 'exportTo: [.], hosts') + routes('v', to('{host: a.example}'), 'pay'), [
    'DANGLING_REFERENCE warning v spec.http[0].route[0].destination.host',
  ]);
  assert.match(hidden!.message, /for namespace shop only, and not for namespace pay/);
});

test('a destination under a declared wildcard is known', () => {
  const wildcard = entry('w', `{hosts: ['*.example.com'], resolution: DYNAMIC_DNS, ${BOTH}}`);
  check(KNOWN + wildcard + routes('v', to('{host: x.example.com}')), []);
  check(KNOWN + wildcard.replace('*.example', '*-x.example') + routes('v', to('{host: a-x.example.com}')), []);
});

test('mirrors are destinations too', () => {
  check(KNOWN + routes('v', '{hosts: [a.example], http: [{route: [{destination: {host: a.example}}], mirror: {host: gone}}]}'), [
    'DANGLING_REFERENCE warning v spec.http[0].mirror.host',
  ]);
});

test('a subset has to be defined by a rule that is visible here', () => {
  const subset = routes('v', to('{host: a.example, subset: v2}'));
  check(KNOWN + subset, ['UNKNOWN_SUBSET warning v spec.http[0].route[0].destination.subset']);
  const [issue] = check(KNOWN + subset + rule('d', '{host: a.example, subsets: [{name: v1}]}'), [
    'UNKNOWN_SUBSET warning v spec.http[0].route[0].destination.subset',
  ]);
  assert.match(issue!.message, /only v1/);
  check(KNOWN + subset + rule('d', '{host: a.example, subsets: [{name: v2}]}'), []);
  check(KNOWN + subset + rule('d', "{host: '*.example', subsets: [{name: v2}]}"), []);
});

test('a rule for a host that nobody declares does nothing', () => {
  check(rule('d', '{host: gone.example}'), ['DANGLING_REFERENCE warning d spec.host']);
  check(rule('d', "{host: '*.example.com'}"), ['DANGLING_REFERENCE warning d spec.host']);
  check(KNOWN + rule('d', "{host: '*.example'}"), []);
  check(KNOWN + rule('d', "{host: '*'}"), []);
});

test('settings for a port that the host does not have do nothing', () => {
  check(
    KNOWN + rule('d', '{host: a.example, trafficPolicy: {portLevelSettings: [{port: {number: 80}}, {port: {number: 81}}]}}'),
    ['INEFFECTIVE warning d spec.trafficPolicy.portLevelSettings[1].port'],
  );
});

test('the second rule of a host is told what of it is not used', () => {
  const policy = 'trafficPolicy: {tls: {mode: SIMPLE}}';
  check(
    KNOWN +
      rule('one', `{host: a.example, ${policy}, subsets: [{name: s}]}`) +
      rule('two', `{host: a.example, ${policy}, subsets: [{name: s}, {name: t}]}`),
    ['SHADOWED warning two spec.trafficPolicy', 'SHADOWED warning two spec.subsets[0]'],
  );
});

test('routes behind one that takes everything are never used', () => {
  const route = 'route: [{destination: {host: a.example}}]';
  check(KNOWN + routes('v', `{hosts: [a.example], http: [{match: [{uri: {prefix: /a}}], ${route}}, {${route}}]}`), []);
  check(KNOWN + routes('v', `{hosts: [a.example], http: [{match: [{uri: {prefix: /}}], ${route}}, {${route}}, {${route}}]}`), [
    'UNREACHABLE warning v spec.http[1]',
    'UNREACHABLE warning v spec.http[2]',
  ]);
  check(
    KNOWN +
      routes('v', `{hosts: [a.example], http: [{match: [{uri: {prefix: /}, headers: {x: {exact: a}}}], ${route}}, {${route}}]}`),
    [],
  );
});

test('http routes for a host that only speaks TLS do nothing, and tls routes for one that never does', () => {
  const tlsOnly = entry('t', '{hosts: [a.example], resolution: DNS, ports: [{number: 443, name: tls, protocol: HTTPS}]}');
  check(tlsOnly + routes('v', to('{host: a.example}')), ['INEFFECTIVE warning v spec.http']);
  const tlsRoute = '{hosts: [a.example], tls: [{match: [{sniHosts: [a.example]}], route: [{destination: {host: a.example}}]}]}';
  check(tlsOnly + routes('v', tlsRoute), []);
  check(tlsOnly.replace('443', '8080').replace('HTTPS', 'HTTP') + routes('v', tlsRoute), ['INEFFECTIVE warning v spec.tls']);
});

test('the second VirtualService of a host and namespace is not used by sidecars', () => {
  const first = routes('z', to('{host: a.example}'));
  check(KNOWN + first + routes('b', to('{host: a.example}')), ['SHADOWED warning b spec.hosts[0]']);
  const server = '{hosts: ["*"], port: {number: 80, name: http, protocol: HTTP}}';
  const out = object('Gateway', 'out', `{servers: [${server}]}`);
  check(KNOWN + out + first + routes('b', to('{host: a.example}').replace('{hosts', '{gateways: [out], hosts')), []);
});

test('a route whose delegate is missing, hidden, no delegate or contradicting is told which', () => {
  const root = routes('root', '{hosts: [a.example], http: [{match: [{uri: {exact: /b}}], delegate: {name: d}}]}');
  const field = 'spec.http[0].delegate';
  check(KNOWN + root, [`DANGLING_REFERENCE warning root ${field}`]);
  check(KNOWN + root + routes('d', '{exportTo: [pay], http: [{}]}'), [`DANGLING_REFERENCE warning root ${field}`]);
  check(KNOWN + root + routes('d', '{hosts: [b.example], http: [{}]}'), [`DANGLING_REFERENCE warning root ${field}`]);
  check(KNOWN + root + routes('d', '{http: [{match: [{uri: {exact: /z}}]}]}'), [`UNREACHABLE warning root ${field}`]);
  check(KNOWN + root + routes('d', '{http: [{match: [{method: {exact: GET}}]}]}'), []);
});

test('what a Kubernetes Service asks for and does not get is said', () => {
  const service = (metadata: string) =>
    `apiVersion: v1\nkind: Service\nmetadata: {name: w, namespace: shop, ${metadata}}\nspec: {}\n`;
  check(service('labels: {topology.istio.io/network: n1}'), ['UNSUPPORTED warning w metadata.labels.topology.istio.io/network']);
  check(service('labels: {app: w}'), []);
});

test('what Envoy would refuse of a DestinationRule is told, in every policy of it', () => {
  const hash = (size: number) => `{consistentHash: {useSourceIp: true, ringHash: {minimumRingSize: ${size}}}}`;
  const policies = `trafficPolicy: {loadBalancer: ${hash(8_388_609)}, retryBudget: {percent: 101}},
    subsets: [{name: v1, trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: ${hash(9_000_000)}}]}}]`;
  check(`${KNOWN}${rule('r', `{host: a.example, ${policies}}`)}`, [
    'UNSUPPORTED error r spec.trafficPolicy.loadBalancer.consistentHash.ringHash.minimumRingSize',
    'UNSUPPORTED error r spec.trafficPolicy.retryBudget.percent',
    'UNSUPPORTED error r spec.subsets[0].trafficPolicy.portLevelSettings[0].loadBalancer.consistentHash.ringHash.minimumRingSize',
  ]);
  check(`${KNOWN}${rule('r', `{host: a.example, trafficPolicy: {loadBalancer: ${hash(8_388_608)}}}`)}`, []);
  const odd = 'loadBalancer: {warmup: {duration: 9s, minimumPercent: -1}}, tls: {mode: SIMPLE, sni: "a\\0b"}';
  check(`${KNOWN}${rule('r', `{host: a.example, trafficPolicy: {${odd}}}`)}`, [
    'UNSUPPORTED error r spec.trafficPolicy.loadBalancer.warmup.minimumPercent',
    'UNSUPPORTED error r spec.trafficPolicy.tls.sni',
  ]);
});

test('curves and hashes that Envoy would refuse a listener for are told', () => {
  const tls = `{mode: MUTUAL, serverCertificate: /c, privateKey: /k, caCertificates: /a, ecdhCurves: [P-256, brainpool],
    verifyCertificateHash: [abc, "${'0a'.repeat(32)}"], verifyCertificateSpki: ["${'A'.repeat(43)}=", x]}`;
  const port = 'port: {number: 8443, name: https, protocol: HTTPS}';
  const expected = (place: string, name: string) => [
    `INVALID_VALUE error ${name} spec.${place}[0].tls.ecdhCurves[1]`,
    `INVALID_VALUE error ${name} spec.${place}[0].tls.verifyCertificateHash[0]`,
    `INVALID_VALUE error ${name} spec.${place}[0].tls.verifyCertificateSpki[1]`,
  ];
  check(
    object('Gateway', 'g', `{selector: {app: gw}, servers: [{${port}, hosts: ["*"], tls: ${tls}}]}`),
    expected('servers', 'g'),
  );
  check(object('Sidecar', 's', `{ingress: [{${port}, defaultEndpoint: "127.0.0.1:80", tls: ${tls}}]}`), expected('ingress', 's'));
});

test('what nothing acts on is told where the object is read, whoever is connected', () => {
  check(`${KNOWN}${rule('r', '{host: a.example, trafficPolicy: {loadBalancer: {zoneAwareLbSetting: {enabled: true}}}}')}`, [
    'UNSUPPORTED warning r spec.trafficPolicy.loadBalancer.zoneAwareLbSetting',
  ]);
});
