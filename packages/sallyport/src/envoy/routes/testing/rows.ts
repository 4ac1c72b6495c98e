import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { registry } from '@sallyport/apis/registry';
import { RouteConfigurationSchema } from '@sallyport/apis/route';
import { createGraph, type Graph, type GraphOptions, type Input, structural } from '../../../collection/index.ts';
import {
  type ClassScope,
  facetKey,
  type Issue,
  importedKey,
  MESH,
  type MeshConfig,
  type OutboundTrafficPolicy,
  type Port,
  type ProxyClass,
  type ProxyTraits,
  type Routing,
  type Rule,
  type Service,
  type SidecarEgress,
  scopedKey,
  serviceKey,
  type VirtualServiceSpec,
  visibleKey,
} from '../../../model/index.ts';
import { buildRoutes, type RouteOutputs } from '../../routes-stage.ts';
import type { EnvoyInputs } from '../../types.ts';

type Inputs = {
  readonly [K in keyof EnvoyInputs]: EnvoyInputs[K] extends { get(key: string): infer V } ? Input<NonNullable<V>> : never;
};
const NAMES = ['mesh', 'services', 'pools', 'rules', 'routings', 'classes', 'scopes', 'visible', 'scoped', 'imported'] as const;

/** What a test writes down: every class sees every service and VirtualService, unless `sees` says otherwise. */
export interface World {
  readonly mesh?: Partial<MeshConfig>;
  readonly classes?: readonly ProxyClass[];
  readonly services?: readonly Service[];
  readonly routings?: readonly Routing[];
  readonly rules?: readonly Rule[];
  readonly egress?: readonly SidecarEgress[];
  readonly policy?: OutboundTrafficPolicy;
  readonly sees?: (proxies: ProxyClass, egress: number, host: string) => boolean;
}

export interface Bed {
  readonly graph: Graph;
  readonly inputs: Inputs;
  readonly outputs: RouteOutputs;
}

export function makeBed(options?: GraphOptions): Bed {
  const graph = createGraph(options);
  const inputs = Object.fromEntries(NAMES.map((name) => [name, graph.input(name, structural)])) as unknown as Inputs;
  return { graph, inputs, outputs: buildRoutes(graph, inputs) };
}

/** Makes the rows of `world` the only ones there are. */
export function show(bed: Bed, world: World): void {
  const rows = rowsOf(world);
  bed.graph.commit((tx) => {
    for (const name of NAMES) {
      const input = bed.inputs[name] as Input<unknown>;
      for (const key of [...input.keys()]) if (!rows[name].has(key)) tx.set(input, key, undefined);
      for (const [key, row] of rows[name]) tx.set(input, key, row);
    }
  });
}

type Rows = Record<(typeof NAMES)[number], Map<string, unknown>>;

function rowsOf(world: World): Rows {
  const rows = Object.fromEntries(NAMES.map((name) => [name, new Map()])) as unknown as Rows;
  const { classes = [sidecar()], services = [], routings = [], rules = [], sees = () => true } = world;
  const egress = world.egress ?? [{ hosts: ['*/*'] }];
  rows.mesh.set(MESH, { proxyHttpPort: 0, ...world.mesh });
  for (const service of services) rows.services.set(service.key, service);
  for (const routing of routings) rows.routings.set(routingId(routing), routing);
  for (const rule of rules) rows.rules.set(rule.key, rule);
  for (const proxies of classes) {
    rows.classes.set(proxies.id, proxies);
    const scope: ClassScope = { class: proxies.id, outboundPolicy: world.policy ?? { mode: 'REGISTRY_ONLY' }, egress };
    rows.scopes.set(proxies.id, scope);
    egress.forEach((listener, i) => {
      lane(rows, proxies, i, listener, { services, routings, rules, sees });
    });
  }
  return rows;
}

function lane(
  rows: Rows,
  proxies: ProxyClass,
  egress: number,
  listener: SidecarEgress,
  { services, routings, rules, sees }: Required<Pick<World, 'services' | 'routings' | 'rules' | 'sees'>>,
): void {
  const only = listener.port?.protocol === 'HTTP_PROXY' ? 0 : (listener.port?.number ?? 0);
  for (const service of services) {
    const portNumbers = service.ports.map(({ number }) => number).filter((number) => only === 0 || number === only);
    if (portNumbers.length === 0 || !sees(proxies, egress, service.host)) continue;
    const at = { class: proxies.id, egress, service: service.key };
    rows.visible.set(visibleKey(at), { ...at, host: service.host, portNumbers, rank: rankIn(service, proxies) });
    const rule = rules.find(({ host }) => host === service.host)?.key;
    const scoped = {
      class: proxies.id,
      host: service.host,
      namespace: service.namespace,
      services: [service.key],
      ports: service.ports,
    };
    rows.scoped.set(scopedKey(scoped), { ...scoped, ...(rule !== undefined && { rule }) });
  }
  for (const routing of routings) {
    if (!routing.hosts.some((host) => sees(proxies, egress, host))) continue;
    const at = { class: proxies.id, egress, routing: routingId(routing) };
    rows.imported.set(importedKey(at), { ...at, hosts: routing.hosts, rank: routing.namespace === proxies.namespace ? 0 : 2 });
  }
}

