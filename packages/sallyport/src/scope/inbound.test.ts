import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Endpoint, PeerPolicies, PlacedWorkload, SidecarIngress } from '../model/index.ts';
import { aPool, aProxy, aService, aSidecar, settle, type World } from './testing/rows.ts';

const web = { app: 'web' };

/** What the only proxy serves, `target=host:port`, and under which mode. */
function served(world: World): readonly string[] {
  const bed = settle(world);
  assert.equal(bed.graph.failures.size, 0);
  const [row] = [...bed.outputs.inbound.entries()].map(([, value]) => value);
  const named = (row?.ports ?? []).map(
    ({ target, host, port, protocol, ruling }) => `${target}=${host}:${port} ${protocol} ${ruling.mode}`,
  );
  return [...named, ...(row?.exceptions ?? []).map(({ port, ruling }) => `${port} ${ruling.mode}`), `else ${row?.ruling.mode}`];
}

const proxy = (more: Record<string, unknown> = {}) => aProxy({ namespace: 'shop', ips: ['10.0.0.1'], labels: web, ...more });
const kubernetes = (name: string, more: Parameters<typeof aService>[2] = {}) =>
  aService('shop', `${name}.shop.svc.cluster.local`, {
    entry: name,
    registry: 'kubernetes',
    resolution: 'static',
    location: 'internal',
    selector: web,
    ports: [{ number: 80, name: 'http', protocol: 'http', target: 8080 }],
    ...more,
  });
const workload = (kind: 'Pod' | 'WorkloadEntry', more: Partial<PlacedWorkload> = {}): PlacedWorkload => ({
  key: { kind, namespace: 'shop', name: 'w' },
  namespace: 'shop',
  labels: web,
  addresses: ['10.0.0.1'],
  ports: {},
  ...more,
});

