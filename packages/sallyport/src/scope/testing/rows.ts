import { createGraph, type Graph, type Input, type Transaction } from '../../collection/index.ts';
import {
  type Authorization,
  type Endpoint,
  type EndpointPool,
  type GatewayServer,
  type GatewayServers,
  MESH,
  type MeshConfig,
  type PeerPolicies,
  type PlacedWorkload,
  type Protocol,
  type ProxyNode,
  poolKey,
  type Routing,
  type Rule,
  SALLYPORT_DEFAULTS,
  type Service,
  type SidecarObject,
  type SidecarSpec,
  serviceKey,
  type VirtualServiceSpec,
  type Visibility,
} from '../../model/index.ts';
import { buildScope } from '../index.ts';
import { proxyOfJson } from '../proxy-json.ts';
import type { ScopeOutputs } from '../types.ts';

/** Inputs that a test writes, and the outputs built on them. */
export interface Bed {
  readonly graph: Graph;
  readonly inputs: {
    readonly proxies: Input<ProxyNode>;
    readonly mesh: Input<MeshConfig>;
    readonly services: Input<Service>;
    readonly pools: Input<EndpointPool>;
    readonly rules: Input<Rule>;
    readonly routings: Input<Routing>;
    readonly sidecars: Input<SidecarObject>;
    readonly gateways: Input<GatewayServers>;
    readonly peers: Input<PeerPolicies>;
    readonly authorizations: Input<Authorization>;
    readonly workloads: Input<PlacedWorkload>;
  };
  readonly outputs: ScopeOutputs;
}

export function makeBed(options: { readonly tracking?: boolean } = {}): Bed {
  const graph = createGraph(options);
  const inputs = {
    proxies: graph.input<ProxyNode>('proxies'),
    mesh: graph.input<MeshConfig>('mesh'),
    services: graph.input<Service>('services'),
    pools: graph.input<EndpointPool>('pools'),
    rules: graph.input<Rule>('rules'),
    routings: graph.input<Routing>('routings'),
    sidecars: graph.input<SidecarObject>('sidecars'),
    gateways: graph.input<GatewayServers>('gateways'),
    peers: graph.input<PeerPolicies>('peers'),
    authorizations: graph.input<Authorization>('authorizations'),
    workloads: graph.input<PlacedWorkload>('workloads'),
  };
  return { graph, inputs, outputs: buildScope(graph, inputs) };
}

/** Rows of every kind, as a test writes them down. */
export interface World {
  readonly mesh?: Partial<MeshConfig>;
  readonly proxies?: readonly ProxyNode[];
  readonly services?: readonly Service[];
  readonly pools?: readonly EndpointPool[];
  readonly rules?: readonly Rule[];
  readonly routings?: readonly Routing[];
  readonly sidecars?: readonly SidecarObject[];
  readonly gateways?: readonly GatewayServers[];
  readonly peers?: readonly PeerPolicies[];
  readonly authorizations?: readonly Authorization[];
  readonly workloads?: readonly PlacedWorkload[];
}

export function fill({ inputs }: Bed, tx: Transaction, world: World): void {
  tx.set(inputs.mesh, MESH, aMesh(world.mesh));
  for (const row of world.proxies ?? []) tx.set(inputs.proxies, row.id, row);
  for (const row of world.services ?? []) tx.set(inputs.services, row.key, row);
  for (const row of world.pools ?? []) tx.set(inputs.pools, poolKey(row), row);
  for (const row of world.rules ?? []) tx.set(inputs.rules, row.key, row);
  for (const row of world.routings ?? []) tx.set(inputs.routings, idOf(row.key), row);
  for (const row of world.sidecars ?? []) tx.set(inputs.sidecars, idOf(row.key), row);
  for (const row of world.gateways ?? []) tx.set(inputs.gateways, idOf(row.key), row);
  for (const row of world.peers ?? []) tx.set(inputs.peers, row.namespace, row);
  for (const row of world.authorizations ?? []) tx.set(inputs.authorizations, idOf(row.key), row);
  for (const row of world.workloads ?? []) tx.set(inputs.workloads, idOf(row.key), row);
}

/** A bed with these rows, settled. */
export function settle(world: World): Bed {
  const bed = makeBed();
  bed.graph.commit((tx) => fill(bed, tx, world));
  return bed;
}

export const idOf = (key: { kind: string; namespace: string; name: string }): string =>
  `${key.kind}/${key.namespace}/${key.name}`;

export const PUBLIC: Visibility = { kind: 'public' };
export const NOBODY: Visibility = { kind: 'none' };
export const to = (...names: string[]): Visibility => ({ kind: 'namespaces', names });

export function aMesh(more: Partial<MeshConfig> = {}): MeshConfig {
  return {
    rootNamespace: 'istio-system',
    trustDomain: 'cluster.local',
    trustDomainAliases: [],
    proxyListenPort: 15001,
    proxyInboundListenPort: 15006,
    proxyHttpPort: 0,
    connectTimeout: '10s',
    dnsRefreshRate: '60s',
    protocolDetectionTimeout: '0s',
    enableAutoMtls: true,
    enableTracing: false,
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    inboundTrafficPolicy: 'PASSTHROUGH',
    localityLbSetting: { enabled: true },
    h2UpgradePolicy: 'DO_NOT_UPGRADE',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    proxyMetadata: {},
    sallyport: SALLYPORT_DEFAULTS,
    ...more,
  };
}

