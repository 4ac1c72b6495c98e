import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyOfNode } from './proxy.ts';
import { proxyOfJson } from './proxy-json.ts';

const node = (id: string, metadata: Record<string, unknown> = {}, locality = {}) => proxyOfNode({ id, metadata, locality }).value;

test('a node id names role, address, workload, namespace and domain', () => {
  const proxy = node('sidecar~10.0.0.7~web-0.shop~shop.svc.cluster.local');
  assert.deepEqual(
    [proxy?.role, proxy?.ips, proxy?.name, proxy?.namespace, proxy?.dnsDomain],
    ['sidecar', ['10.0.0.7'], 'web-0', 'shop', 'shop.svc.cluster.local'],
  );
});

test('metadata comes before the id: namespace, all instance addresses, labels and account', () => {
  const proxy = node('router~10.0.0.7~gw.shop~shop.svc.cluster.local', {
    NAMESPACE: 'edge',
    INSTANCE_IPS: '10.0.0.7, 2001:DB8:0:0:0:0:0:7,10.0.0.7',
    LABELS: { app: 'gw' },
    SERVICE_ACCOUNT: 'gateway',
  });
  assert.equal(proxy?.namespace, 'edge');
  assert.deepEqual(proxy?.ips, ['10.0.0.7', '2001:db8::7']);
  assert.equal(proxy?.serviceAccount, 'gateway');
  assert.equal(proxy?.labels['app'], 'gw');
});

test('a dotted workload name ends before its namespace', () => {
  const proxy = node('sidecar~10.0.0.7~db.example.shop~x');
  assert.deepEqual([proxy?.name, proxy?.namespace], ['db.example', 'shop']);
});

test('the labels are extended with where the proxy runs', () => {
  const proxy = node(
    'sidecar~10.0.0.7~w.shop~d',
    { CLUSTER_ID: 'east', NETWORK: 'net1', NODE_NAME: 'n7' },
    { region: 'r', zone: 'z' },
  );
  assert.deepEqual(proxy?.labels, {
    'topology.kubernetes.io/region': 'r',
    'topology.kubernetes.io/zone': 'z',
    'topology.istio.io/cluster': 'east',
    'topology.istio.io/network': 'net1',
    'kubernetes.io/hostname': 'n7',
  });
});

test('labels say better than the proxy where it runs, and the override may use dots', () => {
  const labelled = (LABELS: Record<string, string>) =>
    node('sidecar~10.0.0.7~w.shop~d', { LABELS }, { region: 'sent', zone: 'sent' })?.locality;
  assert.deepEqual(labelled({ 'topology.kubernetes.io/region': 'r' }), { region: 'r', zone: '', subZone: '' });
  assert.deepEqual(labelled({ 'istio-locality': 'r.z.s' }), { region: 'r', zone: 'z', subZone: 's' });
  assert.deepEqual(labelled({ 'topology.istio.io/locality': 'r/z.1' }), { region: 'r', zone: 'z.1', subZone: '' });
  assert.deepEqual(labelled({}), { region: 'sent', zone: 'sent', subZone: '' });
});

test('nodes that cannot be served are refused with the reason', () => {
  const refused = (id: string) => {
    const { value, issues } = proxyOfNode({ id });
    assert.equal(value, undefined, id);
    return issues.map((issue) => issue.message).join();
  };
  assert.match(refused('web'), /four parts/);
  assert.match(refused('sidecar~10.0.0.7~w.shop~d~x'), /four parts/);
  assert.match(refused('ztunnel~10.0.0.7~w.shop~d'), /"ztunnel" are not served/);
  assert.match(refused('sidecar~localhost~w.shop~d'), /no IP address/);
});

test('a proxy given as JSON has the defaults of the vectors', () => {
  const { value, issues } = proxyOfJson({});
  assert.deepEqual(issues, []);
  assert.equal(value?.id, 'sidecar~1.1.1.1~proxy.default~default.svc.cluster.local');
  assert.equal(value?.namespace, 'default');
  assert.deepEqual(value?.metadata, { NAMESPACE: 'default', CLUSTER_ID: 'Kubernetes', ISTIO_VERSION: '1.30.0', LABELS: {} });
  assert.equal(value?.labels['topology.istio.io/cluster'], 'Kubernetes');
});

test('JSON metadata is merged over the defaults and labels of both places count', () => {
  const { value } = proxyOfJson({
    namespace: 'shop',
    ips: ['10.0.0.1', '2001:db8::1'],
    labels: { app: 'web' },
    locality: 'r/z/s',
    metadata: { CLUSTER_ID: 'east', DNS_CAPTURE: 'true', LABELS: { tier: 'front' } },
  });
  assert.deepEqual(value?.ips, ['10.0.0.1', '2001:db8::1']);
  assert.equal(value?.dnsDomain, 'shop.svc.cluster.local');
  assert.equal(value?.metadata['CLUSTER_ID'], 'east');
  assert.deepEqual([value?.labels['app'], value?.labels['tier']], ['web', 'front']);
  assert.deepEqual(value?.locality, { region: 'r', zone: 'z', subZone: 's' });
});

test('wrong JSON is answered field by field', () => {
  const problems = (json: unknown) =>
    proxyOfJson(json).issues.map(({ code, field }) => `${code} ${field?.join('.') ?? ''}`.trim());
  assert.deepEqual(problems([]), ['INVALID_VALUE']);
  assert.deepEqual(problems({ type: 'waypoint', ips: ['x'], lables: {} }), [
    'INVALID_VALUE type',
    'INVALID_VALUE ips',
    'UNKNOWN_FIELD lables',
  ]);
  assert.deepEqual(problems({ namespace: 'a~b', labels: { a: 1 }, locality: 'a/b/c/d', ips: [] }), [
    'INVALID_VALUE namespace',
    'INVALID_VALUE labels',
    'INVALID_VALUE locality',
    'INVALID_VALUE ips',
  ]);
  assert.deepEqual(problems({ constructor: 1 }), ['UNKNOWN_FIELD constructor']);
});
