import fc from 'fast-check';
import { randomObject } from 'sallyport/envoy/gateways/testing/random.ts';
import { callOf, walk } from 'sallyport/explain/index.ts';
import type { ProxyJson } from 'sallyport/pipeline/proxies.ts';
import { HOSTS, idOf, NAMESPACES, type RandomDocument, randomMesh, textOf } from 'sallyport/pipeline/testing/random-mesh.ts';
import { settingsOf, type Trial, wayOf } from './trial.ts';

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Names that calls ask for: those of the configuration, below its wildcards, near misses. */
const ASKED = [
  ...HOSTS.filter((host) => !host.startsWith('*')),
  'a.saas.example',
  'b.a.saas.example',
  'saas.example',
  'API.example.com',
  'nobody.example.org',
];
const PATHS = [
  '/',
  '/v1',
  '/v1/a',
  '/v10',
  '/V1',
  '/v1?x=1',
  '/v1?x=1&y',
  '/exact',
  '/exact/',
  '/a.b',
  '//v1',
  '/v1#f',
  '/old/x',
  '/x/../v1',
  '/./v1/a',
  '/v1%2Fa',
  '/%76%31',
  '/x%2d%2e%5f%7E',
  '/x%2d%2e%5f%7E',
  '/v1//a',
];
const ADDRESSES = ['10.1.0.1', '10.1.0.2', '10.2.0.7', '10.2.1.7', '192.0.2.1', '203.0.113.9', '240.240.0.1'];
const PORTS = [80, 443, 5432, 8080, 81];

