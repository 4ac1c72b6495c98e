import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../model/index.ts';
import { type ClassFacts, classOf } from './class.ts';
import { aPool, aProxy, aRouting, aRule, aService, aSidecar, settle, type World } from './testing/rows.ts';

const NOTHING: ClassFacts = {
  asksFor: () => false,
  ranksBy: () => false,
  asksForAddress: false,
  asksForNode: false,
  serves: [],
  tracing: false,
};
const classFor = (json: Record<string, unknown>, facts: Partial<ClassFacts> = {}) =>
  classOf(aProxy(json), { ...NOTHING, ...facts });

test('proxies that differ in what nobody asks about are of one class', () => {
  const one = classFor({ name: 'a', ips: ['10.0.0.1'], labels: { app: 'a', hash: '1' }, serviceAccount: 'x' });
  const other = classFor({ name: 'b', ips: ['10.0.0.2'], labels: { app: 'b', hash: '2' }, serviceAccount: 'y' });
  assert.deepEqual(one, other);
});

test('what is asked about divides', () => {
  const base = classFor({});
  const differing = [
    classFor({ namespace: 'shop' }),
    classFor({ type: 'router' }),
    classFor({ dnsDomain: 'x' }),
    classFor({ locality: 'r' }),
    classFor({ ips: ['2001:db8::1'] }),
    classFor({ metadata: { DNS_CAPTURE: 'true' } }),
    classFor({ metadata: { INTERCEPTION_MODE: 'NONE' } }),
    classFor({ metadata: { NETWORK: 'n' } }),
    classFor({}, { asksForAddress: true }),
    classFor({ metadata: { NODE_NAME: 'n1' } }, { asksForNode: true }),
    classFor({}, { serves: [{ service: 's', port: 80, target: 8080 }] }),
    classFor({ metadata: { SALLYPORT_NO_IDENTITY: 'true' } }),
    classFor({ labels: { app: 'a' } }, { asksFor: (label) => label === 'app' }),
    classFor({ labels: { app: 'a' } }, { ranksBy: (label) => label === 'app' }),
  ];
  assert.equal(new Set([base, ...differing].map(({ id }) => id)).size, differing.length + 1);
});

test('the id does not depend on the order in which labels were written', () => {
  const all = { asksFor: () => true };
  assert.equal(classFor({ labels: { a: '1', b: '2' } }, all).id, classFor({ labels: { b: '2', a: '1' } }, all).id);
});

test('traits are read as Istio spells them', () => {
  const { traits, facet } = classFor({
    ips: ['10.0.0.1', '2001:db8::1'],
    metadata: {
      INTERCEPTION_MODE: 'TPROXY',
      DNS_CAPTURE: true,
      DNS_AUTO_ALLOCATE: '1',
      UNPRIVILEGED_POD: 'TRUE',
      HTTP_PROXY_PORT: '15007',
      ENVOY_STATUS_PORT: 15021,
      ENVOY_PROMETHEUS_PORT: 'none',
      IDLE_TIMEOUT: '5m',
      TLS_CLIENT_CERT_CHAIN: '/c',
      TLS_CLIENT_KEY: '/k',
      TLS_CLIENT_ROOT_CERT: '/r',
    },
  });
  assert.deepEqual(traits, {
    interception: 'TPROXY',
    dnsCapture: true,
    dnsAutoAllocate: true,
    unprivileged: true,
    httpProxyPort: 15007,
    statusPort: 15021,
    prometheusPort: 0,
    idleTimeout: '5m',
    canonicalService: '',
    canonicalRevision: '',
    meshId: 'unknown',
  });
  assert.equal(facet.ipFamilies, 'dual');
  assert.deepEqual(facet.clientCertificates, { chain: '/c', key: '/k', root: '/r' });
});

test('the names in spans count only where spans are written', () => {
  const json = { labels: { 'service.istio.io/canonical-name': 'web' } };
  assert.equal(classFor(json).id, classFor({}).id);
  assert.equal(classFor(json, { tracing: true }).traits.canonicalService, 'web');
  assert.equal(classFor({}, { tracing: true }).traits.canonicalService, 'unknown');
});

