import fc from 'fast-check';

/** An object as a file of its own: one that is written again replaces the former. */
export interface RandomObject {
  readonly path: string;
  readonly text: string;
}

const HOSTS = ['a.example', 'b.example', '*.example', '*'] as const;
const name = fc.constantFrom('a', 'b', 'c');
const namespace = fc.constantFrom('edge', 'shop');
const created = fc.integer({ min: 0, max: 3 }).map((n) => new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString());

const serverHost = fc.oneof(fc.constantFrom(...HOSTS), fc.constantFrom('shop/a.example', './*.example', '*/b.example'));
const hosts = fc.uniqueArray(serverHost, { minLength: 1, maxLength: 2 });
const tls = fc.constantFrom(
  { mode: 'SIMPLE', credentialName: 'c' },
  { mode: 'ISTIO_MUTUAL' },
  { mode: 'MUTUAL', credentialName: 'c', subjectAltNames: ['x'] },
  { mode: 'PASSTHROUGH' },
  { mode: 'AUTO_PASSTHROUGH' },
);
const portOf = (number: number, protocol: string) => ({ number, protocol, name: `${protocol}-${number}`.toLowerCase() });
const number = fc.constantFrom(80, 443);
const bind = fc.constantFrom(undefined, undefined, undefined, '10.0.0.9');
const server = fc.oneof(
  fc.record({ hosts, bind, port: number.map((n) => portOf(n, 'HTTP')) }),
  fc.record({ hosts, bind, port: fc.constant(portOf(80, 'HTTP')), tls: fc.constant({ httpsRedirect: true }) }),
  fc.record({ hosts, bind, port: number.map((n) => portOf(n, 'HTTPS')), tls }),
  fc.record({ hosts, bind, port: number.map((n) => portOf(n, 'TLS')), tls }),
  fc.record({ hosts, bind, port: number.map((n) => portOf(n, 'TCP')) }),
);
const gateway = fc.record({
  selector: fc.constantFrom({}, { istio: 'edge' }, { istio: 'edge', app: 'x' }, { istio: 'other' }),
  servers: fc
    .uniqueArray(server, { minLength: 1, maxLength: 3, selector: (s) => s.port.name })
    .map((servers) => servers.map((s) => JSON.parse(JSON.stringify(s)) as object)),
});

const destination = fc.record({
  host: fc.constantFrom('x.example', 'y.example', 'in.edge.svc.cluster.local'),
  port: fc.constantFrom(undefined, { number: 443 }),
});
const route = fc
  .uniqueArray(destination, { minLength: 1, maxLength: 2, selector: (d) => d.host })
  .map((all) => all.map((d) => ({ destination: d, weight: 50 })));
const l4 = fc.constantFrom({}, { port: 80 }, { port: 443 }, { gateways: ['edge/a'] });
const httpMatch = fc.constantFrom(
  { uri: { prefix: '/1' } },
  { port: 443 },
  { gateways: ['shop/b'] },
  { sourceNamespace: 'edge' },
);
const virtualService = fc.record({
  hosts: fc.constantFrom(['a.example'], ['b.example'], ['*.example'], ['*'], ['a.example', 'b.example']),
  gateways: fc.uniqueArray(fc.constantFrom('edge/a', 'edge/b', 'shop/a', 'shop/b'), { minLength: 1, maxLength: 3 }),
  exportTo: fc.constantFrom(undefined, ['.'], ['edge']),
  http: fc.array(
    fc.record({ match: fc.option(fc.array(httpMatch, { minLength: 1, maxLength: 2 }), { nil: undefined }), route }),
    {
      minLength: 1,
      maxLength: 2,
    },
  ),
  tcp: fc.option(fc.array(fc.record({ match: fc.array(l4, { maxLength: 1 }), route }), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
  }),
});
const entry = fc.record({
  hosts: fc.constantFrom(['x.example'], ['y.example']),
  ports: fc.constantFrom([portOf(443, 'TLS')], [portOf(443, 'HTTPS'), portOf(80, 'HTTP')]),
  resolution: fc.constant('DNS'),
  location: fc.constantFrom('MESH_EXTERNAL', 'MESH_INTERNAL'),
});
const rule = fc.record({
  host: fc.constantFrom('x.example', '*.example'),
  trafficPolicy: fc.constantFrom(
    { loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } },
    { connectionPool: { tcp: { idleTimeout: '9s' } } },
  ),
});
/** Leads to the gateway proxy, whose ports it translates. */
const service = fc.record({
  clusterIP: fc.constant('10.96.0.9'),
  selector: fc.constant({ istio: 'edge' }),
  ports: fc.constantFrom(
    [{ name: 'http', port: 80, targetPort: 8080 }],
    [
      { name: 'http', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8080 },
    ],
  ),
});

function of(apiVersion: string, kind: string, spec: fc.Arbitrary<unknown>, at = namespace): fc.Arbitrary<RandomObject> {
  return fc.record({ spec, name, at, created }).map((made) => {
    const metadata = { name: made.name, namespace: made.at, creationTimestamp: made.created };
    return {
      path: `${kind}-${made.at}-${made.name}.yaml`,
      text: JSON.stringify({ apiVersion, kind, metadata, spec: made.spec }),
    };
  });
}

const NETWORKING = 'networking.istio.io/v1';

/** Anything that bears on what a gateway proxy serves. */
export const randomObject: fc.Arbitrary<RandomObject> = fc.oneof(
  { weight: 5, arbitrary: of(NETWORKING, 'Gateway', gateway) },
  { weight: 5, arbitrary: of(NETWORKING, 'VirtualService', virtualService) },
  { weight: 2, arbitrary: of(NETWORKING, 'ServiceEntry', entry) },
  { weight: 1, arbitrary: of(NETWORKING, 'DestinationRule', rule) },
  { weight: 1, arbitrary: of('v1', 'Service', service, fc.constant('edge')) },
);
