/** A server that the texts name, as the laboratory plays it. It is told apart by the address at which it is called. */
export interface StandIn {
  readonly name: string;
  /** Names that the laboratory's resolver knows for it. */
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  /** Ports on which it speaks HTTP/1.1 and HTTP/2 in the clear. */
  readonly http?: readonly number[];
  /** Ports on which it speaks the same inside TLS, with a certificate for its names. */
  readonly tls?: readonly number[];
  /** Ports on which it greets like a database does, before the client has said anything. */
  readonly tcp?: readonly number[];
}

/** Addresses are those reserved for documentation, except where a text says which they are. */
export const WORLD: readonly StandIn[] = [
  { name: 'api.example.com', hosts: ['api.example.com'], addresses: ['203.0.113.10', '2001:db8::10'], http: [80], tls: [443] },
  { name: 'httpbin.org', hosts: ['httpbin.org'], addresses: ['203.0.113.20'], http: [80], tls: [443] },
  { name: 'solo.io', hosts: ['solo.io'], addresses: ['203.0.113.30'], http: [80], tls: [443] },
  { name: 'api.external-svc.com', hosts: ['api.external-svc.com'], addresses: ['203.0.113.40'], tls: [443] },
  { name: 'elsewhere.example.net', hosts: ['elsewhere.example.net'], addresses: ['203.0.113.66'], http: [80], tls: [443] },
  {
    name: 'my-remote-db.com',
    hosts: ['my-remote-db.com'],
    addresses: ['198.51.100.11', '198.51.100.12', '198.51.100.13'],
    http: [80],
    tcp: [5432],
  },
  { name: 'my-remote-svc.com', hosts: ['my-remote-svc.com'], addresses: ['198.51.100.21'], http: [80] },
  { name: '123.221.3.0', hosts: [], addresses: ['123.221.3.0'], http: [80] },
  // No machine of its own: only the proxy knows who answers for it.
  { name: 'customers.com', hosts: ['customers.com'], addresses: ['203.0.113.50'], http: [80] },
  { name: 'customers-vm-1', hosts: [], addresses: ['1.0.0.0'], http: [80] },
  { name: 'customers-vm-2', hosts: [], addresses: ['2.0.0.0'], http: [80] },
  { name: 'customers-pod', hosts: [], addresses: ['10.244.0.31'], http: [80] },
  {
    name: 'calcbackendsvc',
    hosts: ['calcbackendsvc', 'calcbackendsvc.challengeistio', 'calcbackendsvc.challengeistio.svc.cluster.local'],
    addresses: ['10.96.0.20'],
    http: [80],
  },
  { name: 'calcbackend-v1', hosts: [], addresses: ['10.244.0.21'], http: [8080] },
  { name: 'calcbackend-v2', hosts: [], addresses: ['10.244.0.22'], http: [8080] },
  { name: 'jscalcbackend-egress-v4', hosts: [], addresses: ['10.244.0.24'], http: [8080] },
];

/** What the laboratory's resolver knows: names to addresses. */
export function namesOf(world: readonly StandIn[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(world.flatMap(({ hosts, addresses }) => hosts.map((host) => [host, addresses])));
}

/** The same world on a machine without a namespace of its own: every address becomes one of loopback, names stay. */
export function onLoopback(world: readonly StandIn[]): readonly StandIn[] {
  return world.map((server, i) => {
    const here = server.addresses.filter((address) => !address.includes(':'));
    // Two laboratories at a time must not want the same addresses.
    return { ...server, addresses: here.map((_, j) => `127.${1 + (process.pid % 250)}.${i + 7}.${j + 1}`) };
  });
}