describe('which services a proxy serves', () => {
  test('a ServiceEntry of its namespace with an endpoint at its address', () => {
    const services = [aService('shop', 'a.example'), aService('pay', 'b.example')];
    const pools = [aPool('shop', 'a.example', '10.0.0.1', '10.0.0.2'), aPool('pay', 'b.example', '10.0.0.1')];
    assert.deepEqual(served({ proxies: [proxy()], services, pools }), ['80=a.example:80 http PERMISSIVE', 'else PERMISSIVE']);
    assert.deepEqual(served({ proxies: [proxy({ ips: ['10.0.0.3'] })], services, pools }), ['else PERMISSIVE']);
  });

  test('of two entries of one host only the one whose endpoint it is', () => {
    const services = [
      aService('shop', 'a.example', { entry: 'one' }),
      aService('shop', 'a.example', { entry: 'two', selector: { app: 'batch' } }),
    ];
    const pool = aPool('shop', 'a.example', '10.0.0.1');
    const from = { kind: 'WorkloadEntry', namespace: 'shop', name: 'w' };
    const selected: Endpoint = { ...pool.endpoints[0]!, origin: 'workload-entry', labels: { app: 'batch' }, from, port: 9000 };
    const bed = settle({ proxies: [proxy()], services, pools: [{ ...pool, endpoints: [selected] }] });
    const [row] = [...bed.outputs.classes.entries()].map(([, value]) => value.serves);
    assert.deepEqual(row, [{ service: 'external/shop/two/a.example', port: 80, target: 9000 }]);
  });

  test('Kubernetes Services of its namespace that select its labels, at their target port', () => {
    const other = kubernetes('other', { selector: { app: 'web', version: 'v2' } });
    const elsewhere = aService('pay', 'x', { registry: 'kubernetes', selector: web });
    assert.deepEqual(served({ proxies: [proxy()], services: [kubernetes('a'), other, elsewhere] }), [
      '8080=a.shop.svc.cluster.local:80 http PERMISSIVE',
      'else PERMISSIVE',
    ]);
  });

  test('a named target port is looked up in the Pod, else in what the proxy says of itself', () => {
    const services = [kubernetes('a', { ports: [{ number: 80, name: 'http', protocol: 'http', target: 'web' }] })];
    const first = (world: World) => served({ services, ...world })[0];
    assert.equal(first({ proxies: [proxy()], workloads: [workload('Pod', { ports: { web: 9000 } })] })?.split('=')[0], '9000');
    const POD_PORTS = '[{"name":"web","containerPort":9001}]';
    assert.equal(first({ proxies: [proxy({ metadata: { POD_PORTS } })] })?.split('=')[0], '9001');
    assert.equal(first({ proxies: [proxy()] }), 'else PERMISSIVE');
  });

  test('a WorkloadEntry at its address speaks for it, with ports of its own', () => {
    const entry = workload('WorkloadEntry', { labels: { app: 'vm' }, ports: { http: 7000 } });
    const services = [kubernetes('a'), kubernetes('vm', { selector: { app: 'vm' } })];
    assert.equal(
      served({ proxies: [proxy()], services, workloads: [entry] })[0],
      '7000=vm.shop.svc.cluster.local:80 http PERMISSIVE',
    );
    const headless = services.map((service) => ({ ...service, headless: true, resolution: 'none' as const }));
    assert.deepEqual(served({ proxies: [proxy()], services: headless, workloads: [entry] }), ['else PERMISSIVE']);
  });

  test('a WorkloadEntry of another namespace does not speak for it', () => {
    const foreign = workload('WorkloadEntry', { namespace: 'pay', key: { kind: 'WorkloadEntry', namespace: 'pay', name: 'w' } });
    const entry = { ...foreign, labels: { app: 'vm' } };
    assert.equal(
      served({ proxies: [proxy()], services: [kubernetes('a')], workloads: [entry] })[0],
      '8080=a.shop.svc.cluster.local:80 http PERMISSIVE',
    );
  });

  test('a Pod that no Service selects is behind those, headless or not, whose slices have its first address', () => {
    const { selector: _, ...bare } = kubernetes('h');
    const pool = aPool('shop', bare.host, '10.0.0.1');
    const slices = pool.endpoints.map((endpoint) => ({
      ...endpoint,
      origin: 'slice' as const,
      port: 5000,
      servicePort: { name: 'http', number: 80 },
    }));
    const world = { proxies: [proxy()], services: [bare], pools: [{ ...pool, endpoints: slices }], workloads: [workload('Pod')] };
    assert.equal(served(world)[0], '5000=h.shop.svc.cluster.local:80 http PERMISSIVE');
    assert.equal(
      served({ ...world, services: [{ ...bare, headless: true, resolution: 'none' }] })[0],
      '5000=h.shop.svc.cluster.local:80 http PERMISSIVE',
    );
    const second = {
      ...world,
      proxies: [proxy({ ips: ['10.0.0.9', '10.0.0.1'] })],
      workloads: [workload('Pod', { addresses: ['10.0.0.9'] })],
    };
    assert.equal(served(second)[0], 'else PERMISSIVE');
  });

  /** Protocol, who holds the rules, and the services by name, of each port that the only proxy serves. */
  const named = (world: World) =>
    [...settle(world).outputs.inbound.entries()].flatMap(([, { ports }]) =>
      ports.map(({ protocol, ruledBy, services }) => [protocol, ruledBy.split('.')[0], ...services.map(({ name }) => name)]),
    );

  test('at one port of the workload the oldest service decides, and those under its number are named', () => {
    const tcp = [{ number: 8080, name: 'tcp', protocol: 'tcp' as const }];
    const old = kubernetes('old', { createdAt: 1, ports: tcp });
    const same = kubernetes('same', { createdAt: 2, ports: tcp });
    const services = [kubernetes('young', { createdAt: 2 }), same, old];
    assert.deepEqual(named({ proxies: [proxy()], services }), [['tcp', 'old', 'old', 'same']]);
  });

  test('nothing is named where the service that decides is outside the mesh, though its rules hold', () => {
    const services = [aService('shop', 'out.example', { location: 'external' })];
    assert.deepEqual(named({ proxies: [proxy()], services, pools: [aPool('shop', 'out.example', '10.0.0.1')] }), [
      ['http', 'out'],
    ]);
  });

  test('at a port of a Sidecar the service behind it is named, and nothing where there is none', () => {
    const ingress = [8080, 9090].map((number) => ({ port: { number, protocol: 'HTTP', name: `h${number}` } }));
    const sidecars = [aSidecar('shop', 's', { ingress })];
    assert.deepEqual(named({ proxies: [proxy()], services: [kubernetes('a')], sidecars }), [
      ['http', 'a', 'a'],
      ['http', 's'],
    ]);
  });

  test('UDP is not served', () => {
    assert.deepEqual(
      served({ proxies: [proxy()], services: [kubernetes('a', { ports: [{ number: 53, name: 'dns', protocol: 'udp' }] })] }),
      ['else PERMISSIVE'],
    );
  });
});

