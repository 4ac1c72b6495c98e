import assert from 'node:assert/strict';
import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { ListenerSchema } from '@sallyport/apis/listener';
import { registry } from '@sallyport/apis/registry';
import { createGraph, type Input, structural, type Transaction } from '../../../collection/index.ts';
import {
  type ClassScope,
  type EndpointPool,
  type ImportedRouting,
  type Issue,
  importedKey,
  linkPlace,
  MESH,
  type MeshConfig,
  objectId,
  type Port,
  type ProxyClass,
  type ProxyFacet,
  type ProxyTraits,
  type Routing,
  type Rule,
  SALLYPORT_DEFAULTS,
  type ScopedService,
  type Service,
  scopedKey,
  serviceKey,
  type VirtualServiceSpec,
  type VisibleService,
  visibleKey,
} from '../../../model/index.ts';
import { buildListeners } from '../../listeners-stage.ts';
import type { EnvoyInputs } from '../../types.ts';

type Inputs = {
  readonly [K in keyof EnvoyInputs]: EnvoyInputs[K] extends { get(key: string): infer V } ? Input<NonNullable<V>> : never;
};

const NAMES = ['mesh', 'services', 'pools', 'rules', 'routings', 'classes', 'scopes', 'visible', 'scoped', 'imported'] as const;

