import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from './judge.ts';
import { parseYamlValue } from './yaml/value.ts';

const GROUPS: Readonly<Record<string, string>> = {
  ExternalService: 'networking',
  ExternalEndpoint: 'networking',
  VirtualDestination: 'networking',
  Workspace: 'admin',
  WorkspaceSettings: 'admin',
  ConnectionPolicy: 'resilience.policy',
  OutlierDetectionPolicy: 'resilience.policy',
  FailoverPolicy: 'resilience.policy',
  TrimProxyConfigPolicy: 'resilience.policy',
  LoadBalancerPolicy: 'trafficcontrol.policy',
  ClientTLSPolicy: 'security.policy',
};

/** Checks what is said of a spec: `severity field`, in order. */
function check(kind: string, spec: string, ...expected: string[]): void {
  const text = `{apiVersion: ${GROUPS[kind]}.gloo.solo.io/v2, kind: ${kind}, metadata: {name: a, namespace: shop, labels: {a: b}}, spec: ${spec}}`;
  const { value, issues } = parseYamlValue(text, '-');
  assert.deepEqual(issues, []);
  const { findings, draft } = judge(value, 'default');
  const said = findings.map(({ severity, field }) => `${severity} ${field.slice(1).join('.')}`);
  assert.deepEqual(said, expected, spec);
  assert.equal(
    draft === undefined,
    expected.some((one) => one.startsWith('error')),
    spec,
  );
}

const PORTS = 'ports: [{number: 80, protocol: HTTP}]';

describe('an ExternalService', () => {
  const service = (spec: string, ...expected: string[]) => check('ExternalService', `{${spec}}`, ...expected);

  it('has hosts or addresses, never both, never neither', () => {
    service(`hosts: [a.example.com], ${PORTS}`);
    service(`addresses: [10.0.0.1, 10.1.0.0/16, "2001:db8::1"], ${PORTS}`);
    service(`hosts: [a.example.com], addresses: [10.0.0.1], ${PORTS}`, 'error addresses');
    service(PORTS, 'error hosts');
  });

  it('has host names, and wildcards as the whole first label', () => {
    service(`hosts: ["*.example.com"], ${PORTS}`);
    service(`hosts: ["*"], ${PORTS}`, 'error hosts.0');
    service(`hosts: ["a.*.example.com"], ${PORTS}`, 'error hosts.0');
    service(`hosts: ["*-a.example.com"], ${PORTS}`, 'error hosts.0');
    service(`hosts: [10.0.0.1], ${PORTS}`, 'error hosts.0');
    service(`hosts: [10.0.0.0/8], ${PORTS}`, 'error hosts.0');
    service(`hosts: ["https://a.example.com"], ${PORTS}`, 'error hosts.0');
    service(`hosts: [a.example.com, A.example.com], ${PORTS}`, 'error hosts.1');
    service(`addresses: [a.example.com], ${PORTS}`, 'error addresses.0');
    service(`addresses: [10.0.0.1, 10.0.0.1], ${PORTS}`, 'error addresses.1');
  });

  it('has ports, each number and name once, with a protocol', () => {
    service('hosts: [a.example.com]', 'error ports');
    service('hosts: [a.example.com], ports: [{number: 0, protocol: TCP}]', 'error ports.0.number');
    service('hosts: [a.example.com], ports: [{number: 80, protocol: HTTP}, {number: 80, protocol: TCP}]', 'error ports.1.number');
    service(
      'hosts: [a.example.com], ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: a, protocol: TCP}]',
      'error ports.1.name',
    );
    service('hosts: [a.example.com], ports: [{number: 80}]', 'error ports.0.protocol');
    service('hosts: [a.example.com], ports: [{number: 80, protocol: UDP}]', 'error ports.0.protocol');
    service('hosts: [a.example.com], ports: [{number: 80, protocol: grpc}]');
  });

  it('chooses target ports by name only on endpoints', () => {
    const port = 'ports: [{number: 80, protocol: HTTP, targetPort: {name: web}}]';
    service(`hosts: [a.example.com], ${port}`, 'error ports.0.targetPort.name');
    service(`hosts: [a.example.com], selector: {a: b}, ${port}`);
    service('hosts: [a.example.com], ports: [{number: 80, protocol: HTTP, targetPort: {}}]', 'error ports.0.targetPort');
  });

  it('originates TLS with what its mode needs', () => {
    const tls = (settings: string) =>
      `hosts: [a.example.com], ports: [{number: 80, protocol: HTTP, clientsideTls: {${settings}}}]`;
    service(tls(''));
    service(tls('mode: MUTUAL'), 'error ports.0.clientsideTls.clientCertificate', 'error ports.0.clientsideTls.privateKey');
    service(tls('mode: MUTUAL, clientCertificate: /c, privateKey: /k'));
    service(tls('mode: ISTIO_MUTUAL, caCertificates: /c'), 'error ports.0.clientsideTls.caCertificates');
    service(tls('credentialName: s, caCertificates: /c'), 'error ports.0.clientsideTls.caCertificates');
    service(tls('insecureSkipVerify: true, caCertificates: /c'), 'error ports.0.clientsideTls.caCertificates');
    service('hosts: [a.example.com], ports: [{number: 443, protocol: HTTPS, clientsideTls: {}}]', 'info ports.0.clientsideTls');
    service(`hosts: [a.example.com], subjectAltNames: [b.example.com], ${PORTS}`, 'warning subjectAltNames');
  });

  it('leaves through gateways by host, on HTTP ports, one port for each number that is taken over', () => {
    const port = (number: number, more: string, protocol = 'HTTPS') =>
      `{number: ${number}, protocol: ${protocol}, egressGatewayRoutes: {virtualGatewayRefs: [{name: g}]${more}}}`;
    service(`hosts: [a.example.com], ports: [${port(443, '')}]`);
    service(`addresses: [10.0.0.1], ports: [${port(443, '')}]`, 'error ports.0.egressGatewayRoutes');
    service(`hosts: [a.example.com], ports: [${port(443, '', 'TLS')}]`, 'error ports.0.egressGatewayRoutes');
    service(
      `hosts: [a.example.com], ports: [${port(443, '')}, ${port(8443, '')}]`,
      'error ports.1.egressGatewayRoutes.portMatch',
    );
    service(
      `hosts: [a.example.com], ports: [${port(443, '')}, {number: 80, protocol: HTTP}]`,
      'warning ports.0.egressGatewayRoutes.portMatch',
    );
    service(
      'hosts: [a.example.com], ports: [{number: 443, protocol: HTTPS, egressGatewayRoutes: {}}]',
      'error ports.0.egressGatewayRoutes.virtualGatewayRefs',
    );
  });
});