/** Number of classes that these rows make of two web proxies and a batch one in namespace shop. */
function classes(world: World): number {
  const proxies = ['web', 'web', 'batch'].map((app, i) =>
    aProxy({ namespace: 'shop', name: `w${i}`, ips: [`10.0.0.${i}`], labels: { app, 'pod-template-hash': String(i) } }),
  );
  return settle({ ...world, proxies }).outputs.classes.size;
}

const selector = (app: string) => ({ workloadSelector: { labels: { app } } });

test('a label divides only where a selector names it with a value that a proxy has', () => {
  assert.equal(classes({}), 1);
  assert.equal(classes({ sidecars: [aSidecar('shop', 's', selector('web'))] }), 2);
  assert.equal(classes({ sidecars: [aSidecar('shop', 's', selector('db'))] }), 1, 'no proxy has this value');
  assert.equal(classes({ sidecars: [aSidecar('pay', 's', selector('web'))] }), 1, 'a selector of another namespace');
  assert.equal(classes({ sidecars: [aSidecar('istio-system', 's', selector('web'))] }), 1, 'a selector of the root namespace');
  assert.equal(classes({ rules: [aRule('shop', 'a.example', { selector: { app: 'web' } })] }), 2);
  assert.equal(classes({ rules: [aRule('pay', 'a.example', { selector: { app: 'web' } })] }), 1);
});

test('source conditions of VirtualServices divide in every namespace', () => {
  const spec = { http: [{ match: [{ sourceLabels: { app: 'batch' } }] }] };
  assert.equal(classes({ routings: [aRouting('pay', 'v', ['a.example'], { spec })] }), 2);
});

test('failoverPriority divides by the labels it compares, not by those it gives values to', () => {
  const ranking = (...failoverPriority: string[]) =>
    aRule('pay', 'a.example', { trafficPolicy: { loadBalancer: { localityLbSetting: { failoverPriority } } } });
  assert.equal(classes({ rules: [ranking('app')] }), 2);
  assert.equal(classes({ rules: [ranking('app=web')] }), 1);
  assert.equal(classes({ mesh: { localityLbSetting: { failoverPriority: ['pod-template-hash'] } } }), 3);
});

test('a proxy behind a service without resolution has its addresses in its class, and other endpoints change nothing', () => {
  const proxies = [0, 1].map((i) => aProxy({ namespace: 'shop', name: `w${i}`, ips: [`10.0.0.${i}`] }));
  const services = [aService('shop', 'a.example', { resolution: 'none' })];
  const bed = settle({ proxies, services, pools: [aPool('shop', 'a.example', '10.9.9.9')] });
  assert.equal(bed.outputs.classes.size, 1);
  let recomputed: ReadonlyMap<string, number> = new Map();
  bed.graph.onCommit((commit) => {
    recomputed = commit.recomputed;
  });
  const put = (...addresses: string[]) =>
    bed.graph.commit((tx) => tx.set(bed.inputs.pools, 'shop/a.example', aPool('shop', 'a.example', ...addresses)));
  put('10.9.9.8', '10.9.9.7');
  assert.deepEqual([...recomputed], []);
  put('10.9.9.8', '10.0.0.1');
  assert.deepEqual([...bed.outputs.classes.entries()].map(([, { ips }]) => ips.join()).sort(), ['', '10.0.0.1']);
});

test('nodes divide proxies only where some service is for callers on the same node', () => {
  const onNodes = ['n1', 'n1', 'n2'].map((node, i) => aProxy({ name: `p${i}`, metadata: { NODE_NAME: node } }));
  const count = (more: Partial<Service>) =>
    settle({ proxies: onNodes, services: [{ ...aService('shop', 'a.example'), ...more }] }).outputs.classes.size;
  assert.equal(count({}), 1);
  assert.equal(count({ nodeLocal: true }), 2);
});
