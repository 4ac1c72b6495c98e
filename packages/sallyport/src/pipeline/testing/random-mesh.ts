import fc from 'fast-check';

/** A Kubernetes-style document as a user would write it, with a timestamp so that its place in a stream means nothing. */
export interface RandomDocument {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly creationTimestamp: string };
  readonly spec?: Readonly<Record<string, unknown>>;
}

const NETWORKING = 'networking.istio.io/v1';
export const NAMESPACES = ['shop', 'bank', 'istio-system'] as const;
/** Few hosts, so that objects meet. */
export const HOSTS = ['api.example.com', 'db.example.com', 'www.partner.example', '*.saas.example', 'vm.internal'] as const;

const namespace = fc.constantFrom(...NAMESPACES);
const host = fc.constantFrom(...HOSTS);
const exactHost = fc.constantFrom(...HOSTS.filter((h) => !h.startsWith('*')));
const created = fc.integer({ min: 0, max: 5 }).map((n) => new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString());
const exportTo = fc.option(fc.constantFrom(['.'], ['*'], ['bank']), { nil: undefined });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const port = fc.constantFrom(
  { number: 80, name: 'http', protocol: 'HTTP' },
  { number: 80, name: 'auto' },
  { number: 443, name: 'tls', protocol: 'TLS' },
  { number: 443, name: 'https', protocol: 'HTTPS' },
  { number: 5432, name: 'tcp', protocol: 'TCP' },
  { number: 8080, name: 'grpc', protocol: 'GRPC' },
);
const ports = fc.uniqueArray(port, { minLength: 1, maxLength: 3, selector: (p) => p.number });
const address = fc.constantFrom('10.1.0.1', '10.1.0.2', '10.2.0.0/24');

const serviceEntry = fc
  .record({
    hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 2 }),
    addresses: optional(fc.uniqueArray(address, { minLength: 1, maxLength: 2 })),
    ports,
    location: fc.constantFrom('MESH_EXTERNAL', 'MESH_INTERNAL'),
    resolution: fc.constantFrom('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN'),
    exportTo,
  })
  .filter(({ resolution, addresses, hosts, ports: p }) => {
    if (resolution.startsWith('DNS') && (hosts.some((h) => h.startsWith('*')) || addresses?.some((a) => a.includes('/'))))
      return false;
    return (
      resolution === 'NONE' ||
      hosts.length === 1 ||
      p.every(({ protocol = '' }) => ['HTTP', 'GRPC', 'TLS', 'HTTPS'].includes(protocol))
    );
  })
  .chain((spec) => {
    if (spec.resolution !== 'STATIC') return fc.constant(spec);
    const endpoint = fc.record({
      address: fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3'),
      labels: optional(fc.constant({ version: 'v1' })),
    });
    return fc.array(endpoint, { minLength: 1, maxLength: 3 }).map((endpoints) => ({ ...spec, endpoints }));
  });

const destination = fc.record({
  host: exactHost,
  subset: optional(fc.constant('v1')),
  port: optional(fc.constantFrom({ number: 80 }, { number: 443 })),
});
const httpRoute = fc.record({
  match: optional(
    fc.array(
      fc.constantFrom(
        { uri: { prefix: '/v1' } },
        { headers: { 'x-user': { exact: 'a' } } },
        { port: 80 },
        { sourceNamespace: 'shop' },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  route: destination.map((d) => [{ destination: d }]),
  timeout: optional(fc.constantFrom('1s', '5s')),
});
const virtualService = fc.record({
  hosts: fc.uniqueArray(host, { minLength: 1, maxLength: 1 }),
  http: fc.array(httpRoute, { minLength: 1, maxLength: 2 }),
  exportTo,
});

const destinationRule = fc.record({
  host,
  subsets: optional(fc.constant([{ name: 'v1', labels: { version: 'v1' } }])),
  trafficPolicy: fc.constantFrom(
    { connectionPool: { tcp: { maxConnections: 7 } } },
    { tls: { mode: 'SIMPLE' } },
    { loadBalancer: { simple: 'ROUND_ROBIN' } },
  ),
  exportTo,
});

const imports = fc.uniqueArray(fc.constantFrom('./*', '*/*', 'bank/*', '*/api.example.com', '*/*.saas.example'), {
  minLength: 1,
  maxLength: 3,
});
/** A listener for one port, which comes before the one for all others. */
const ported = fc.record({
  port: fc.constantFrom(
    { number: 80, name: 'http', protocol: 'HTTP' },
    { number: 80, name: 'tcp', protocol: 'TCP' },
    { number: 443, name: 'tls', protocol: 'TLS' },
    { number: 8080, name: 'auto' },
  ),
  hosts: imports,
  bind: optional(fc.constant('127.0.0.1')),
});
const sidecar = fc.record({
  egress: fc
    .tuple(fc.uniqueArray(ported, { maxLength: 2, selector: ({ port: { number } }) => number }), imports)
    .map(([first, hosts]) => [...first, { hosts }]),
  outboundTrafficPolicy: optional(fc.constantFrom({ mode: 'REGISTRY_ONLY' }, { mode: 'ALLOW_ANY' })),
});

const of = (kind: string, spec: fc.Arbitrary<unknown>): fc.Arbitrary<RandomDocument> =>
  fc.record({ spec, name: fc.constantFrom('a', 'b', 'c'), namespace, created }).map((d) => ({
    apiVersion: NETWORKING,
    kind,
    metadata: { name: d.name, namespace: d.namespace, creationTimestamp: d.created },
    spec: JSON.parse(JSON.stringify(d.spec)) as Record<string, unknown>,
  }));

/** One object of a kind that is acted on, valid by itself. */
export const randomDocument: fc.Arbitrary<RandomDocument> = fc.oneof(
  { weight: 5, arbitrary: of('ServiceEntry', serviceEntry) },
  { weight: 3, arbitrary: of('VirtualService', virtualService) },
  { weight: 2, arbitrary: of('DestinationRule', destinationRule) },
  { weight: 1, arbitrary: of('Sidecar', sidecar) },
);

export const idOf = (d: RandomDocument): string => `${d.kind}/${d.metadata.namespace}/${d.metadata.name}`;

/** Objects with distinct names: what a directory may hold. */
export const randomMesh: fc.Arbitrary<RandomDocument[]> = fc.uniqueArray(randomDocument, { maxLength: 10, selector: idOf });

export const textOf = (documents: readonly RandomDocument[]): string => documents.map((d) => JSON.stringify(d)).join('\n---\n');
