import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { ClusterSchema } from '@sallyport/apis/cluster';
import { ClusterLoadAssignmentSchema } from '@sallyport/apis/endpoint';
import { registry } from '@sallyport/apis/registry';
import { resourcesHeld } from '../../ads/held.ts';
import { createGraph, type Graph, type GraphOptions, type Input } from '../../collection/index.ts';
import {
  type Endpoint,
  type EndpointPool,
  facetKey,
  type Issue,
  type MeshConfig,
  type PeerPolicies,
  type ProxyClass,
  type ProxyFacet,
  poolKey,
  type Resource,
  type Rule,
  SALLYPORT_DEFAULTS,
  type ScopedService,
  type Service,
  scopedKey,
  serviceKey,
} from '../../model/index.ts';
import { buildClusters, type ClustersOutputs } from '../clusters-stage.ts';
import type { EnvoyInputs, ResourceTable } from '../types.ts';

type Inputs = {
  readonly [K in keyof EnvoyInputs]: EnvoyInputs[K] extends { get(key: string): infer V } ? Input<NonNullable<V>> : never;
};

export interface World {
  readonly graph: Graph;
  readonly inputs: Inputs;
  readonly outputs: ClustersOutputs;
}

export function emptyWorld(options?: GraphOptions): World {
  const graph = createGraph(options);
  const names = [
    'mesh',
    'services',
    'pools',
    'rules',
    'routings',
    'classes',
    'scopes',
    'visible',
    'scoped',
    'imported',
    'peers',
    'openPorts',
    'answers',
  ];
  const inputs = Object.fromEntries(names.map((name) => [name, graph.input(name)])) as unknown as Inputs;
  return { graph, inputs, outputs: buildClusters(graph, inputs) };
}

/** Istio's defaults as far as clusters read them. */
export function meshWith(given: Partial<MeshConfig> = {}): MeshConfig {
  return {
    rootNamespace: 'istio-system',
    trustDomain: 'cluster.local',
    trustDomainAliases: [],
    connectTimeout: '10s',
    dnsRefreshRate: '60s',
    enableAutoMtls: true,
    h2UpgradePolicy: 'DO_NOT_UPGRADE',
    localityLbSetting: { enabled: true },
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    sallyport: SALLYPORT_DEFAULTS,
    ...given,
  } as MeshConfig;
}

export function serviceWith(given: Partial<Service> = {}): Service {
  const { host = 'a.example', namespace = 'shop' } = given;
  return {
    key: serviceKey('external', namespace, 'a', host),
    host,
    namespace,
    name: host,
    registry: 'external',
    createdAt: 0,
    addresses: [],
    autoAddresses: [],
    ports: [{ number: 80, name: 'http', protocol: 'http' }],
    location: 'external',
    resolution: 'static',
    raceConnect: false,
    exportTo: { kind: 'public' },
    labels: {},
    subjectAltNames: [],
    headless: false,
    from: { kind: 'ServiceEntry', namespace, name: 'a' },
    ...given,
  };
}

/** An endpoint of port 80 `http`, as a ServiceEntry has it. */
export function endpointWith(address: string, given: Partial<Endpoint> = {}): Endpoint {
  const kind = address.startsWith('unix:') ? 'unix' : /[a-z]/.test(address) && !address.includes(':') ? 'dns' : 'ip';
  return {
    address: { kind, value: address },
    port: 80,
    servicePort: { name: 'http', number: 80 },
    labels: {},
    locality: { region: '', zone: '', subZone: '' },
    network: '',
    weight: 1,
    identity: '',
    tlsMode: 'disabled',
    health: 'unknown',
    workload: { workload: 'a-0', namespace: 'shop', canonicalName: 'a-0', canonicalRevision: '', cluster: 'Kubernetes' },
    origin: 'inline',
    from: { kind: 'ServiceEntry', namespace: 'shop', name: 'a' },
    ...given,
  };
}

export function ruleWith(given: Partial<Rule> = {}): Rule {
  return {
    key: 'shop/r',
    host: 'a.example',
    namespace: 'shop',
    exportTo: { kind: 'public' },
    subsets: [],
    from: [{ kind: 'DestinationRule', namespace: 'shop', name: 'r' }],
    apiVersion: 'networking.istio.io/v1',
    createdAt: 0,
    ...given,
  };
}

