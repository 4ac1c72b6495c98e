import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gateway, gatewayProxy, routes, serve, server } from '../gateways/testing/gateway.ts';

const OPEN = gateway(
  'g',
  server(8080, 'HTTP', '"*"'),
  server(9000, 'TCP', '"*"'),
  server(8443, 'HTTPS', '"*"', 'tls: {mode: ISTIO_MUTUAL}'),
);
const ANSWERS =
  routes('web', '"*"', 'http: [{directResponse: {status: 200}}]') +
  routes('tcp', '"*"', 'tcp: [{match: [{port: 9000}], route: [{destination: {host: db.example}}]}]');
const DB = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: STATIC, endpoints: [{address: 10.9.9.9}]}
`;

const policy = (name: string, spec: string, { namespace = 'edge', annotations = '' } = {}): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: ${namespace}, annotations: {${annotations}}}
spec: ${spec}
`;

/** What becomes of calls: `yes` or why not. */
function ask(policies: string, calls: readonly Readonly<Record<string, unknown>>[], mesh = {}): readonly string[] {
  const served = serve(OPEN + ANSWERS + DB + policies, { mesh });
  return calls.map((call) => {
    const came = served.call({ address: '10.0.0.9', port: 8080, protocol: 'http', host: 'a.example', ...call });
    return /[→|]/.test(came) ? 'yes' : came;
  });
}

const DENIED = 'AccessDenied';
const web = (principal: string) => ({ port: 8443, tls: 'mtls', principal });

describe('who may call', () => {
  test('without a policy everybody; with one that allows, only who it names; {} allows nobody', () => {
    assert.deepEqual(ask('', [{}]), ['yes']);
    assert.deepEqual(ask(policy('none', '{}'), [{}]), [DENIED]);
    assert.deepEqual(ask(policy('all', '{rules: [{}]}'), [{}]), ['yes']);
  });

  test('what is called: methods, paths, hosts and ports, by one of the values and by none of the others', () => {
    const operation =
      'methods: [GET, "P*"], notMethods: [PUT], paths: ["/v1/*", "/{*}/x"], notPaths: ["*/secret"], hosts: ["*.EXAMPLE"]';
    assert.deepEqual(
      ask(policy('p', `{rules: [{to: [{operation: {${operation}}}]}]}`), [
        { path: '/v1/a?b=c' },
        { path: '/a/x' },
        { path: '/a/b/x' },
        { path: '/v1/secret' },
        { path: '/v1/a', method: 'POST' },
        { path: '/v1/a', method: 'PUT' },
        { path: '/v1/a', method: 'DELETE' },
        { path: '/v1/a', host: 'a.example:8080' },
      ]),
      ['yes', 'yes', DENIED, DENIED, 'yes', DENIED, DENIED, DENIED],
    );
    assert.deepEqual(ask(policy('p', '{action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}]}]}'), [{}, web('')]), [
      DENIED,
      'yes',
    ]);
  });

  test('who calls: principals with their trust domain, namespaces, service accounts', () => {
    const id = (domain: string, ns: string, sa: string) => web(`spiffe://${domain}/ns/${ns}/sa/${sa}`);
    const calls = [
      id('cluster.local', 'shop', 'web'),
      id('old', 'shop', 'web'),
      id('other', 'shop', 'web'),
      id('cluster.local', 'pay', 'web'),
      {},
    ];
    const from = (source: string) => policy('p', `{rules: [{from: [{source: {${source}}}]}]}`);
    const mesh = { trustDomain: 'cluster.local', trustDomainAliases: ['old'] };
    assert.deepEqual(ask(from('principals: [cluster.local/ns/shop/sa/web]'), calls, mesh), [
      'yes',
      'yes',
      DENIED,
      DENIED,
      DENIED,
    ]);
    assert.deepEqual(ask(from('principals: ["*"]'), calls), ['yes', 'yes', 'yes', 'yes', DENIED]);
    assert.deepEqual(ask(from('principals: ["*/sa/web"]'), calls), ['yes', 'yes', 'yes', 'yes', DENIED]);
    assert.deepEqual(ask(from('namespaces: ["sh*"]'), calls), ['yes', 'yes', 'yes', DENIED, DENIED]);
    assert.deepEqual(ask(from('serviceAccounts: [pay/web]'), calls), [DENIED, DENIED, DENIED, 'yes', DENIED]);
    assert.deepEqual(ask(from('trustDomains: [other]'), calls), [DENIED, DENIED, 'yes', DENIED, DENIED]);
    assert.deepEqual(ask(from('notNamespaces: [shop]'), calls), [DENIED, DENIED, DENIED, 'yes', 'yes']);
  });

  test('addresses and conditions', () => {
    const when = 'when: [{key: "request.headers[x-team]", values: [a, "b*"]}, {key: destination.port, notValues: ["9000"]}]';
    const calls = [
      { source: '10.1.0.7', headers: { 'x-team': 'a' } },
      { source: '10.1.0.7', headers: { 'x-team': 'bc' } },
      { source: '10.1.0.7' },
      { source: '10.2.0.7', headers: { 'x-team': 'a' } },
    ];
    assert.deepEqual(
      ask(policy('p', `{rules: [{from: [{source: {ipBlocks: [10.1.0.0/16], notIpBlocks: [10.1.0.8]}}], ${when}}]}`), calls),
      ['yes', 'yes', DENIED, DENIED],
    );
  });

  test('a token is never there: to ask for one is to get none, and its author is told', () => {
    const text = policy('p', '{rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}');
    assert.deepEqual(ask(text, [{}]), [DENIED]);
    assert.deepEqual(
      serve(OPEN + text).said.filter((line) => line.includes(' p ')),
      ['INEFFECTIVE p spec.rules.0.from.0.source.requestPrincipals'],
    );
    const absent = policy('p', '{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}');
    assert.deepEqual(ask(absent, [{}]), [DENIED]);
  });
});