it('an ExternalEndpoint is one address, with named ports if there are several, in a place', () => {
  const endpoint = (spec: string, ...expected: string[]) => check('ExternalEndpoint', `{${spec}}`, ...expected);
  endpoint('address: 10.0.0.1');
  endpoint('address: a.example.com');
  endpoint('address: "unix:///var/run/a.sock"');
  endpoint('ports: []', 'error address');
  endpoint('address: "*.example.com"', 'error address');
  endpoint('address: 10.0.0.0/8', 'error address');
  endpoint('address: "unix://relative"', 'error address');
  endpoint('address: 10.0.0.1, ports: [{number: 80}]');
  endpoint('address: 10.0.0.1, ports: [{number: 80, name: a}, {number: 81}]', 'error ports.1.name');
  endpoint('address: 10.0.0.1, ports: [{number: 80, name: a}, {number: 80, name: b}]', 'error ports.1.number');
  endpoint('address: 10.0.0.1, locality: {zone: a}', 'error locality');
});

it('a VirtualDestination has full host names and ports that lead somewhere', () => {
  const virtual = (spec: string, ...expected: string[]) => check('VirtualDestination', `{${spec}}`, ...expected);
  virtual(`hosts: [a.internal], ${PORTS}`);
  virtual(PORTS, 'error hosts');
  virtual(`hosts: ["*.internal"], ${PORTS}`, 'error hosts.0');
  virtual('hosts: [a.internal]', 'error ports');
  virtual('hosts: [a.internal], ports: [{number: 80, protocol: HTTP, targetPort: {number: 81}}]', 'error ports.0.targetPort');
  virtual('hosts: [a.internal], externalServices: [{}], ports: [{number: 80, protocol: HTTP, targetPort: {number: 81}}]');
});