/** A proxy as `--proxy` describes it. */
export function aProxy(json: Readonly<Record<string, unknown>>): ProxyNode {
  const { value, issues } = proxyOfJson(json);
  if (value === undefined) throw new Error(JSON.stringify(issues));
  return value;
}

/** A ServiceEntry's service `namespace/name` of one host with HTTP port 80, unless told otherwise. */
export function aService(namespace: string, host: string, more: Partial<Service> & { readonly entry?: string } = {}): Service {
  const { entry = host, ...rest } = more;
  const registry = rest.registry ?? 'external';
  return {
    key: serviceKey(registry, namespace, entry, host),
    host,
    namespace,
    name: registry === 'kubernetes' ? entry : host,
    registry,
    createdAt: 0,
    addresses: [],
    autoAddresses: [],
    ports: ports(80),
    location: 'external',
    resolution: 'dns',
    raceConnect: false,
    exportTo: PUBLIC,
    labels: {},
    subjectAltNames: [],
    headless: false,
    publishNotReady: false,
    from: { kind: registry === 'kubernetes' ? 'Service' : 'ServiceEntry', namespace, name: entry },
    ...rest,
  };
}

export const ports = (...numbers: number[]) =>
  numbers.map((number) => ({ number, name: `p${number}`, protocol: 'http' as const }));

export function aSidecar(namespace: string, name: string, spec: SidecarSpec, createdAt = 0): SidecarObject {
  return {
    key: { kind: 'Sidecar', namespace, name },
    apiVersion: 'networking.istio.io/v1',
    labels: {},
    annotations: {},
    createdAt,
    spec,
    origin: { source: 'test', path: `${name}.yaml`, line: 1, column: 1 },
  };
}

/** A Sidecar with one egress listener. */
export const importing = (namespace: string, ...hosts: string[]): SidecarObject =>
  aSidecar(namespace, 'default', { egress: [{ hosts }] });

export function aRule(namespace: string, host: string, more: Partial<Rule> & { readonly name?: string } = {}): Rule {
  const { name = 'rule', ...rest } = more;
  return {
    key: `${namespace}/${host}/${name}`,
    host,
    namespace,
    exportTo: rest.selector === undefined ? PUBLIC : to(namespace),
    subsets: [],
    from: [{ kind: 'DestinationRule', namespace, name }],
    apiVersion: 'networking.istio.io/v1',
    createdAt: 0,
    ...rest,
  };
}

/** A VirtualService for the mesh. */
export function aRouting(
  namespace: string,
  name: string,
  hosts: readonly string[],
  more: Partial<Routing> & { readonly spec?: VirtualServiceSpec } = {},
): Routing {
  const key = { kind: 'VirtualService', namespace, name };
  const rest = { apiVersion: 'networking.istio.io/v1', createdAt: 0, gateways: ['mesh'], exportTo: PUBLIC, spec: {}, ...more };
  return { key, namespace, hosts, ...rest };
}

/** A spec that sends everything to these hosts, `host` or `host:port`. */
export function routeTo(...destinations: string[]): VirtualServiceSpec {
  const route = destinations.map((text) => {
    const [host = '', number] = text.split(':');
    return { destination: { host, ...(number !== undefined && { port: { number: Number(number) } }) } };
  });
  return { http: [{ route }] };
}

export function aPool(namespace: string, host: string, ...addresses: string[]): EndpointPool {
  const from = { kind: 'ServiceEntry', namespace, name: host };
  const endpoint = (value: string): Endpoint => ({
    address: { kind: 'ip', value },
    port: 80,
    servicePort: { name: 'p80', number: 80 },
    labels: {},
    locality: { region: '', zone: '', subZone: '' },
    network: '',
    weight: 1,
    identity: '',
    tlsMode: 'disabled',
    health: 'healthy',
    workload: { workload: '', namespace, canonicalName: '', canonicalRevision: '', cluster: '' },
    origin: 'inline',
    from,
  });
  return { namespace, host, endpoints: addresses.map(endpoint) };
}

/** A server for every host, named after its protocol. */
export function aServer(
  number: number,
  protocol: Protocol,
  { name = protocol, ...more }: Partial<Omit<GatewayServer, 'port'>> & { readonly name?: string } = {},
): GatewayServer {
  return { index: 0, port: { number, name, protocol }, bind: '', hosts: [{ host: '*' }], ...more };
}

/** A Gateway for every router, unless told otherwise. */
export function aGateway(
  namespace: string,
  name: string,
  servers: readonly GatewayServer[],
  more: Partial<GatewayServers> = {},
): GatewayServers {
  const key = { kind: 'Gateway', namespace, name };
  return { key, createdAt: 0, selector: {}, servers: servers.map((server, index) => ({ ...server, index })), ...more };
}
