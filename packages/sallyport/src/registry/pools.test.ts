import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoint } from '../model/index.ts';
import { rowsOf, type TestRegistry, testRegistry } from './testing/registry.ts';

function registryOf(text: string): TestRegistry {
  const registry = testRegistry();
  registry.write(text);
  assert.deepEqual(rowsOf(registry.graph.failures), []);
  return registry;
}

const text = ({ address, port, servicePort }: Endpoint) => `${servicePort.name}=${address.value}:${port}`;

function pool(registry: TestRegistry, place: string): readonly Endpoint[] {
  const row = registry.outputs.pools.get(place);
  assert.ok(row, `no pool ${place}`);
  return row.endpoints;
}

const texts = (registry: TestRegistry, place: string) => pool(registry, place).map(text);

const entry = (name: string, spec: string) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop}
spec:
${spec}
`;
const workloadEntry = (name: string, spec: string, metadata = '') => `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: ${name}, namespace: shop${metadata}}
spec: ${spec}
`;
const pod = (name: string, labels: string, ip: string, ready = 'True') => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: ${labels}}
spec: {serviceAccountName: sa, containers: [{ports: [{name: http, containerPort: 9080}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: '${ready}'}]}
`;

const HTTP = 'ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]';

test('an endpoint’s port is its own number for the name, else the target port, else the port', () => {
  const registry = registryOf(
    entry(
      'a',
      `  hosts: [a.example]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}, {number: 443, name: tls, protocol: TLS}]
  endpoints: [{address: 10.0.0.1, ports: {http: 9080}}, {address: 10.0.0.2}]`,
    ),
  );
  assert.deepEqual(texts(registry, 'shop/a.example'), [
    'http=10.0.0.1:9080',
    'http=10.0.0.2:8080',
    'tls=10.0.0.1:443',
    'tls=10.0.0.2:443',
  ]);
});

test('an inline endpoint carries who it is, where it stands and how it is reached', () => {
  const registry = registryOf(
    entry(
      'a',
      `  hosts: [a.example]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: 10.0.0.1, labels: {v: '1'}, locality: eu/z1, network: n1, weight: 3, serviceAccount: sa}]`,
    ),
  );
  assert.deepEqual(pool(registry, 'shop/a.example'), [
    {
      address: { kind: 'ip', value: '10.0.0.1' },
      port: 80,
      servicePort: { name: 'http', number: 80 },
      labels: {
        v: '1',
        'topology.kubernetes.io/region': 'eu',
        'topology.kubernetes.io/zone': 'z1',
        'topology.istio.io/cluster': 'Kubernetes',
        'topology.istio.io/network': 'n1',
      },
      locality: { region: 'eu', zone: 'z1', subZone: '' },
      network: 'n1',
      weight: 3,
      identity: 'spiffe://cluster.local/ns/shop/sa/sa',
      tlsMode: 'istio',
      health: 'unknown',
      workload: { workload: 'a-0', namespace: 'shop', canonicalName: 'a-0', canonicalRevision: '', cluster: 'Kubernetes' },
      origin: 'inline',
      from: { kind: 'ServiceEntry', namespace: 'shop', name: 'a' },
    },
  ]);
});

test('a host that is resolved and has no endpoints stands for itself', () => {
  const registry = registryOf(entry('a', `  hosts: [a.example]\n  resolution: DNS\n  ${HTTP}`));
  assert.deepEqual(
    pool(registry, 'shop/a.example').map((e) => [text(e), e.address.kind, e.origin]),
    [['http=a.example:8080', 'dns', 'synthetic']],
  );
  const unresolved = registryOf(entry('a', `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}`));
  assert.deepEqual(pool(unresolved, 'shop/a.example'), []);
});

