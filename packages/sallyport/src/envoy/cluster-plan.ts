import { isWildcard, selects } from '../lib/host.ts';
import type {
  LoadBalancer,
  MeshConfig,
  Port,
  Protocol,
  ProxyFacet,
  Rule,
  RuleKey,
  ScopedService,
  Service,
  ServiceKey,
} from '../model/index.ts';
import { isHttp, poolKey } from '../model/index.ts';
import { effectivePolicy } from './cluster-policy.ts';
import type { PoolFacts, PortFacts } from './cluster-pool.ts';
import { dynamicName } from './dynamic-name.ts';
import { localityPlan, ranksEndpoints } from './locality.ts';
import { dnatSni, outboundCluster } from './names.ts';
import { ruledTls } from './upstream-tls.ts';

/** How Envoy learns a cluster's endpoints. */
export type Discovery =
  | 'eds'
  | 'strict-dns'
  | 'logical-dns'
  | 'original-dst'
  | 'dynamic-dns'
  /** The same to a caller as without the word: names are looked up by the control plane, and endpoints pushed. */
  | 'resolved-strict-dns'
  | 'resolved-logical-dns';

/** Whether the control plane looks up the names among the endpoints. */
export const isResolved = (discovery: Discovery): discovery is 'resolved-strict-dns' | 'resolved-logical-dns' =>
  discovery === 'resolved-strict-dns' || discovery === 'resolved-logical-dns';

/** The settings half of a cluster: what clusters of many services have in common. All of it is in `key`. */
export interface PolicySpec {
  readonly key: string;
  readonly discovery: Discovery;
  readonly rule?: RuleKey;
  readonly subset: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly passthroughTarget?: number;
  /** The only port that a looked-up name may be called at, whatever port the call's host names. */
  readonly guardedPort?: number;
  readonly external: boolean;
  readonly raceConnect: boolean;
  readonly trafficDistribution?: string;
  readonly facet: string;
  /** TLS of callers goes through, to endpoints that end mesh TLS; none is begun here. */
  readonly sniDnat?: true;
}

/** One cluster, shared by every class for which all of this is the same. All of it is in `key`. */
export interface ClusterSpec {
  readonly key: string;
  readonly name: string;
  readonly service: ServiceKey;
  readonly pool: string;
  readonly port: Port;
  readonly subset: string;
  readonly policy: PolicySpec;
}

/** The endpoints of an EDS cluster. All of it is in `key`. */
export interface EndpointsSpec {
  readonly key: string;
  /** The cluster's. */
  readonly name: string;
  readonly cluster: ClusterSpec;
  readonly facet: string;
}

/** A cluster of a service, with its endpoints where they are pushed. */
export interface PlannedCluster {
  readonly cluster: ClusterSpec;
  readonly endpoints?: EndpointsSpec;
}

/** From where a class looks at services, by keys among the distinct facets. */
export interface Viewpoint {
  /** With all that endpoints may be ranked by. */
  readonly facet: string;
  /** Without it: the same for proxies of different localities. */
  readonly core: string;
  readonly role: ProxyFacet['role'];
  /** Which certificates the proxies have, or that their agents have none. */
  readonly certificates: Pick<ProxyFacet, 'withoutIdentity' | 'clientCertificates'>;
  /** The proxies open an AUTO_PASSTHROUGH server. */
  readonly sniDnat?: true;
}

/** A service as some class sees it. All of it is in `key`. */
export interface ServiceView {
  readonly key: string;
  readonly service: ServiceKey;
  readonly ports: readonly Port[];
  readonly rule?: RuleKey;
  readonly from: Viewpoint;
}

/** Undefined for a host that no service stands behind. */
export function serviceView(
  { services, ports, rule }: Pick<ScopedService, 'services' | 'ports' | 'rule'>,
  from: Viewpoint,
): ServiceView | undefined {
  const [service] = services;
  if (service === undefined) return undefined;
  // The ports of a service stand in one list for all who see the whole of it: what they share is kept there once.
  const present = viewsOf.get(ports) ?? [];
  // The facet has all of a viewpoint in it but what proxies open.
  const known = present.find(
    (view) =>
      view.service === service && view.rule === rule && view.from.facet === from.facet && view.from.sniDnat === from.sniDnat,
  );
  if (known !== undefined) return known;
  const key = [service, rule ?? '', from.facet, ...(from.sniDnat ? ['sni-dnat'] : []), ...ports.map(portKey)].join(' ');
  const view: ServiceView = { key, service, ports, ...(rule !== undefined && { rule }), from };
  viewsOf.set(ports, [view, ...present.slice(0, MOST_VIEWS - 1)]);
  return view;
}