const rankIn = (service: Service, proxies: ProxyClass): 0 | 1 =>
  service.exportTo.kind !== 'public' && service.namespace === proxies.namespace ? 0 : 1;

const routingId = ({ key }: Routing): string => `${key.kind}/${key.namespace}/${key.name}`;

const SIDECAR_TRAITS: ProxyTraits = {
  interception: 'REDIRECT',
  dnsCapture: false,
  dnsAutoAllocate: false,
  unprivileged: false,
  httpProxyPort: 0,
  statusPort: 0,
  prometheusPort: 0,
  idleTimeout: '',
  canonicalService: '',
  canonicalRevision: '',
  meshId: '',
};

export function sidecar(
  given: Partial<Omit<ProxyClass, 'traits'>> & { readonly traits?: Partial<ProxyTraits> } = {},
): ProxyClass {
  const namespace = given.namespace ?? 'shop';
  const facet: ProxyClass['facet'] = {
    role: 'sidecar',
    ipFamilies: 'v4',
    locality: { region: '', zone: '', subZone: '' },
    network: '',
    clusterId: 'Kubernetes',
    failoverLabels: {},
  };
  return {
    id: namespace,
    role: 'sidecar',
    namespace,
    labels: {},
    dnsDomain: `${namespace}.svc.cluster.local`,
    ips: [],
    serves: [],
    facet,
    facetKey: facetKey(facet),
    ...given,
    traits: { ...SIDECAR_TRAITS, ...given.traits },
  };
}

/** Ports such as `http:80`, `auto:8080`, `tcp:5432`. */
export function service(host: string, ports: readonly string[] = ['http:80'], given: Partial<Service> = {}): Service {
  const namespace = given.namespace ?? 'shop';
  const name = given.name ?? host;
  const registryName = given.registry ?? 'external';
  return {
    key: serviceKey(registryName, namespace, name, host),
    host,
    namespace,
    name,
    registry: registryName,
    createdAt: 0,
    addresses: [],
    autoAddresses: [],
    ports: ports.map(port),
    location: 'external',
    resolution: 'dns',
    raceConnect: false,
    exportTo: { kind: 'public' },
    labels: {},
    subjectAltNames: [],
    headless: false,
    from: { kind: 'ServiceEntry', namespace, name },
    ...given,
  };
}

function port(text: string): Port {
  const [protocol, number] = text.split(':');
  return { number: Number(number), name: text.replace(':', '-'), protocol: protocol as Port['protocol'] };
}

export function routing(name: string, spec: VirtualServiceSpec, given: Partial<Routing> = {}): Routing {
  const namespace = given.namespace ?? 'shop';
  return {
    key: { kind: 'VirtualService', namespace, name },
    apiVersion: 'networking.istio.io/v1',
    createdAt: 0,
    namespace,
    hosts: spec.hosts ?? [],
    gateways: ['mesh'],
    exportTo: { kind: 'public' },
    spec,
    ...given,
  };
}

export function rule(host: string, given: Partial<Rule>): Rule {
  return {
    key: `rule of ${host}`,
    host,
    namespace: 'shop',
    exportTo: { kind: 'public' },
    subsets: [],
    from: [{ kind: 'DestinationRule', namespace: 'shop', name: host }],
    apiVersion: 'networking.istio.io/v1',
    createdAt: 0,
    ...given,
  };
}

export interface RoutesJson {
  readonly name: string;
  readonly virtualHosts: readonly {
    readonly name: string;
    readonly domains: readonly string[];
    readonly routes: readonly JsonObject[];
  }[];
}

/** A route configuration as canonical JSON. */
export function routesJson(bytes: Uint8Array): RoutesJson {
  const message = fromBinary(RouteConfigurationSchema, bytes);
  const json = toJson(RouteConfigurationSchema, message, { registry: registry() }) as unknown as RoutesJson;
  return { ...json, virtualHosts: json.virtualHosts ?? [] };
}

/** The route configurations of a class by name, as canonical JSON. */
export function routesOf(bed: Bed, proxies = 'shop'): Record<string, RoutesJson> {
  const found: [string, RoutesJson][] = [];
  for (const [, link] of bed.outputs.routes.links.entries()) {
    if (link.class !== proxies) continue;
    found.push([link.name, routesJson(bed.outputs.routes.resources.get(link.target)!.bytes)]);
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function issuesOf(bed: Bed): readonly Issue[] {
  return bed.outputs.issues.flatMap((issues) =>
    [...issues.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, issue]) => issue),
  );
}

/** The route configurations of one world for the class `shop`. */
export function build(world: World): Record<string, RoutesJson> {
  const bed = makeBed();
  show(bed, world);
  return routesOf(bed);
}

/** Domains of each virtual host of a route configuration. */
export function domainsIn(routes: RoutesJson | undefined): Record<string, readonly string[]> {
  return Object.fromEntries((routes?.virtualHosts ?? []).map(({ name, domains }) => [name, domains]));
}