test('sockets have no port, and an endpoint of a network only has no address', () => {
  const registry = registryOf(
    entry('a', `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{address: unix:///run/a.sock}]`) +
      entry('b', `  hosts: [b.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{network: n1}]`),
  );
  assert.deepEqual(texts(registry, 'shop/a.example'), ['http=/run/a.sock:0']);
  assert.deepEqual(pool(registry, 'shop/b.example')[0]?.address, { kind: 'none', value: '' });
});

test('an entry with N addresses has every endpoint N times', () => {
  const registry = registryOf(
    entry('a', `  hosts: [a.example]\n  addresses: [10.9.0.1, 10.9.0.2]\n  resolution: DNS\n  ${HTTP}`),
  );
  assert.deepEqual(texts(registry, 'shop/a.example'), ['http=a.example:8080', 'http=a.example:8080']);
});

test('entries of one host and namespace share a pool, the older first; another namespace has its own', () => {
  const registry = registryOf(
    entry('young', `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{address: 10.0.0.1}]`) +
      entry('z-old', `  hosts: [a.example]\n  resolution: DNS\n  ${HTTP}`) +
      entry('other', `  hosts: [a.example]\n  resolution: DNS\n  ${HTTP}`).replace('namespace: shop', 'namespace: pay'),
  );
  assert.deepEqual(texts(registry, 'shop/a.example'), ['http=10.0.0.1:8080', 'http=a.example:8080']);
  assert.deepEqual(texts(registry, 'pay/a.example'), ['http=a.example:8080']);
});

test('DNS_ROUND_ROBIN keeps the first endpoint of each port number over all entries of the host', () => {
  const registry = registryOf(
    entry(
      'a',
      `  hosts: [a.example]\n  resolution: DNS_ROUND_ROBIN\n  ports: [{number: 80, name: http}, {number: 443, name: tls}]\n  endpoints: [{address: one.example}]`,
    ) + entry('b', `  hosts: [a.example]\n  resolution: DNS_ROUND_ROBIN\n  ${HTTP}\n  endpoints: [{address: two.example}]`),
  );
  assert.deepEqual(texts(registry, 'shop/a.example'), ['http=one.example:80', 'tls=one.example:443']);
});

test('an entry with another resolution keeps all of its endpoints beside a DNS_ROUND_ROBIN one of its host', () => {
  const round = (name: string) => entry(name, `  hosts: [a.example]\n  resolution: DNS_ROUND_ROBIN\n  ${HTTP}`);
  const fixed = entry(
    'b',
    `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{address: 10.0.0.1}, {address: 10.0.0.2}]`,
  );
  const both = ['http=10.0.0.1:8080', 'http=10.0.0.2:8080'];
  assert.deepEqual(texts(registryOf(round('a') + fixed), 'shop/a.example'), ['http=a.example:8080', ...both]);
  assert.deepEqual(texts(registryOf(fixed + round('c')), 'shop/a.example'), both);
});

const SELECTING = entry('sel', `  hosts: [vm.example]\n  resolution: STATIC\n  ${HTTP}\n  workloadSelector: {labels: {app: vm}}`);

test('a selector finds Pods and WorkloadEntries of its namespace, Pods first, then by name', () => {
  const registry = registryOf(
    SELECTING +
      workloadEntry('w2', '{address: 10.0.0.2, labels: {app: vm}}') +
      workloadEntry('w1', '{address: 10.0.0.1, ports: {http: 7070}}', ', labels: {app: vm}') +
      workloadEntry('other', '{address: 10.0.0.3, labels: {app: db}}') +
      workloadEntry('named', '{address: vm.internal.example, labels: {app: vm}}') +
      workloadEntry('elsewhere', '{address: 10.0.0.4, labels: {app: vm}}').replace('namespace: shop', 'namespace: pay') +
      pod('p', '{app: vm}', '10.1.0.1') +
      pod('starting', '{app: vm}', '10.1.0.2', 'False'),
  );
  assert.deepEqual(texts(registry, 'shop/vm.example'), ['http=10.1.0.1:9080', 'http=10.0.0.1:7070', 'http=10.0.0.2:8080']);
  assert.deepEqual(
    pool(registry, 'shop/vm.example').map(({ health, tlsMode, identity }) => [health, tlsMode, identity]),
    [
      ['healthy', 'disabled', 'spiffe://cluster.local/ns/shop/sa/sa'],
      ['unknown', 'disabled', ''],
      ['unknown', 'disabled', ''],
    ],
  );
});