const viewsOf = new WeakMap<readonly Port[], readonly ServiceView[]>();

/** Of one service; more are of classes that are gone, or of a mesh with very many kinds of proxies. */
const MOST_VIEWS = 16;

/** A facet without what ranks endpoints. */
export function coreOf(facet: ProxyFacet): ProxyFacet {
  const { node: _node, ...rest } = facet;
  return { ...rest, locality: { region: '', zone: '', subZone: '' }, network: '', clusterId: '', failoverLabels: {} };
}

const portKey = ({ number, name, protocol, passthroughTarget = 0 }: Port): string =>
  `${number}/${name}/${protocol}/${passthroughTarget}`;

/**
 * The clusters of a service, in the order of its ports: for each the default and one for every subset (spec/istio.md 4.6),
 * and a second for mesh TLS that goes through (4.1, 4.12).
 * `facts` is asked only where endpoints decide whether there is a cluster.
 */
export function clustersOf(
  view: ServiceView,
  service: Service,
  rule: Rule | undefined,
  mesh: Pick<MeshConfig, 'defaultTrafficPolicy' | 'localityLbSetting' | 'zoneAwareLbSetting'>,
  facts: () => PoolFacts | undefined,
): readonly PlannedCluster[] {
  if (service.aliasOf !== undefined) return [];
  const facet = { role: view.from.role, ...view.from.certificates };
  const surroundings = { facet, external: service.location === 'external', selected: rule?.selector !== undefined };
  return view.ports
    .filter(({ protocol }) => protocol !== 'udp')
    .flatMap((port) => {
      const subsets = dynamicName(service) !== undefined ? [] : (rule?.subsets ?? []);
      const names = ['', ...new Set(subsets.map(({ name }) => name))];
      const several = () => portFacts(facts(), port)?.several ?? false;
      if (!exists(discoveryOf(service, view.from.role, undefined, several), port, undefined, facts)) return [];
      const whole = effectivePolicy(rule, '', port.number, mesh).loadBalancer;
      return names.flatMap((subset) => {
        const { loadBalancer, outlierDetection, tls } = effectivePolicy(rule, subset, port.number, mesh);
        // A cluster that waits for a certificate is worse than none: calls to it would hang instead of failing.
        const refused = tls !== undefined && ruledTls(tls, surroundings).kind === 'refused';
        if (refused && !view.from.sniDnat) return [];
        // Subsets of what goes where it was going do so, too, whatever balancing they ask for.
        const balancer = whole?.simple === 'PASSTHROUGH' ? whole : loadBalancer;
        const discovery = discoveryOf(service, view.from.role, balancer, several);
        const labels = subsets.find(({ name }) => name === subset)?.labels;
        if (!exists(discovery, port, labels, facts)) return [];
        const ranked = ranksEndpoints(localityPlan(loadBalancer, outlierDetection !== undefined, service, mesh));
        const facet = ranked || service.nodeLocal ? view.from.facet : view.from.core;
        const own = plannedCluster(view, service, port, subset, discovery, facet);
        return [...(refused ? [] : [own]), ...sniDnatOf(own, view, service, facet)];
      });
    });
}

/**
 * How a resolution is carried out (spec/istio.md 1.5). A race of connections needs LOGICAL_DNS, of which Envoy takes one
 * endpoint only; with more of them there is no race, and all are called.
 */
function discoveryOf(
  service: Pick<Service, 'resolution' | 'resolvedBy' | 'raceConnect' | 'host' | 'guard'>,
  role: ProxyFacet['role'],
  balancer: LoadBalancer | undefined,
  several: () => boolean,
): Discovery {
  if (dynamicName(service) !== undefined) return 'dynamic-dns';
  if (balancer?.simple === 'PASSTHROUGH') return 'original-dst';
  switch (service.resolution) {
    case 'none':
      // What reaches a gateway has the gateway as its original destination.
      return role === 'router' ? 'eds' : 'original-dst';
    case 'dns':
      return lookedUpBy(service, service.raceConnect && !several() ? 'logical-dns' : 'strict-dns');
    case 'dns-round-robin':
      return lookedUpBy(service, 'logical-dns');
    default:
      return 'eds';
  }
}

function lookedUpBy({ resolvedBy }: Pick<Service, 'resolvedBy'>, discovery: 'strict-dns' | 'logical-dns'): Discovery {
  return resolvedBy === 'control-plane' ? `resolved-${discovery}` : discovery;
}