describe('several policies', () => {
  const all = policy('all', '{rules: [{}]}');
  test('a denial counts more than leave; leave of one is enough', () => {
    const post = policy('no-post', '{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}');
    assert.deepEqual(ask(all + post, [{}, { method: 'POST' }]), ['yes', DENIED]);
    assert.deepEqual(ask(policy('none', '{}') + all, [{}]), ['yes']);
  });

  test('a mark and a dry run are without consequence', () => {
    assert.deepEqual(ask(policy('p', '{action: AUDIT, rules: [{}]}'), [{}]), ['yes']);
    assert.deepEqual(ask(policy('p', '{}', { annotations: 'istio.io/dry-run: "true"' }), [{}]), ['yes']);
  });

  test('those of the root namespace hold everywhere, others at home, and selectors choose among workloads', () => {
    const elsewhere = { namespace: 'shop' };
    const root = { namespace: 'istio-system' };
    assert.deepEqual(ask(policy('p', '{}', elsewhere), [{}]), ['yes']);
    assert.deepEqual(ask(policy('p', '{}', root), [{}]), [DENIED]);
    assert.deepEqual(ask(policy('p', '{selector: {matchLabels: {istio: edge}}}', root), [{}]), [DENIED]);
    assert.deepEqual(ask(policy('p', '{selector: {matchLabels: {istio: other}}}'), [{}]), ['yes']);
  });

  test('what cannot be carried out is said, and CUSTOM denies what it is about', () => {
    const custom = policy('p', '{action: CUSTOM, provider: {name: x}, rules: [{to: [{operation: {paths: [/admin]}}]}]}');
    assert.deepEqual(ask(custom, [{}, { path: '/admin' }]), ['yes', DENIED]);
    assert.ok(serve(OPEN + custom).said.includes('UNSUPPORTED p spec.action'));
    const targeted = policy('p', '{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: x}]}');
    assert.deepEqual(ask(targeted, [{}]), ['yes']);
    assert.ok(serve(OPEN + targeted).said.includes('UNSUPPORTED p spec.targetRefs'));
  });
});

test('on bytes that are no HTTP, what asks about requests allows nothing and denies all the rest it says', () => {
  const bytes = { port: 9000, protocol: 'tcp', source: '10.1.0.7' };
  const rule = (action: string, more = '') =>
    policy('p', `{action: ${action}, rules: [{to: [{operation: {methods: [GET]}}]${more}}]}`);
  assert.deepEqual(ask(rule('ALLOW'), [bytes]), [DENIED]);
  assert.deepEqual(ask(rule('DENY'), [bytes]), [DENIED]);
  assert.deepEqual(ask(rule('DENY', ', from: [{source: {ipBlocks: [10.2.0.0/16]}}]'), [bytes]), ['yes']);
});

test('a sidecar asks at the ports of its workload', () => {
  const text = `---
apiVersion: v1
kind: Service
metadata: {name: pay, namespace: shop}
spec: {selector: {app: pay}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: pay-1, namespace: shop, labels: {app: pay}}
spec: {serviceAccountName: pay, containers: [{name: c}]}
status: {podIP: 10.0.0.5, phase: Running, conditions: [{type: Ready, status: "True"}]}
${policy('p', '{selector: {matchLabels: {app: pay}}, rules: [{to: [{operation: {methods: [GET]}}]}]}', { namespace: 'shop' })}`;
  const proxy = gatewayProxy({ type: 'sidecar', namespace: 'shop', name: 'pay-1', ips: ['10.0.0.5'], labels: { app: 'pay' } });
  const served = serve(text, { proxy });
  const call = (method: string) =>
    served.call({ inbound: true, address: '10.0.0.5', port: 8080, protocol: 'http', host: 'pay', method });
  assert.match(call('GET'), /→ inbound\|8080\|\|$/);
  assert.equal(call('POST'), DENIED);
});