test('metadata labels of a WorkloadEntry win over those of its spec', () => {
  const registry = registryOf(SELECTING + workloadEntry('w', '{address: 10.0.0.1, labels: {app: vm}}', ', labels: {app: db}'));
  assert.deepEqual(pool(registry, 'shop/vm.example'), []);
});

test('names may be selected where names are resolved', () => {
  const registry = registryOf(
    SELECTING.replace('STATIC', 'DNS') + workloadEntry('named', '{address: vm.internal.example, labels: {app: vm}}'),
  );
  assert.deepEqual(texts(registry, 'shop/vm.example'), ['http=vm.internal.example:8080']);
});

test('a WorkloadEntry that asks for health checks counts once it has passed them', () => {
  const annotated = ', annotations: {proxy.istio.io/health-checks-enabled: "true"}';
  const checked = workloadEntry('w', '{address: 10.0.0.1, labels: {app: vm}}', annotated);
  const registry = registryOf(SELECTING + checked);
  assert.deepEqual(pool(registry, 'shop/vm.example'), []);
  registry.write(`${checked}status: {conditions: [{type: Healthy, status: 'True'}]}\n`);
  assert.deepEqual(texts(registry, 'shop/vm.example'), ['http=10.0.0.1:8080']);
});

test('an empty selector selects the whole namespace', () => {
  const registry = registryOf(
    SELECTING.replace('{labels: {app: vm}}', '{}') + workloadEntry('w', '{address: 10.0.0.1}') + pod('p', '{}', '10.1.0.1'),
  );
  assert.deepEqual(texts(registry, 'shop/vm.example'), ['http=10.1.0.1:9080', 'http=10.0.0.1:8080']);
});

const SERVICE = `---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin, port: 81, targetPort: adm}]}
`;
const slice = (name: string, endpoints: string, more = '') => `---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: ${endpoints}
ports: [{name: http, port: 8080}, {name: unknown, port: 1}]${more}
`;

test('slices of one Service are merged, ports are found by name, doubles dropped, terminating endpoints kept as such', () => {
  const registry = registryOf(
    SERVICE +
      slice('s2', '[{addresses: [10.1.0.2, 10.1.0.1]}]') +
      slice(
        's1',
        '[{addresses: [10.1.0.1]}, {addresses: [10.1.0.3], conditions: {ready: false, terminating: false}}, {addresses: [10.1.0.4], conditions: {ready: false}}]',
      ),
  );
  assert.deepEqual(
    pool(registry, 'shop/web.shop.svc.cluster.local').map((e) => [text(e), e.health]),
    [
      ['http=10.1.0.1:8080', 'healthy'],
      ['http=10.1.0.3:8080', 'unhealthy'],
      ['http=10.1.0.4:8080', 'terminating'],
      ['http=10.1.0.2:8080', 'healthy'],
    ],
  );
});

test('the Pod behind an address lends it labels and identity; an unknown Pod’s address is not used', () => {
  const registry = registryOf(
    SERVICE +
      slice(
        's',
        '[{addresses: [10.1.0.1], targetRef: {kind: Pod, name: p}}, {addresses: [10.1.0.2], targetRef: {kind: Pod, name: gone}}, {addresses: [10.1.0.3]}]',
      ) +
      pod('p', '{app: web, security.istio.io/tlsMode: istio}', '10.1.0.1') +
      pod('q', '{app: web}', '10.1.0.3'),
  );
  assert.deepEqual(
    pool(registry, 'shop/web.shop.svc.cluster.local').map((e) => [text(e), e.tlsMode, e.identity, e.workload.workload]),
    [
      ['http=10.1.0.1:8080', 'istio', 'spiffe://cluster.local/ns/shop/sa/sa', 'p'],
      ['http=10.1.0.3:8080', 'disabled', 'spiffe://cluster.local/ns/shop/sa/sa', 'q'],
    ],
  );
});