const DYNAMIC_PROTOCOLS: ReadonlySet<Protocol> = new Set(['http', 'http2', 'grpc', 'tls']);

/** A DNS cluster without endpoints does not exist; routes to it answer 503. */
function exists(
  discovery: Discovery,
  port: Port,
  labels: Readonly<Record<string, string>> = {},
  facts: () => PoolFacts | undefined,
): boolean {
  switch (discovery) {
    case 'dynamic-dns':
      return DYNAMIC_PROTOCOLS.has(port.protocol);
    case 'strict-dns':
    case 'logical-dns':
    case 'resolved-strict-dns':
    case 'resolved-logical-dns':
      return portFacts(facts(), port)?.labels.some((set) => selects(labels, set)) ?? false;
    default:
      return true;
  }
}

function portFacts(facts: PoolFacts | undefined, { number }: Port): PortFacts | undefined {
  return facts?.ports.find(({ port }) => port === number);
}

/** `facet`: the one that endpoints depend on, which are inside a DNS cluster and outside of others. */
function plannedCluster(
  view: ServiceView,
  service: Service,
  port: Port,
  subset: string,
  discovery: Discovery,
  facet: string,
): PlannedCluster {
  const inline = discovery === 'strict-dns' || discovery === 'logical-dns';
  const policy = policySpec(view, service, port, subset, discovery, inline ? facet : view.from.core);
  const cluster: ClusterSpec = {
    key: `${view.service} ${portKey(port)} ${policy.key}`,
    name: outboundCluster(service.host, port.number, subset),
    service: view.service,
    pool: poolKey(service),
    port,
    subset,
    policy,
  };
  return discovery === 'eds' || isResolved(discovery)
    ? { cluster, endpoints: { key: `${cluster.key} ${facet}`, name: cluster.name, cluster, facet } }
    : { cluster };
}

/**
 * The cluster that callers name in mesh TLS, under that name. None for services outside the mesh, for wildcards, which no name in
 * TLS tells apart, nor where the original destination counts, which is the gateway.
 */
function sniDnatOf(
  { cluster: { port, subset, policy } }: PlannedCluster,
  view: ServiceView,
  service: Service,
  facet: string,
): readonly PlannedCluster[] {
  const { host, location } = service;
  if (!view.from.sniDnat || location === 'external' || isWildcard(host) || policy.discovery === 'original-dst') return [];
  const { cluster: own, endpoints } = plannedCluster(view, service, port, subset, ofAny(policy.discovery), facet);
  const key = (of: { readonly key: string }) => `sni-dnat ${of.key}`;
  const name = dnatSni(host, port.number, subset);
  const cluster: ClusterSpec = { ...own, key: key(own), name, policy: { ...own.policy, key: key(own.policy), sniDnat: true } };
  return [{ cluster, ...(endpoints && { endpoints: { ...endpoints, key: key(endpoints), name, cluster } }) }];
}

/** Of the endpoints those count that end mesh TLS, which may be none: Envoy refuses a LOGICAL_DNS cluster that is empty. */
function ofAny(discovery: Discovery): Discovery {
  if (discovery === 'logical-dns') return 'strict-dns';
  return discovery === 'resolved-logical-dns' ? 'resolved-strict-dns' : discovery;
}

function policySpec(
  { rule }: ServiceView,
  service: Service,
  port: Port,
  subset: string,
  discovery: Discovery,
  facet: string,
): PolicySpec {
  const { raceConnect, trafficDistribution } = service;
  const { protocol, passthroughTarget } = port;
  const external = service.location === 'external';
  // Without a rule the port number makes no difference, and nearly all clusters share a few settings.
  const number = rule === undefined ? 0 : port.number;
  const guardedPort = discovery === 'dynamic-dns' && service.guard !== undefined && isHttp(protocol) ? port.number : undefined;
  const facts = [
    discovery,
    protocol,
    number,
    passthroughTarget ?? 0,
    guardedPort ?? 0,
    external,
    raceConnect,
    trafficDistribution ?? '',
  ];
  return {
    key: [...facts, subset, rule ?? '', facet].join(' '),
    discovery,
    subset,
    port: number,
    protocol,
    external,
    raceConnect,
    facet,
    ...(rule !== undefined && { rule }),
    ...(passthroughTarget !== undefined && { passthroughTarget }),
    ...(guardedPort !== undefined && { guardedPort }),
    ...(trafficDistribution !== undefined && { trafficDistribution }),
  };
}
