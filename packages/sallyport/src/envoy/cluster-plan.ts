import { isWildcard, selects } from '../lib/host.ts';
import type {
  LoadBalancer,
  Port,
  Protocol,
  ProxyFacet,
  Rule,
  RuleKey,
  ScopedService,
  Service,
  ServiceKey,
} from '../model/index.ts';
import { poolKey } from '../model/index.ts';
import { effectivePolicy } from './cluster-policy.ts';
import type { PoolFacts } from './cluster-pool.ts';
import { outboundCluster } from './names.ts';

/** How Envoy learns a cluster's endpoints. */
export type Discovery = 'eds' | 'strict-dns' | 'logical-dns' | 'original-dst' | 'dynamic-dns';

/** The settings half of a cluster: what clusters of many services have in common. All of it is in `key`. */
export interface PolicySpec {
  readonly key: string;
  readonly discovery: Discovery;
  readonly rule?: RuleKey;
  readonly subset: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly passthroughTarget?: number;
  readonly external: boolean;
  readonly raceConnect: boolean;
  readonly trafficDistribution?: string;
  readonly facet: string;
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

/** A service as some class sees it. All of it is in `key`. */
export interface ServiceView {
  readonly key: string;
  readonly service: ServiceKey;
  readonly ports: readonly Port[];
  readonly rule?: RuleKey;
  /** Key of the facet among the distinct facets. */
  readonly facet: string;
  readonly role: ProxyFacet['role'];
}

/** Undefined for a host that no service stands behind. */
export function serviceView(
  { services, ports, rule }: Pick<ScopedService, 'services' | 'ports' | 'rule'>,
  facet: string,
  role: ProxyFacet['role'],
): ServiceView | undefined {
  const [service] = services;
  if (service === undefined) return undefined;
  const key = [service, rule ?? '', facet, ...ports.map(portKey)].join(' ');
  return { key, service, ports, ...(rule !== undefined && { rule }), facet, role };
}

const portKey = ({ number, name, protocol, passthroughTarget = 0 }: Port): string =>
  `${number}/${name}/${protocol}/${passthroughTarget}`;

/**
 * The clusters of a service, in the order of its ports: for each the default and one for every subset (spec/istio.md 4.6).
 * `facts` is asked only where endpoints decide whether there is a cluster.
 */
export function clustersOf(
  view: ServiceView,
  service: Service,
  rule: Rule | undefined,
  facts: () => PoolFacts | undefined,
): readonly ClusterSpec[] {
  if (service.aliasOf !== undefined) return [];
  return view.ports
    .filter(({ protocol }) => protocol !== 'udp')
    .flatMap((port) => {
      const subsets = isDynamic(service) ? [] : (rule?.subsets ?? []);
      const names = ['', ...new Set(subsets.map(({ name }) => name))];
      return names.flatMap((subset) => {
        const { loadBalancer } = effectivePolicy(rule, subset, port.number, {});
        const discovery = discoveryOf(service, view.role, loadBalancer);
        const labels = subsets.find(({ name }) => name === subset)?.labels;
        return exists(discovery, port, labels, facts) ? [clusterSpec(view, service, port, subset, discovery)] : [];
      });
    });
}

/** How a resolution is carried out (spec/istio.md 1.5). */
export function discoveryOf(
  service: Pick<Service, 'resolution' | 'raceConnect' | 'host'>,
  role: ProxyFacet['role'],
  balancer: LoadBalancer | undefined,
): Discovery {
  if (isDynamic(service)) return 'dynamic-dns';
  if (balancer?.simple === 'PASSTHROUGH') return 'original-dst';
  switch (service.resolution) {
    case 'none':
      // What reaches a gateway has the gateway as its original destination.
      return role === 'router' ? 'eds' : 'original-dst';
    case 'dns':
      return service.raceConnect ? 'logical-dns' : 'strict-dns';
    case 'dns-round-robin':
      return 'logical-dns';
    default:
      return 'eds';
  }
}

/** A name to be looked up at run time; for a plain host, which validation refuses, there is nothing to look up. */
function isDynamic({ resolution, host }: Pick<Service, 'resolution' | 'host'>): boolean {
  return resolution === 'dynamic-dns' && isWildcard(host);
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
      return (
        facts()
          ?.ports.find((p) => p.port === port.number)
          ?.labels.some((set) => selects(labels, set)) ?? false
      );
    default:
      return true;
  }
}

function clusterSpec(view: ServiceView, service: Service, port: Port, subset: string, discovery: Discovery): ClusterSpec {
  const policy = policySpec(view, service, port, subset, discovery);
  return {
    key: `${view.service} ${portKey(port)} ${policy.key}`,
    name: outboundCluster(service.host, port.number, subset),
    service: view.service,
    pool: poolKey(service),
    port,
    subset,
    policy,
  };
}

function policySpec(view: ServiceView, service: Service, port: Port, subset: string, discovery: Discovery): PolicySpec {
  const { rule, facet } = view;
  const { raceConnect, trafficDistribution } = service;
  const { protocol, passthroughTarget } = port;
  const external = service.location === 'external';
  // Without a rule the port number makes no difference, and nearly all clusters share a few settings.
  const number = rule === undefined ? 0 : port.number;
  const facts = [discovery, protocol, number, passthroughTarget ?? 0, external, raceConnect, trafficDistribution ?? ''];
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
    ...(trafficDistribution !== undefined && { trafficDistribution }),
  };
}