test('a Pod has a name of its own under a headless Service only with a subdomain: the one it says, else its own', () => {
  const named = (name: string, spec: string, ip: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
status: {podIP: ${ip}}
`;
  const registry = registryOf(
    SERVICE +
      slice('s', '[{addresses: [10.1.0.1]}, {addresses: [10.1.0.2]}, {addresses: [10.1.0.3]}]') +
      named('a', '{hostname: web-0, subdomain: web}', '10.1.0.1') +
      named('b', '{subdomain: web}', '10.1.0.2') +
      named('c', '{hostname: web-2}', '10.1.0.3'),
  );
  assert.deepEqual(
    pool(registry, 'shop/web.shop.svc.cluster.local').map((e) => [e.hostname, e.subdomain]),
    [
      ['web-0', 'web'],
      ['b', 'web'],
      [undefined, undefined],
    ],
  );
});

test('a Kubernetes Service selects WorkloadEntries, and a named target port has to be among their ports', () => {
  const registry = registryOf(
    SERVICE +
      workloadEntry('w1', '{address: 10.0.0.1, labels: {app: web}, ports: {adm: 9901}}') +
      workloadEntry('w2', '{address: 10.0.0.2, labels: {app: web}, ports: {http: 7070}}') +
      workloadEntry('w3', '{address: web.internal.example, labels: {app: web}}'),
  );
  assert.deepEqual(texts(registry, 'shop/web.shop.svc.cluster.local'), [
    'http=10.0.0.1:8080',
    'admin=10.0.0.1:9901',
    'http=10.0.0.2:7070',
  ]);
});

test('a Pod is called by its workload: by label, or by the Deployment its name comes from', () => {
  const registry = registryOf(
    SELECTING +
      pod('web-5d9c-x7k2p', '{app: vm, pod-template-hash: 5d9c}', '10.1.0.1') +
      pod('x', '{app: vm, service.istio.io/workload-name: told}', '10.1.0.2'),
  );
  assert.deepEqual(
    pool(registry, 'shop/vm.example').map(({ workload }) => workload.workload),
    ['web', 'told'],
  );
});

test('an endpoint change recomputes the pool and nothing that reads services', () => {
  const registry = registryOf(
    entry('a', `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{address: 10.0.0.1}]`),
  );
  const changed: string[] = [];
  registry.graph.onCommit((commit) => {
    changed.push(...commit.diff(registry.outputs.services).keys(), ...commit.diff(registry.outputs.pools).keys());
  });
  registry.write(entry('a', `  hosts: [a.example]\n  resolution: STATIC\n  ${HTTP}\n  endpoints: [{address: 10.0.0.2}]`));
  assert.deepEqual(changed, ['shop/a.example']);
});

test('a Pod that nobody selects touches no pool, also when it shares a label with one that is selected', () => {
  const registry = registryOf(
    SELECTING.replace('{app: vm}', '{app: vm, tier: front}') + pod('p', '{app: vm, tier: front}', '10.1.0.1'),
  );
  let pools = 0;
  registry.graph.onCommit((commit) => {
    pools = commit.recomputed.get('registry.pools') ?? 0;
  });
  registry.write(pod('q', '{app: db, tier: back}', '10.1.0.2'));
  assert.equal(pools, 0);
  registry.write(pod('r', '{app: vm, tier: front}', '10.1.0.3'));
  assert.equal(pools, 1);
  assert.deepEqual(texts(registry, 'shop/vm.example'), ['http=10.1.0.1:9080', 'http=10.1.0.3:9080']);
});
