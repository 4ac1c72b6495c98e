import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  type ClassInbound,
  MESH,
  type PeerMode,
  type PeerRuling,
  type Protocol,
  SALLYPORT_DEFAULTS,
  type ServedPort,
  type SidecarIngress,
} from '../model/index.ts';
import { inboundOf, inboundWorld, servedPort } from './inbound/testing/served.ts';
import { lineOf, mesh, proxyClass } from './listeners/testing/world.ts';
import { ruleWith } from './testing/cluster-rows.ts';

const ISTIOD = JSON.parse(readFileSync(new URL('./inbound/testdata/istiod-inbound.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, JsonObject>
>;

type Chain = JsonObject & { readonly name: string; readonly filters: readonly JsonObject[]; readonly transportSocket?: unknown };

/** The chains of a listener, each as `name: match → way on`; `TLS` where the chain ends it. */
function chainsOf(listener: JsonObject | undefined): readonly string[] {
  return ((listener?.['filterChains'] ?? []) as unknown as Chain[]).map((chain) => {
    const routes = (chain.filters[0]?.['typedConfig'] as { routeConfig?: { name: string } } | undefined)?.routeConfig?.name;
    const line = lineOf(chain)!.replace('http_connection_manager', `HTTP ${routes}`);
    return `${chain.name}: ${line}${chain.transportSocket === undefined ? '' : ' TLS'}`;
  });
}

/** The chains of one served port, without their common name and port. */
function setOf(mode: PeerMode, protocol: Protocol): readonly string[] {
  const { listeners } = inboundOf({ class: proxyClass('a'), inbound: { ports: [servedPort(80, { protocol, mode })] } });
  return chainsOf(listeners['virtualInbound'])
    .filter((line) => line.startsWith('0.0.0.0_80: '))
    .map((line) => line.replace('0.0.0.0_80: 80', '').replaceAll('inbound|80||', '').replaceAll('HTTP ', 'HTTP').trim());
}

const withoutIdentity = proxyClass('a', { facet: { withoutIdentity: true } });

function ingress(listener: SidecarIngress, more: Partial<ServedPort> & { readonly mode?: PeerMode } = {}): ServedPort {
  const number = listener.port?.number ?? 8080;
  const sidecar = { kind: 'Sidecar', namespace: 'shop', name: 's' };
  return servedPort(number, {
    host: 's.shop',
    ingress: { listener, index: 0, sidecar, apiVersion: 'networking.istio.io/v1' },
    ...more,
  });
}

describe('the same as istiod, field by field', () => {
  test('a workload that serves nothing, PERMISSIVE', () => {
    const { listeners } = inboundOf({ class: proxyClass('a', { namespace: 'pay' }) });
    assert.deepEqual(listeners['virtualInbound'], ISTIOD['permissive, nothing served']);
  });

  test('a workload with an HTTP, a TCP and an undeclared port, STRICT', () => {
    const strict = { mode: 'STRICT', host: 'ml.vendor.example' } as const;
    const services = [{ host: 'ml.vendor.example', name: 'ml.vendor.example', namespace: 'default' }];
    const ports = [
      servedPort(80, { ...strict, services }),
      servedPort(5432, { ...strict, services, protocol: 'tcp' }),
      servedPort(9000, { ...strict, services, protocol: 'auto' }),
    ];
    const { listeners, clusters } = inboundOf({
      class: proxyClass('a', { namespace: 'default' }),
      inbound: { ruling: { mode: 'STRICT' }, ports },
    });
    assert.deepEqual(listeners['virtualInbound'], ISTIOD['strict, three ports served']);
    for (const name of ['inbound|80||', 'inbound|5432||', 'inbound|9000||'])
      assert.deepEqual(clusters[name], ISTIOD[`cluster ${name}`]);
  });
});

describe('chains by mode and protocol', () => {
  const HTTP_ALPN = 'istio-http/1.0,istio-http/1.1,istio-h2';
  const ALL_ALPN = `istio,istio-peer-exchange,${HTTP_ALPN}`;
  const table: readonly (readonly [PeerMode, Protocol, readonly string[]])[] = [
    [
      'PERMISSIVE',
      'auto',
      [
        `tls ${HTTP_ALPN} → HTTP TLS`,
        'raw_buffer http/1.1,h2c → HTTP',
        'tls istio-peer-exchange,istio → TLS',
        'raw_buffer →',
        'tls →',
      ],
    ],
    ['PERMISSIVE', 'http', [`tls ${ALL_ALPN} → HTTP TLS`, 'raw_buffer → HTTP']],
    ['PERMISSIVE', 'grpc', [`tls ${ALL_ALPN} → HTTP TLS`, 'raw_buffer → HTTP']],
    ['PERMISSIVE', 'tcp', [`tls ${ALL_ALPN} → TLS`, 'tls →', 'raw_buffer →']],
    ['PERMISSIVE', 'https', [`tls ${ALL_ALPN} → TLS`, 'tls →', 'raw_buffer →']],
    ['STRICT', 'auto', [`tls ${HTTP_ALPN} → HTTP TLS`, 'tls → TLS']],
    ['STRICT', 'http', ['tls → HTTP TLS']],
    ['STRICT', 'tls', ['tls → TLS']],
    ['DISABLE', 'auto', ['raw_buffer http/1.1,h2c → HTTP', 'raw_buffer →']],
    ['DISABLE', 'http', ['raw_buffer → HTTP']],
    ['DISABLE', 'tcp', ['raw_buffer →']],
  ];
  for (const [mode, protocol, expected] of table)
    test(`${mode} ${protocol}`, () => {
      assert.deepEqual(
        setOf(mode, protocol).map((line) => line.replace(/ +/g, ' ')),
        expected,
      );
    });
});

test('a port that a policy names and nothing serves is let through with a set of its own', () => {
  const inbound = { ruling: { mode: 'STRICT' } as const, exceptions: [{ port: 9000, ruling: { mode: 'DISABLE' } as const }] };
  const { listeners } = inboundOf({ class: proxyClass('a'), inbound });
  assert.deepEqual(chainsOf(listeners['virtualInbound']), [
    'virtualInbound-blackhole: 15006 → BlackHoleCluster',
    'virtualInbound-catchall-http: tls istio-http/1.0,istio-http/1.1,istio-h2 → HTTP InboundPassthroughCluster TLS',
    'virtualInbound: tls → InboundPassthroughCluster TLS',
    'virtualInbound-catchall-http: 9000 raw_buffer http/1.1,h2c → HTTP InboundPassthroughCluster',
    'virtualInbound: 9000 raw_buffer → InboundPassthroughCluster',
  ]);
});

describe('inspectors are off where nothing asks what they find out', () => {
  type Filter = { readonly name: string; readonly filterDisabled?: JsonObject };
  const offOf = (inbound: Partial<ClassInbound>) => {
    const { listeners } = inboundOf({ class: proxyClass('a'), inbound });
    const filters = listeners['virtualInbound']?.['listenerFilters'] as unknown as readonly Filter[];
    return Object.fromEntries(filters.map(({ name, filterDisabled }) => [name.split('.').at(-1), filterDisabled]));
  };
  const range = (port: number) => ({ destinationPortRange: { start: port, end: port + 1 } });

  test('a TCP port without TLS among ports with', () => {
    const ports = [servedPort(70, { protocol: 'tcp', mode: 'DISABLE' }), servedPort(80, { mode: 'PERMISSIVE' })];
    assert.deepEqual(offOf({ ports }), {
      original_dst: undefined,
      tls_inspector: { orMatch: { rules: [range(70), range(15006)] } },
      http_inspector: { orMatch: { rules: [range(70), range(80), range(15006)] } },
    });
  });

  test('TLS at one port only', () => {
    const ports = [servedPort(70, { protocol: 'tcp', mode: 'STRICT' }), servedPort(80, { mode: 'DISABLE' })];
    assert.deepEqual(offOf({ ruling: { mode: 'DISABLE' }, ports })['tls_inspector'], { notMatch: range(70) });
  });

  test('STRICT everywhere leaves nothing for the HTTP inspector, DISABLE everywhere nothing for the TLS inspector', () => {
    assert.ok(!('http_inspector' in offOf({ ruling: { mode: 'STRICT' } })));
    assert.ok(!('tls_inspector' in offOf({ ruling: { mode: 'DISABLE' } })));
  });
});

describe('proxies whose agent has no certificates', () => {
  const by = { kind: 'PeerAuthentication', namespace: 'shop', name: 'p' };

  test('nothing waits for a certificate, and what is only allowed is left out', () => {
    const ports = [servedPort(80, { mode: 'PERMISSIVE' }), servedPort(81, { protocol: 'auto', mode: 'DISABLE' })];
    const { listeners, issues } = inboundOf({ class: withoutIdentity, inbound: { ports } });
    assert.ok(!JSON.stringify(listeners).includes('sds-grpc'));
    assert.deepEqual(chainsOf(listeners['virtualInbound']), [
      'virtualInbound-blackhole: 15006 → BlackHoleCluster',
      'virtualInbound-catchall-http: raw_buffer http/1.1,h2c → HTTP InboundPassthroughCluster',
      'virtualInbound: raw_buffer → InboundPassthroughCluster',
      '0.0.0.0_80: 80 raw_buffer → HTTP inbound|80||',
      '0.0.0.0_81: 81 raw_buffer http/1.1,h2c → HTTP inbound|81||',
      '0.0.0.0_81: 81 raw_buffer → inbound|81||',
    ]);
    assert.deepEqual(issues, []);
  });

  test('a STRICT port does not fall through to plain text, and its policy is told', () => {
    const ports = [servedPort(80, { ruling: { mode: 'STRICT', by } })];
    const { listeners, issues } = inboundOf({ class: withoutIdentity, inbound: { ports } });
    assert.deepEqual(
      chainsOf(listeners['virtualInbound']).filter((line) => line.includes('80')),
      ['0.0.0.0_80: 80 → BlackHoleCluster'],
    );
    assert.deepEqual(
      issues.map(({ code, severity, object }) => [code, severity, object]),
      [['UNSUPPORTED', 'error', by]],
    );
  });

  test('STRICT for everything leaves no chain that takes an unknown port', () => {
    const { listeners } = inboundOf({ class: withoutIdentity, inbound: { ruling: { mode: 'STRICT', by } } });
    assert.deepEqual(chainsOf(listeners['virtualInbound']), ['virtualInbound-blackhole: 15006 → BlackHoleCluster']);
  });
});

describe('Sidecar ingress', () => {
  const tls = { mode: 'SIMPLE', serverCertificate: 'c.pem', privateKey: 'k.pem' } as const;
  const own = { sallyport: { ...SALLYPORT_DEFAULTS, tlsOnSidecarIngress: true } };

  test('chains are named after the bind, else after the address of the proxy', () => {
    const ports = [ingress({ port: { number: 8080 } }), ingress({ port: { number: 8081 }, bind: '10.0.0.9' })];
    const { listeners } = inboundOf({ class: proxyClass('a', { ips: ['10.0.0.1'] }), inbound: { ports } });
    const names = new Set(chainsOf(listeners['virtualInbound']).map((line) => line.split(':')[0]));
    assert.ok(names.has('10.0.0.1_8080') && names.has('10.0.0.9_8081'), [...names].join());
  });

  test('captureMode NONE opens a listener of its own', () => {
    const ports = [ingress({ port: { number: 8080 }, bind: '10.0.0.1', captureMode: 'NONE' }, { mode: 'STRICT' })];
    const { listeners } = inboundOf({ class: proxyClass('a'), inbound: { ports } });
    assert.deepEqual(chainsOf(listeners['10.0.0.1_8080']), ['10.0.0.1_8080: 8080 tls → HTTP inbound|8080|| TLS']);
    assert.deepEqual(listeners['10.0.0.1_8080']?.['address'], { socketAddress: { address: '10.0.0.1', portValue: 8080 } });
    assert.ok(!chainsOf(listeners['virtualInbound']).some((line) => line.includes('8080')));
  });

  test('without interception only a Sidecar’s ports are listened at', () => {
    const of = proxyClass('a', { traits: { interception: 'NONE' } });
    const captured = ingress({ port: { number: 9090 }, bind: '10.0.0.1', captureMode: 'IPTABLES' });
    const ports = [servedPort(80), ingress({ port: { number: 8080 }, bind: '10.0.0.1' }), captured];
    const { listeners, clusters } = inboundOf({ class: of, inbound: { ports } });
    assert.deepEqual(Object.keys(listeners), ['10.0.0.1_8080']);
    assert.deepEqual(Object.keys(clusters), ['inbound|8080||', 'inbound|9090||']);
  });

  test('tls of its own takes the place of mutual TLS where that is off and the mesh allows it', () => {
    const port = ingress({ port: { number: 8443 }, bind: '10.0.0.1', tls }, { protocol: 'https', mode: 'DISABLE' });
    const { listeners, issues } = inboundOf({ class: proxyClass('a'), inbound: { ports: [port] }, mesh: own });
    const [line] = chainsOf(listeners['virtualInbound']).slice(-1);
    assert.equal(line, '10.0.0.1_8443: 8443 tls → HTTP inbound|8443|| TLS');
    assert.ok(JSON.stringify(listeners).includes('file-cert:c.pem~k.pem'));
    assert.deepEqual(issues, []);
  });

  test('tls that is not used is said to be so', () => {
    const port = (mode: PeerMode) => ingress({ port: { number: 8443 }, tls }, { protocol: 'https', mode });
    const said = (mode: PeerMode, more = {}) =>
      inboundOf({ class: proxyClass('a'), inbound: { ports: [port(mode)] }, mesh: more }).issues;
    assert.match(said('DISABLE')[0]!.message, /the mesh does not let Sidecars end TLS/);
    assert.match(said('STRICT', own)[0]!.message, /mode STRICT/);
    assert.deepEqual(said('STRICT', own)[0]!.field, ['spec', 'ingress', 0, 'tls']);
  });

  const way = (defaultEndpoint: string, ips: readonly string[] = ['10.0.0.1'], mesh = {}, facet = {}) => {
    const ports = [ingress({ port: { number: 8080 }, defaultEndpoint })];
    const cluster = inboundOf({ class: proxyClass('a', { ips, facet }), inbound: { ports }, mesh }).clusters['inbound|8080||']!;
    const text = JSON.stringify(cluster['loadAssignment'] ?? '');
    const address = /"address":"([^"]+)"|"path":"([^"]+)"/.exec(text);
    return [cluster['type'], address?.[1] ?? address?.[2], /"portValue":(\d+)/.exec(text)?.[1], 'upstreamBindConfig' in cluster];
  };
  test('defaultEndpoint says where calls go on to', () => {
    assert.deepEqual(way(''), ['ORIGINAL_DST', undefined, undefined, true]);
    assert.deepEqual(way('127.0.0.1:9090'), ['STATIC', '127.0.0.1', '9090', false]);
    assert.deepEqual(way('0.0.0.0:9090'), ['STATIC', '10.0.0.1', '9090', true]);
    assert.deepEqual(way('unix:///run/a.sock'), ['STATIC', '/run/a.sock', undefined, true]);
    assert.deepEqual(way('', [], { inboundTrafficPolicy: 'LOCALHOST' }), ['ORIGINAL_DST', undefined, undefined, true]);
  });

  test('a loopback address is one of a family that the proxy has, unless it stands in for an address that it does not have', () => {
    const address = (endpoint: string, ipFamilies: 'v4' | 'v6' | 'dual') =>
      way(`${endpoint}:9090`, ['v4', 'dual'].includes(ipFamilies) ? ['10.0.0.1'] : ['fd00::1'], {}, { ipFamilies })[1];
    assert.deepEqual([address('[::1]', 'v4'), address('[::1]', 'v6'), address('[::1]', 'dual')], ['127.0.0.1', '::1', '::1']);
    assert.deepEqual([address('127.0.0.1', 'v6'), address('127.0.0.1', 'dual')], ['::1', '127.0.0.1']);
    assert.deepEqual([address('0.0.0.0', 'v6'), address('[::]', 'v4'), address('[::]', 'v6')], ['127.0.0.1', '::1', 'fd00::1']);
  });
});

test('inboundTrafficPolicy LOCALHOST sends calls of services to the loopback address', () => {
  const ports = [servedPort(8080, { port: 80 })];
  const { clusters } = inboundOf({ class: proxyClass('a'), inbound: { ports }, mesh: { inboundTrafficPolicy: 'LOCALHOST' } });
  const cluster = clusters['inbound|8080||']!;
  assert.equal(cluster['type'], 'STATIC');
  assert.match(JSON.stringify(cluster['loadAssignment']), /"address":"127.0.0.1","portValue":8080/);
  assert.ok(!('upstreamBindConfig' in cluster) && !('cleanupInterval' in cluster));
});

test('limits come from the Sidecar, else from the service’s rule, else from the mesh', () => {
  const limit = (maxConnections: number) => ({ tcp: { maxConnections } });
  const rules = [ruleWith({ trafficPolicy: { connectionPool: limit(2) } })];
  const mesh = { defaultTrafficPolicy: { connectionPool: limit(3) } };
  const limitOf = (scene: Partial<Parameters<typeof inboundOf>[0]>, port = servedPort(80)) => {
    const { clusters } = inboundOf({ class: proxyClass('a'), inbound: { ports: [port] }, ...scene });
    return JSON.stringify(clusters['inbound|80||']?.['circuitBreakers']).match(/"maxConnections":(\d+)/)?.[1];
  };
  assert.equal(limitOf({ rules, mesh }, servedPort(80, { connectionPool: limit(1) })), '1');
  assert.equal(limitOf({ rules, mesh }), '2');
  assert.equal(limitOf({ mesh }), '3');
});

test('metadata names services and what rules them, and there is none where no service is named', () => {
  const metadataOf = (rules: Parameters<typeof ruleWith>[0][], port = servedPort(80)) =>
    inboundOf({ class: proxyClass('a'), inbound: { ports: [port] }, rules: rules.map(ruleWith) }).clusters['inbound|80||']?.[
      'metadata'
    ];
  const services = [{ host: 'a.example', name: 'a.example', namespace: 'shop' }];
  const config = '/apis/networking.istio.io/v1/namespaces/shop/destination-rule/r';
  assert.deepEqual(metadataOf([]), { filterMetadata: { istio: { services } } });
  assert.deepEqual(metadataOf([{ trafficPolicy: {} }]), { filterMetadata: { istio: { services, config } } });
  assert.deepEqual(metadataOf([{ subsets: [] }]), { filterMetadata: { istio: { services } } });
  assert.equal(metadataOf([{ trafficPolicy: {} }], servedPort(80, { services: [] })), undefined);
});

test('HTTP/2 to the workload, and no second attempts for gRPC, whose callers make them', () => {
  const { listeners, clusters } = inboundOf({
    class: proxyClass('a'),
    inbound: { ports: [servedPort(80, { protocol: 'grpc', mode: 'DISABLE' })] },
  });
  const chain = (listeners['virtualInbound']!['filterChains'] as unknown as Chain[]).at(-1);
  assert.ok(JSON.stringify(chain).includes('http2ProtocolOptions'));
  assert.ok(!JSON.stringify(chain).includes('retryPolicy'));
  assert.ok(JSON.stringify(clusters['inbound|80||']).includes('explicitHttpConfig'));
});

test('a port that is that of the capture itself is not served, and its owner is told', () => {
  const { listeners, clusters, issues } = inboundOf({ class: proxyClass('a'), inbound: { ports: [servedPort(15006)] } });
  const taking = chainsOf(listeners['virtualInbound']).filter((line) => line.includes('15006'));
  assert.deepEqual(taking, ['virtualInbound-blackhole: 15006 → BlackHoleCluster']);
  assert.deepEqual(clusters, {});
  assert.deepEqual(
    issues.map(({ code, object }) => [code, object?.name]),
    [['PORT_RESERVED', 'a.example']],
  );
});

test('a workload of both families is called from both loop addresses, if the mesh asks for it', () => {
  const further = (dualStack: boolean) => {
    const mesh = { sallyport: { ...SALLYPORT_DEFAULTS, dualStack } };
    const of = proxyClass('a', { facet: { ipFamilies: 'dual' } });
    const { clusters } = inboundOf({ class: of, inbound: { ports: [servedPort(80)] }, mesh });
    return (clusters['inbound|80||']!['upstreamBindConfig'] as JsonObject)['extraSourceAddresses'];
  };
  assert.equal(further(false), undefined);
  assert.deepEqual(further(true), [{ address: { address: '::6', portValue: 0 } }]);
});

test('TPROXY keeps the address of the caller', () => {
  const { listeners } = inboundOf({ class: proxyClass('a', { traits: { interception: 'TPROXY' } }) });
  const listener = listeners['virtualInbound']!;
  assert.equal(listener['transparent'], true);
  const names = (listener['listenerFilters'] as unknown as { name: string }[]).map(({ name }) => name.split('.').at(-1));
  assert.deepEqual(names.slice(0, 2), ['original_dst', 'original_src']);
});

test('callers of every name of the trust domain are let in, with the ciphers of the mesh', () => {
  const { listeners } = inboundOf({
    class: proxyClass('a'),
    mesh: { trustDomainAliases: ['old.example'], meshMtls: { cipherSuites: ['AES256-SHA'], minProtocolVersion: 'TLSV1_3' } },
  });
  const text = JSON.stringify(listeners['virtualInbound']);
  assert.match(
    text,
    /"matchSubjectAltNames":\[\{"prefix":"spiffe:\/\/cluster.local\/"\},\{"prefix":"spiffe:\/\/old.example\/"\}\]/,
  );
  assert.match(text, /"cipherSuites":\["AES256-SHA"\]/);
  assert.match(text, /"tlsMinimumProtocolVersion":"TLSv1_3"/);
});

test('the mesh says how calls to the workload are retried, gRPC is not retried', () => {
  const retryOf = (mesh: Parameters<typeof inboundOf>[0]['mesh']) => {
    const text = JSON.stringify(inboundOf({ class: proxyClass('a'), ...(mesh && { mesh }) }).listeners['virtualInbound']);
    return /"retryPolicy":(\{[^}]*\})/.exec(text)?.[1];
  };
  assert.equal(retryOf({}), '{"retryOn":"reset-before-request","numRetries":2}');
  const asked = { attempts: 3, retryOn: 'reset,503', perTryTimeout: '2s' };
  assert.equal(
    retryOf({ defaultInboundHttpRetryPolicy: asked }),
    '{"retryOn":"reset,retriable-status-codes","numRetries":3,"perTryTimeout":"2s","retriableStatusCodes":[503]}',
  );
  assert.equal(retryOf({ defaultInboundHttpRetryPolicy: { attempts: 0 } }), undefined);
});

test('classes that serve the same share listener and clusters', () => {
  const world = inboundWorld();
  world.graph.commit((tx) => {
    tx.set(world.mesh, MESH, mesh());
    for (const id of ['a', 'b']) {
      tx.set(world.classes, id, proxyClass(id));
      tx.set(world.inbound, id, { class: id, ruling: { mode: 'STRICT' }, exceptions: [], ports: [servedPort(80)] });
    }
  });
  assert.deepEqual(world.of('a'), world.of('b'));
  let recomputed: ReadonlyMap<string, number> = new Map();
  world.graph.onCommit((commit) => {
    recomputed = commit.recomputed;
  });
  world.graph.commit((tx) => {
    tx.set(world.classes, 'c', proxyClass('c'));
    tx.set(world.inbound, 'c', { class: 'c', ruling: { mode: 'STRICT' }, exceptions: [], ports: [servedPort(80)] });
  });
  assert.equal(recomputed.get('inbound.chains'), undefined, 'nothing was encoded again');
});

test('whatever happened before, the resources are those of a fresh build', () => {
  const modes = fc.constantFrom<PeerMode>('PERMISSIVE', 'STRICT', 'DISABLE');
  const rulings: fc.Arbitrary<PeerRuling> = fc.record({ mode: modes });
  const protocols = fc.constantFrom<Protocol>('http', 'tcp', 'auto', 'grpc', 'mongo');
  const port = fc
    .tuple(fc.constantFrom(80, 81, 82), protocols, modes, fc.boolean())
    .map(([target, protocol, mode, own]) =>
      own
        ? ingress({ port: { number: target }, captureMode: 'NONE', bind: '10.0.0.1' }, { protocol, mode })
        : servedPort(target, { protocol, mode }),
    );
  const rows = fc.record({
    id: fc.constantFrom('a', 'b'),
    present: fc.boolean(),
    facet: fc.constantFrom({}, { withoutIdentity: true as const }, { ipFamilies: 'v6' as const }),
    ruling: rulings,
    exceptions: fc.uniqueArray(fc.record({ port: fc.constantFrom(90, 91), ruling: rulings }), {
      selector: (e) => e.port,
      maxLength: 2,
    }),
    ports: fc.uniqueArray(port, { selector: ({ target }) => target, maxLength: 3 }),
    toLoopback: fc.boolean(),
  });
  const step = (
    world: ReturnType<typeof inboundWorld>,
    { id, present, facet, toLoopback, ...inbound }: typeof rows extends fc.Arbitrary<infer R> ? R : never,
  ) =>
    world.graph.commit((tx) => {
      tx.set(world.mesh, MESH, mesh({ inboundTrafficPolicy: toLoopback ? 'LOCALHOST' : 'PASSTHROUGH' }));
      tx.set(world.classes, id, present ? proxyClass(id, { facet }) : undefined);
      tx.set(world.inbound, id, present ? { class: id, ...inbound } : undefined);
    });
  fc.assert(
    fc.property(fc.array(rows, { minLength: 1, maxLength: 8 }), (history) => {
      const lived = inboundWorld();
      for (const one of history) step(lived, one);
      const last = new Map(history.map((one) => [one.id, { ...one, toLoopback: history.at(-1)!.toLoopback }]));
      const fresh = inboundWorld();
      for (const one of last.values()) step(fresh, one);
      for (const id of ['a', 'b']) assert.deepEqual(lived.of(id), fresh.of(id));
      assert.deepEqual(lived.issues(), fresh.issues());
      assert.equal(lived.graph.failures.size, 0);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