/** What routes may ask for: everything that the walker judges by itself. */
const match = fc.record({
  uri: optional(
    fc.constantFrom(
      { prefix: '/v1' },
      { prefix: '/v1/' },
      { exact: '/exact' },
      { exact: '/v1' },
      { regex: '/v[0-9]+' },
      { regex: '/a.b' },
      { prefix: '/old' },
      { exact: '/x-._~' },
      { prefix: '/x-' },
    ),
  ),
  ignoreUriCase: optional(fc.constant(true)),
  method: optional(fc.constantFrom({ exact: 'POST' }, { regex: 'G.*' }, { prefix: 'P' })),
  authority: optional(fc.constantFrom({ prefix: 'api' }, { exact: 'api.example.com' }, { regex: '.*example.*' })),
  scheme: optional(fc.constantFrom({ exact: 'http' }, { exact: 'https' })),
  headers: optional(
    fc.constantFrom<Record<string, object>>(
      { 'x-user': { exact: 'a' } },
      { 'x-user': { prefix: 'a' } },
      { 'x-user': { regex: 'a|b+' } },
      { 'x-user': {} },
      { 'x-absent': { exact: '' } },
    ),
  ),
  withoutHeaders: optional(
    fc.constantFrom<Record<string, object>>({ 'x-user': { exact: 'a' } }, { 'x-user': {} }, { 'x-absent': { prefix: 'q' } }),
  ),
  queryParams: optional(
    fc.constantFrom<Record<string, object>>({ x: { exact: '1' } }, { x: { regex: '[0-9]' } }, { y: { exact: '' } }, { x: {} }),
  ),
  port: optional(fc.constantFrom(80, 8080)),
});
const exactHost = fc.constantFrom(...HOSTS.filter((host) => !host.startsWith('*')));
const destination = fc.record({ host: exactHost, port: optional(fc.constantFrom({ number: 80 }, { number: 443 })) });
const weighted = fc.tuple(destination, destination, fc.integer({ min: 1, max: 99 })).map(([a, b, weight]) => [
  { destination: a, weight },
  { destination: b, weight: 100 - weight },
]);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ route: destination.map((d) => [{ destination: d }]) }) },
  { weight: 1, arbitrary: fc.record({ route: weighted }) },
  {
    weight: 2,
    arbitrary: fc.record({
      redirect: fc.constantFrom<object>(
        { uri: '/new' },
        { authority: 'www.partner.example', redirectCode: 302 },
        { scheme: 'https', redirectCode: 308 },
        { uri: '/a', authority: 'x.example', redirectCode: 307 },
        { port: 8443, redirectCode: 303 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ directResponse: fc.constantFrom({ status: 418 }, { status: 200, body: { string: 'hi' } }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      route: destination.map((d) => [{ destination: d }]),
      rewrite: fc.constantFrom<object>({ uri: '/rewritten' }, { authority: 'inner.example' }),
    }),
  },
);
const httpRoute = fc
  .tuple(optional(fc.array(match, { minLength: 1, maxLength: 2 })), action)
  .map(([m, a]) => ({ match: m, ...a }));
const opaque = fc.constantFrom('*.saas.example', 'api.example.com', 'www.partner.example');
const tlsRoute = fc.record({ sni: opaque, port: optional(fc.constant(443)), to: destination });

const virtualService = fc
  .record({
    host: fc.constantFrom(...HOSTS),
    http: fc.array(httpRoute, { minLength: 1, maxLength: 4 }),
    tls: optional(tlsRoute),
    tcp: optional(fc.record({ port: fc.constantFrom(5432, 443), to: destination })),
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom('r1', 'r2', 'r3'),
  })
  .map(({ host, http, tls, tcp, namespace, name }): RandomDocument => {
    const spec = {
      hosts: tls === undefined ? [host] : [tls.sni],
      ...(tls === undefined && { http }),
      ...(tls !== undefined && {
        tls: [
          {
            match: [{ sniHosts: [tls.sni], ...(tls.port !== undefined && { port: tls.port }) }],
            route: [{ destination: tls.to }],
          },
        ],
      }),
      ...(tcp !== undefined && { tcp: [{ match: [{ port: tcp.port }], route: [{ destination: tcp.to }] }] }),
    };
    return {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace, creationTimestamp: '2024-01-01T00:00:09Z' },
      spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown>,
    };
  });

const configuration = fc
  .record({
    documents: randomMesh,
    routings: fc.uniqueArray(virtualService, { maxLength: 3, selector: idOf }),
    policy: fc.constantFrom('ALLOW_ANY', 'REGISTRY_ONLY'),
    namespace: fc.constantFrom(...NAMESPACES),
  })
  .filter(({ documents }) => documents.some(({ kind }) => kind === 'ServiceEntry'));

const call = fc
  .record({
    address: fc.constantFrom(...ADDRESSES),
    port: fc.constantFrom(...PORTS),
    protocol: fc.constantFrom('http', 'http', 'http', 'http2', 'tcp'),
    tls: fc.constantFrom('plaintext', 'plaintext', 'tls'),
    name: fc.constantFrom(...ASKED),
    hostPort: fc.boolean(),
    sni: optional(fc.constantFrom(...ASKED, '')),
    alpn: optional(fc.constantFrom(['h2', 'http/1.1'], ['http/1.1'], ['foo'], [])),
    path: fc.constantFrom(...PATHS),
    method: fc.constantFrom('GET', 'GET', 'POST', 'PUT'),
    user: optional(fc.constantFrom('a', 'ab', 'b', '')),
  })
  .map(({ name, hostPort, sni, alpn, user, ...rest }) => ({
    ...rest,
    host: hostPort ? `${name}:${rest.port}` : name,
    ...(rest.tls === 'tls' && sni !== undefined && { sni }),
    ...(rest.tls === 'tls' && alpn !== undefined && { alpn }),
    ...(user !== undefined && { headers: { 'x-user': user } }),
  }));

/** What a workload serves and what may come in: entries with its address, what it accepts, and what a Sidecar makes of it. */
const SERVED = '10.9.0.1';
const servedPort = fc.constantFrom(
  { number: 80, name: 'http', protocol: 'HTTP' },
  { number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 },
  { number: 443, name: 'tls', protocol: 'TLS' },
  { number: 5432, name: 'tcp', protocol: 'TCP' },
  { number: 8080, name: 'auto' },
  { number: 81, name: 'grpc', protocol: 'GRPC' },
);
const document = (kind: string, name: string, spec: object, group = 'networking.istio.io', space = 'shop'): RandomDocument => ({
  apiVersion: `${group}/v1`,
  kind,
  metadata: { name, namespace: space, creationTimestamp: '2024-01-01T00:00:09Z' },
  spec: JSON.parse(JSON.stringify(spec)) as Record<string, unknown>,
});
const served = fc
  .record({
    hosts: exactHost.map((host) => [host]),
    ports: fc.uniqueArray(servedPort, { minLength: 1, maxLength: 3, selector: ({ number }) => number }),
    addresses: optional(fc.constant(['10.1.0.1'])),
  })
  .map((spec) => ({ ...spec, location: 'MESH_INTERNAL', resolution: 'STATIC', endpoints: [{ address: SERVED }] }));
const mode = fc.constantFrom('PERMISSIVE', 'STRICT', 'DISABLE', 'UNSET');
const accepted = fc.record({
  space: fc.constantFrom('istio-system', 'shop'),
  selector: fc.boolean(),
  mtls: mode,
  port: optional(fc.tuple(fc.constantFrom('80', '8080', '5432'), mode)),
});
const ingress = fc.record({
  port: fc.constantFrom(
    { number: 8080, name: 'http', protocol: 'HTTP' },
    { number: 5432, name: 'tcp', protocol: 'TCP' },
    { number: 9000, name: 'auto' },
  ),
  defaultEndpoint: fc.constantFrom('127.0.0.1:8081', '0.0.0.0:8081'),
});
const inboundConfiguration = fc
  .record({
    entries: fc.array(served, { minLength: 1, maxLength: 2 }),
    policies: fc.uniqueArray(accepted, { maxLength: 2, selector: ({ space }) => space }),
    sidecar: optional(ingress),
    local: fc.boolean(),
  })
  .map(({ entries, policies, sidecar, local }) => ({
    documents: [
      ...entries.map((spec, i) => document('ServiceEntry', `served-${i}`, spec)),
      ...policies.map(({ space, selector, mtls, port }) => {
        const labels = selector && space === 'shop' ? { selector: { matchLabels: { app: 'caller' } } } : {};
        const ports =
          port === undefined || space !== 'shop' || !selector ? {} : { portLevelMtls: { [port[0]]: { mode: port[1] } } };
        const spec = { ...labels, mtls: { mode: mtls }, ...ports };
        return document('PeerAuthentication', 'accepted', spec, 'security.istio.io', space);
      }),
      ...(sidecar === undefined ? [] : [document('Sidecar', 'own', { ingress: [sidecar], egress: [{ hosts: ['*/*'] }] })]),
    ],
    mesh: local ? { inboundTrafficPolicy: { mode: 'LOCALHOST' } } : {},
    proxy: { namespace: 'shop', name: 'caller', labels: { app: 'caller' }, ips: [SERVED] },
  }));
const inboundCall = call.chain((json) =>
  fc.record({ port: fc.constantFrom(80, 8080, 443, 5432, 81, 9000, 7777) }).map(({ port }) => ({
    ...json,
    address: SERVED,
    port,
    host: json.host.replace(/:\d+$/, ''),
    inbound: true,
  })),
);

/** Gateways, and what is bound to them. */
const gatewayConfiguration = fc
  .uniqueArray(randomObject, { minLength: 8, maxLength: 20, selector: ({ path }) => path })
  .filter((objects) => objects.some(({ text }) => /"kind":"Gateway".*"selector":\{(?:"istio":"edge")?\}/.test(text)))
  .map((objects) => ({
    documents: objects.map(({ text }) => JSON.parse(text) as RandomDocument),
    mesh: {},
    proxy: { type: 'router' as const, namespace: 'edge', name: 'gateway', labels: { istio: 'edge' }, ips: ['10.0.0.9'] },
  }));
const gatewayNames = fc.constantFrom('a.example', 'b.example', 'c.example', 'x.a.example', 'nobody.test');
const gatewayCall = fc
  .record({
    address: fc.constantFrom('10.0.0.9', '203.0.113.9'),
    port: fc.constantFrom(80, 443, 8080),
    protocol: fc.constantFrom('http', 'http', 'http2', 'tcp'),
    tls: fc.constantFrom('plaintext', 'plaintext', 'tls'),
    host: gatewayNames,
    sni: optional(gatewayNames),
    path: fc.constantFrom('/', '/1', '/1/a', '/2'),
    user: optional(fc.constantFrom('a', 'b')),
  })
  .map(({ sni, user, tls, protocol, ...rest }) => ({
    ...rest,
    protocol,
    tls,
    ...(tls === 'tls' && { sni: sni ?? rest.host, ...(protocol === 'http2' && { alpn: ['h2'] }) }),
    ...(user !== undefined && { headers: { 'x-user': user } }),
  }));

const outboundConfiguration = configuration.map(({ documents, routings, policy, namespace }) => ({
  documents: [...documents, ...routings],
  mesh: { outboundTrafficPolicy: { mode: policy } },
  proxy: { namespace, name: 'caller', labels: { app: 'caller' } },
}));

/** Calls to each configuration. */
const EACH = 25;
/** What calls are made of; each part has its own configurations. */
export const PARTS = {
  outbound: { configurations: outboundConfiguration, calls: call },
  inbound: { configurations: inboundConfiguration, calls: inboundCall },
  gateway: { configurations: gatewayConfiguration, calls: gatewayCall },
} as const;
export type Part = keyof typeof PARTS;

/** `count` random calls to random configurations; the same ones for the same start value. */
export function* randomTrials(count: number, seed: number, part: Part = 'outbound'): Generator<Trial> {
  const kind = PARTS[part];
  const all = kind.configurations as fc.Arbitrary<{
    readonly documents: readonly RandomDocument[];
    readonly mesh: Readonly<Record<string, unknown>>;
    readonly proxy: ProxyJson;
  }>;
  const configurations = fc.sample(all, { numRuns: Math.ceil(count / EACH), seed });
  const calls = fc.sample(kind.calls as fc.Arbitrary<object>, { numRuns: count, seed });
  for (const [n, { documents, mesh, proxy }] of configurations.entries()) {
    const vector = { config: textOf(documents), mesh };
    const [setting] = settingsOf(vector, [{ name: `${part}/${seed}/${n}`, proxy }]);
    for (const [i, json] of calls.slice(n * EACH, (n + 1) * EACH).entries()) {
      const { value, issues } = callOf(json);
      if (value === undefined) throw new Error(`a random call is refused: ${JSON.stringify(issues)}`);
      const { steps: _steps, ...walked } = walk(setting!.index, value);
      yield { id: `${setting!.name}/${i}`, setting: setting!, call: value, way: wayOf(setting!, value), outcomes: [walked] };
    }
  }
}