describe('classes', () => {
  test('all proxies of a Deployment are one class, whatever their addresses', () => {
    const ips = Array.from({ length: 5 }, (_, i) => `10.0.0.${i}`);
    const proxies = ips.map((ip, i) => proxy({ name: `p${i}`, ips: [ip] }));
    const bed = settle({ proxies, services: [kubernetes('a')], pools: [aPool('shop', 'a.shop.svc.cluster.local', ...ips)] });
    assert.equal(bed.outputs.classes.size, 1);
    assert.deepEqual([...bed.outputs.classes.entries()][0]?.[1].ips, []);
  });

  test('a label that only a PeerAuthentication names divides, in its namespace', () => {
    const selected = [
      { key: { kind: 'PeerAuthentication', namespace: 'shop', name: 'p' }, selector: web, mode: 'STRICT' as const, ports: {} },
    ];
    const peers: PeerPolicies[] = [{ namespace: 'shop', selected }];
    const proxies = [
      proxy({ name: 'a' }),
      proxy({ name: 'b', labels: {} }),
      proxy({ name: 'c', namespace: 'pay' }),
      proxy({ name: 'd', namespace: 'pay', labels: {} }),
    ];
    const bed = settle({ proxies, peers });
    assert.equal(bed.outputs.classes.size, 3);
    const modes = [...bed.outputs.inbound.entries()].map(([, { ruling }]) => ruling.mode).sort();
    assert.deepEqual(modes, ['PERMISSIVE', 'PERMISSIVE', 'STRICT']);
  });

  test('a Sidecar that listens at the address of the proxy brings it into the class', () => {
    const listener: SidecarIngress = { port: { number: 8080, protocol: 'HTTP', name: 'h' } };
    const sidecars = [aSidecar('shop', 's', { ingress: [listener] })];
    const proxies = [proxy({ name: 'a', ips: ['10.0.0.1'] }), proxy({ name: 'b', ips: ['10.0.0.2'] })];
    assert.equal(settle({ proxies, sidecars }).outputs.classes.size, 2);
    const bound = [aSidecar('shop', 's', { ingress: [{ ...listener, bind: '127.0.0.1' }] })];
    assert.equal(settle({ proxies, sidecars: bound }).outputs.classes.size, 1);
  });
});

describe('which mode holds where', () => {
  const key = (name: string) => ({ kind: 'PeerAuthentication', namespace: 'shop', name });
  const policy = (ports: Record<string, 'STRICT' | 'DISABLE'>): PeerPolicies[] => [
    { namespace: 'shop', selected: [{ key: key('w'), selector: web, mode: 'STRICT', ports }] },
  ];

  test('a port that a policy names is asked by the port of the workload', () => {
    assert.deepEqual(
      served({ proxies: [proxy()], services: [kubernetes('a')], peers: policy({ 8080: 'DISABLE', 80: 'DISABLE' }) }),
      ['8080=a.shop.svc.cluster.local:80 http DISABLE', '80 DISABLE', 'else STRICT'],
    );
  });

  test('with ingress listeners nothing else is served', () => {
    const listener = { port: { number: 9090, protocol: 'TCP', name: 't' } };
    const sidecars = [aSidecar('shop', 's', { ingress: [listener], inboundConnectionPool: { tcp: { maxConnections: 3 } } })];
    const world = {
      proxies: [proxy()],
      services: [kubernetes('a')],
      sidecars,
      peers: policy({ 8080: 'DISABLE', 9090: 'DISABLE' }),
    };
    assert.deepEqual(served(world), ['9090=s.shop:9090 tcp DISABLE', '8080 DISABLE', 'else STRICT']);
    const [row] = [...settle(world).outputs.inbound.entries()].map(([, value]) => value);
    assert.deepEqual(row?.ports[0]?.connectionPool, { tcp: { maxConnections: 3 } });
  });

  test('routers take nothing in this way', () => {
    assert.equal(settle({ proxies: [proxy({ type: 'router' })], services: [kubernetes('a')] }).outputs.inbound.size, 0);
  });
});