it('a Workspace selects namespaces in every entry, and enables configuration for all or for none', () => {
  const workspace = (spec: string, ...expected: string[]) => check('Workspace', `{workloadClusters: ${spec}}`, ...expected);
  workspace('[{name: "*", namespaces: [{name: "*"}]}]');
  workspace('[]', 'warning workloadClusters');
  workspace('[{name: a}]', 'error workloadClusters.0.namespaces');
  workspace('[{name: a, namespaces: [{}]}]', 'error workloadClusters.0.namespaces.0');
  workspace(
    '[{name: a, namespaces: [{name: a, configEnabled: true}, {name: b}]}]',
    'error workloadClusters.0.namespaces.1.configEnabled',
  );
  workspace(
    '[{name: a, configEnabled: false, namespaces: [{name: a}]}, {name: b, namespaces: [{name: a}]}]',
    'error workloadClusters.1.configEnabled',
  );
  check(
    'WorkspaceSettings',
    '{importFrom: [{workspaces: [{}]}], exportTo: [{}]}',
    'error importFrom.0.workspaces.0',
    'warning exportTo.0',
  );
});

describe('a policy on destinations', () => {
  it('says something, within bounds', () => {
    check('ConnectionPolicy', '{}', 'error config');
    check(
      'ConnectionPolicy',
      '{config: {tcp: {maxConnections: -1, connectTimeout: 1us}}}',
      'error config.tcp.connectTimeout',
      'error config.tcp.maxConnections',
    );
    check('OutlierDetectionPolicy', '{applyToDestinations: [{}]}', 'error applyToDestinations.0.kind');
    check(
      'OutlierDetectionPolicy',
      '{config: {consecutiveErrors: 0, maxEjectionPercent: 101}}',
      'error config.consecutiveErrors',
      'error config.maxEjectionPercent',
    );
    check('OutlierDetectionPolicy', '{config: {consecutiveGatewayErrors: 5}}', 'warning config.consecutiveGatewayErrors');
    check('LoadBalancerPolicy', '{config: {}}', 'error config');
    check('LoadBalancerPolicy', '{config: {consistentHash: {}}}', 'error config.consistentHash');
    check('LoadBalancerPolicy', '{config: {simple: RANDOM, warmupDurationSecs: 1s}}', 'warning config.warmupDurationSecs');
    check(
      'LoadBalancerPolicy',
      '{config: {simple: RANDOM, healthyPanicThreshold: 101}}',
      'error config.healthyPanicThreshold',
      'warning config.healthyPanicThreshold',
    );
    check('ClientTLSPolicy', '{}', 'error ');
    check('ClientTLSPolicy', '{mutual: {}}', 'error mutual.config.credentialName');
    check('ClientTLSPolicy', '{simple: {}}');
    check('TrimProxyConfigPolicy', '{}', 'warning config.includedDestinations');
  });

  it('fails over between whole regions, or shares out what adds up', () => {
    const failover = (mappings: string, ...expected: string[]) =>
      check('FailoverPolicy', `{config: {localityMappings: ${mappings}}}`, ...expected);
    const at = 'config.localityMappings';
    failover('[{from: {region: a}, to: [{region: b}]}]');
    failover('[{from: {region: a}, to: [{region: a}]}]', `error ${at}.0.to.0.region`);
    failover('[{from: {region: a, zone: z}, to: [{region: b}]}]', `error ${at}.0.from.zone`);
    failover('[{from: {region: a}, to: [{region: b}, {region: c}]}]', `warning ${at}.0.to.1`);
    failover('[{from: {region: a}, to: [{region: b, weight: 60}, {region: c, weight: 50}]}]', `error ${at}.0.to`);
    failover('[{from: {region: a, zone: z}, to: [{region: b, weight: 60}, {region: c}]}]');
    failover('[{from: {region: a}, to: [{region: b, weight: 100}]}, {from: {region: b}, to: [{region: a}]}]', `error ${at}`);
    failover('[{from: {}, to: []}]', `error ${at}.0.from.region`, `error ${at}.0.to`);
    check('FailoverPolicy', '{config: {priorityLabels: {labels: [region, zone=a]}}}', 'error config.priorityLabels.labels');
  });
});