/** The listener stage alone, fed with rows. */
export function createWorld(options?: Parameters<typeof createGraph>[0]) {
  const graph = createGraph(options);
  const inputs = Object.fromEntries(NAMES.map((name) => [name, graph.input(`in.${name}`, structural)])) as unknown as Inputs;
  const { listeners, issues } = buildListeners(graph, inputs);
  const commit = (write: (tx: Transaction, inputs: Inputs) => void) => graph.commit((tx) => write(tx, inputs));
  return {
    graph,
    inputs,
    listeners,
    commit,
    /** What a class is sent, by name, as canonical JSON. */
    of(id: string): Readonly<Record<string, JsonObject>> {
      const place = linkPlace({ class: id, type: 'listener' });
      const links = [...listeners.links.entries()].filter(([key]) => key.startsWith(`${place}\n`));
      return Object.fromEntries(
        links
          .map(([, { name, target }]) => [name, jsonOf(listeners.resources.get(target)!.bytes)] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    },
    issues(): readonly Issue[] {
      return issues.flatMap((table) => [...table.entries()].map(([, issue]) => issue));
    },
  };
}

export type World = ReturnType<typeof createWorld>;

export function jsonOf(bytes: Uint8Array): JsonObject {
  return toJson(ListenerSchema, fromBinary(ListenerSchema, bytes), { registry: registry() }) as JsonObject;
}

export function mesh(more: Partial<MeshConfig> = {}): MeshConfig {
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
    enableTracing: true,
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    inboundTrafficPolicy: 'PASSTHROUGH',
    localityLbSetting: {},
    h2UpgradePolicy: 'DO_NOT_UPGRADE',
    defaultServiceExportTo: ['*'],
    defaultVirtualServiceExportTo: ['*'],
    defaultDestinationRuleExportTo: ['*'],
    proxyMetadata: {},
    sallyport: SALLYPORT_DEFAULTS,
    ...more,
  };
}

export interface ClassMaking {
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ips?: readonly string[];
  readonly role?: 'sidecar' | 'router';
  readonly traits?: Partial<ProxyTraits>;
  readonly facet?: Partial<ProxyFacet>;
}

export function proxyClass(
  id: string,
  { namespace = 'shop', labels = {}, ips = [], role = 'sidecar', traits, facet }: ClassMaking = {},
): ProxyClass {
  return {
    id,
    role,
    namespace,
    labels,
    dnsDomain: `${namespace}.svc.cluster.local`,
    ips,
    serves: [],
    traits: {
      interception: 'REDIRECT',
      dnsCapture: false,
      dnsAutoAllocate: false,
      unprivileged: false,
      httpProxyPort: 0,
      statusPort: 0,
      prometheusPort: 0,
      idleTimeout: '',
      canonicalService: 'unknown',
      canonicalRevision: 'latest',
      meshId: 'unknown',
      ...traits,
    },
    facet: {
      role,
      ipFamilies: 'v4',
      locality: { region: '', zone: '', subZone: '' },
      network: '',
      clusterId: 'Kubernetes',
      failoverLabels: {},
      ...facet,
    },
    facetKey: '',
  };
}

export function port(number: number, protocol: Port['protocol']): Port {
  return { number, name: `${protocol}-${number}`, protocol };
}

export interface ServiceMaking extends Partial<Omit<Service, 'ports' | 'key' | 'host'>> {
  readonly ports?: readonly Port[];
  /** Seconds; the earlier the older. */
  readonly age?: number;
}

export function service(host: string, { age = 0, ...more }: ServiceMaking = {}): Service {
  const { namespace = 'shop', registry: kind = 'external' } = more;
  return {
    key: serviceKey(kind, namespace, host.replaceAll('*', 'any'), host),
    host,
    namespace,
    name: host,
    registry: kind,
    createdAt: age * 1000,
    addresses: [],
    autoAddresses: [],
    ports: [port(80, 'http')],
    location: 'external',
    resolution: 'dns',
    raceConnect: false,
    exportTo: { kind: 'public' },
    labels: {},
    subjectAltNames: [],
    headless: false,
    from: { kind: 'ServiceEntry', namespace, name: host.replaceAll('*', 'any') },
    ...more,
  };
}

export function routing(name: string, spec: VirtualServiceSpec, { namespace = 'shop', createdAt = 0 } = {}): Routing {
  return {
    key: { kind: 'VirtualService', namespace, name },
    apiVersion: 'networking.istio.io/v1',
    createdAt,
    namespace,
    hosts: spec.hosts ?? [],
    gateways: ['mesh'],
    exportTo: { kind: 'public' },
    spec,
  };
}

/** Everything one class sees on its egress listeners, by what it sees there. */
export interface Scene {
  readonly classes: readonly ProxyClass[];
  readonly scope?: Partial<Omit<ClassScope, 'class'>>;
  readonly services?: readonly Service[];
  /** Index of the egress listener on which a service is seen; 0 where nothing is said. */
  readonly egressOf?: Readonly<Record<string, readonly number[]>>;
  readonly rules?: readonly Rule[];
  readonly routings?: readonly Routing[];
  readonly pools?: readonly EndpointPool[];
  readonly mesh?: Partial<MeshConfig>;
}

/** Writes the rows that registry and scope would have made of this. */
export function show(tx: Transaction, inputs: Inputs, scene: Scene): void {
  for (const [key, to, row] of rowsOf(scene)) tx.set(inputs[to] as Input<unknown>, key, row);
}

/** The rows of a scene, in an order of their own: key, input, row. */
export function rowsOf(scene: Scene): readonly (readonly [key: string, to: keyof EnvoyInputs, row: unknown])[] {
  const { classes, scope, services = [], egressOf = {}, rules = [], routings = [], pools = [] } = scene;
  const rows: (readonly [string, keyof EnvoyInputs, unknown])[] = [[MESH, 'mesh', mesh(scene.mesh)]];
  for (const rule of rules) rows.push([rule.key, 'rules', rule]);
  for (const pool of pools) rows.push([`${pool.namespace}/${pool.host}`, 'pools', pool]);
  for (const one of routings) rows.push([objectId(one.key), 'routings', one]);
  for (const one of services) rows.push([one.key, 'services', one]);
  for (const of of classes) {
    rows.push([of.id, 'classes', of]);
    const egress = scope?.egress ?? [{ hosts: ['*/*'] }];
    rows.push([of.id, 'scopes', { class: of.id, outboundPolicy: { mode: 'ALLOW_ANY' }, ...scope, egress } satisfies ClassScope]);
    for (const one of services) {
      for (const n of egressOf[one.host] ?? [0]) {
        const visible: VisibleService = {
          class: of.id,
          egress: n,
          service: one.key,
          host: one.host,
          portNumbers: one.ports.map(({ number }) => number),
          rank: 1,
        };
        rows.push([visibleKey(visible), 'visible', visible]);
      }
      const rule = rules.find(({ host }) => host === one.host)?.key;
      const scoped: ScopedService = {
        class: of.id,
        host: one.host,
        namespace: one.namespace,
        services: [one.key],
        ports: one.ports,
        ...(rule !== undefined && { rule }),
      };
      rows.push([scopedKey(scoped), 'scoped', scoped]);
    }
    for (const one of routings) {
      for (const n of egress.keys()) {
        const imported: ImportedRouting = { class: of.id, egress: n, routing: objectId(one.key), hosts: one.hosts, rank: 2 };
        rows.push([importedKey(imported), 'imported', imported]);
      }
    }
  }
  return rows;
}

/** A world that shows this scene, for one class `a`. */
export function worldOf(
  scene: Omit<Scene, 'classes'> & { readonly class?: ClassMaking; readonly classes?: readonly ProxyClass[] },
): World {
  const world = createWorld();
  world.commit((tx, inputs) => show(tx, inputs, { ...scene, classes: scene.classes ?? [proxyClass('a', scene.class)] }));
  return world;
}

type Chain = JsonObject & { readonly filters: readonly JsonObject[] };

/** A chain in one line: its match, and what it leads to. */
export function lineOf(chain: Chain | undefined): string | undefined {
  if (chain === undefined) return undefined;
  const match = (chain['filterChainMatch'] ?? {}) as Record<string, unknown>;
  const prefixes = (match['prefixRanges'] as { addressPrefix: string; prefixLen: number }[] | undefined)?.map(
    ({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen}`,
  );
  const parts = [
    match['destinationPort'],
    prefixes,
    match['serverNames'],
    match['transportProtocol'],
    match['applicationProtocols'],
  ];
  const asked = parts.filter((part) => part !== undefined).map(String);
  return [...asked, '→', ...chain.filters.map((filter) => targetOf(filter['typedConfig'] as Record<string, unknown>))].join(' ');
}

function targetOf(config: Record<string, unknown>): string {
  const rds = config['rds'] as { routeConfigName: string } | undefined;
  if (rds !== undefined) return `routes ${rds.routeConfigName}`;
  const weighted = config['weightedClusters'] as { clusters: { name: string; weight: number }[] } | undefined;
  if (weighted !== undefined) return weighted.clusters.map(({ name, weight }) => `${name}*${weight}`).join('+');
  return String(config['cluster'] ?? String(config['@type']).split('.').at(-3));
}

/** The chains of a listener in one line each; the default one under `otherwise`. */
export function linesOf(listener: JsonObject | undefined): { readonly chains: readonly string[]; readonly otherwise?: string } {
  const chains = ((listener?.['filterChains'] ?? []) as unknown as Chain[]).map((chain) => lineOf(chain)!);
  const otherwise = lineOf(listener?.['defaultFilterChain'] as unknown as Chain | undefined);
  return { chains, ...(otherwise !== undefined && { otherwise }) };
}

export const PASS = '→ PassthroughCluster';
/** How HTTP in the open is told apart where no protocol is declared. */
export const SNIFF = 'raw_buffer http/1.1,h2c';

/** What proxies of class `a` listen for, apart from the one listener that they all have. */
export function check(world: World, expected: Readonly<Record<string, ReturnType<typeof linesOf>>>): void {
  const { virtualOutbound, ...others } = world.of('a');
  assert.deepEqual(Object.fromEntries(Object.entries(others).map(([name, listener]) => [name, linesOf(listener)])), expected);
}