export const sidecarFacet: ProxyFacet = {
  role: 'sidecar',
  ipFamilies: 'v4',
  locality: { region: '', zone: '', subZone: '' },
  network: '',
  clusterId: 'Kubernetes',
  failoverLabels: {},
};

export function classWith(id: string, facet: Partial<ProxyFacet> = {}, dnsCapture = false): ProxyClass {
  const whole = { ...sidecarFacet, ...facet };
  const traits = { interception: 'REDIRECT', dnsCapture } as ProxyClass['traits'];
  const { role } = whole;
  return {
    id,
    role,
    namespace: 'shop',
    labels: {},
    dnsDomain: '',
    ips: [],
    serves: [],
    traits,
    facet: whole,
    facetKey: facetKey(whole),
  };
}

export interface Case {
  readonly service?: Partial<Service>;
  readonly endpoints?: readonly Endpoint[];
  readonly rule?: Partial<Rule>;
  readonly mesh?: Partial<MeshConfig>;
  readonly facet?: Partial<ProxyFacet>;
  readonly dnsCapture?: boolean;
  readonly peers?: readonly PeerPolicies[];
}

export interface Built {
  /** Canonical JSON by name; static clusters included. */
  readonly clusters: Readonly<Record<string, JsonObject>>;
  readonly endpoints: Readonly<Record<string, JsonObject>>;
  readonly issues: readonly Issue[];
}

/** What one proxy class gets for one service. */
export function built({ service: given, endpoints = [], rule, mesh, facet, dnsCapture, peers = [] }: Case): Built {
  const world = emptyWorld();
  const service = serviceWith(given);
  const pool: EndpointPool = { namespace: service.namespace, host: service.host, endpoints };
  const config = meshWith(mesh);
  world.graph.commit((tx) => {
    const { inputs } = world;
    tx.set(inputs.mesh, 'mesh', config);
    tx.set(inputs.classes, 'c', classWith('c', facet, dnsCapture));
    tx.set(inputs.scopes, 'c', { class: 'c', outboundPolicy: config.outboundTrafficPolicy, egress: [{ hosts: ['*/*'] }] });
    tx.set(inputs.services, service.key, service);
    tx.set(inputs.pools, poolKey(service), pool);
    for (const row of peers) tx.set(inputs.peers, row.namespace, row);
    if (rule !== undefined) tx.set(inputs.rules, 'shop/r', ruleWith(rule));
    const scoped = scopedOf('c', service, rule === undefined ? undefined : 'shop/r');
    tx.set(inputs.scoped, scopedKey(scoped), scoped);
  });
  return { ...resourcesOf(world, 'c'), issues: world.outputs.issues.flatMap((c) => [...c.entries()].map(([, issue]) => issue)) };
}

export function scopedOf(id: string, service: Service, rule?: string): ScopedService {
  const { host, namespace, key, ports } = service;
  return { class: id, host, namespace, services: [key], ports, ...(rule !== undefined && { rule }) };
}

/** Everything a class is sent, as canonical JSON by name. A link without a resource is a failure. */
export function resourcesOf({ graph, outputs }: World, id: string): Omit<Built, 'issues'> {
  for (const [, failure] of graph.failures.entries()) throw new Error(`${failure.collection} ${failure.key}: ${failure.message}`);
  return {
    clusters: jsonOf(outputs.clusters, id, ({ bytes }) =>
      toJson(ClusterSchema, fromBinary(ClusterSchema, bytes), { registry: registry() }),
    ),
    endpoints: jsonOf(outputs.endpoints, id, ({ bytes }) =>
      toJson(ClusterLoadAssignmentSchema, fromBinary(ClusterLoadAssignmentSchema, bytes), { registry: registry() }),
    ),
  };
}

function jsonOf(table: ResourceTable, id: string, json: (resource: Resource) => unknown): Record<string, JsonObject> {
  const found: Record<string, JsonObject> = {};
  for (const { name, key } of resourcesHeld(table, id)) {
    const resource = table.resources.get(key);
    if (resource === undefined) throw new Error(`${name} of class ${id} has no resource ${key}`);
    found[name] = json(resource) as JsonObject;
  }
  return found;
}
