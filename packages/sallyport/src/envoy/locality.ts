import type {
  Endpoint,
  LoadBalancer,
  Locality,
  LocalityLb,
  MeshConfig,
  ProxyFacet,
  Service,
  ZoneAwareLb,
} from '../model/index.ts';
import { compareText } from '../model/index.ts';

/** Endpoints that share a locality and a priority. */
export interface LocalityGroup {
  readonly locality: Locality;
  readonly endpoints: readonly Endpoint[];
  /** Sum of the endpoints' weights, unless `distribute` says otherwise. */
  readonly weight: number;
  /** 0 is tried first. Without gaps. */
  readonly priority: number;
}

/** How localities play a part in balancing. */
export interface LocalityPlan {
  readonly setting: LocalityLb;
  /** Priorities by locality are used only where failures can be noticed: with outlier detection, or when asked for by name. */
  readonly failover: boolean;
  /** Envoy balances over the zones of a region by itself, or is told not to. */
  readonly zones?: { readonly balanced: boolean; readonly minClusterSize?: number };
}

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const NETWORK = 'topology.istio.io/network';
const CLUSTER = 'topology.istio.io/cluster';
const HOST = 'kubernetes.io/hostname';

/** What `networking.istio.io/traffic-distribution` means in terms of failover. */
const BY_DISTRIBUTION: Readonly<Record<string, readonly string[]>> = {
  PreferClose: [NETWORK, REGION, ZONE],
  PreferSameZone: [NETWORK, REGION, ZONE],
  PreferSameNode: [NETWORK, REGION, ZONE, SUBZONE, HOST],
};

/** The setting in force: the rule's, else the service's traffic distribution, else the mesh's; zones go first (spec/istio.md 4.6). */
export function localityPlan(
  balancer: LoadBalancer | undefined,
  outlierDetection: boolean,
  service: Pick<Service, 'trafficDistribution'>,
  mesh: Pick<MeshConfig, 'localityLbSetting' | 'zoneAwareLbSetting'>,
): LocalityPlan | undefined {
  if (balancer?.zoneAwareLbSetting !== undefined) return zonePlan(balancer.zoneAwareLbSetting);
  const ruled = balancer?.localityLbSetting;
  if (ruled !== undefined) return ruled.enabled === false ? undefined : { setting: ruled, failover: outlierDetection };
  const failoverPriority = BY_DISTRIBUTION[service.trafficDistribution ?? ''];
  if (failoverPriority !== undefined) return { setting: { failoverPriority }, failover: true };
  if (mesh.zoneAwareLbSetting !== undefined) return zonePlan(mesh.zoneAwareLbSetting);
  const setting = mesh.localityLbSetting;
  return setting.enabled === false ? undefined : { setting, failover: outlierDetection };
}

/** Turned off it still counts: Envoy would otherwise balance over zones where its bootstrap tells it how. */
function zonePlan({ enabled = true, failover, failoverPriority, minClusterSize }: ZoneAwareLb): LocalityPlan {
  const zones = { balanced: enabled, ...(minClusterSize !== undefined && { minClusterSize }) };
  return { setting: { ...(failover && { failover }), ...(failoverPriority && { failoverPriority }) }, failover: enabled, zones };
}

/** Whether Envoy must weigh localities, which it does not by itself. */
export function weighsLocalities(plan: LocalityPlan | undefined): boolean {
  if (plan === undefined || plan.zones !== undefined) return false;
  const { distribute, failover, failoverPriority } = plan.setting;
  return distribute !== undefined || (plan.failover && (failover !== undefined || failoverPriority !== undefined));
}

/** Whether what a proxy gets depends on where it is, or on its labels. */
export function ranksEndpoints(plan: LocalityPlan | undefined): boolean {
  return plan !== undefined && (plan.failover || plan.setting.distribute !== undefined);
}

/**
 * Endpoints in groups by locality, sorted by locality, with weights or priorities as the plan wants them for a proxy.
 * The same for endpoints that are pushed and those that stand inside a DNS cluster (spec/istio.md 4.6, 9).
 */
export function localityGroups(
  endpoints: readonly Endpoint[],
  plan: LocalityPlan | undefined,
  facet: ProxyFacet,
): readonly LocalityGroup[] {
  const groups = byLocality(endpoints);
  if (plan === undefined || !ranksEndpoints(plan)) return groups;
  if (plan.setting.distribute !== undefined) return distributed(groups, plan.setting.distribute, facet.locality);
  const { failover = [], failoverPriority = [] } = plan.setting;
  const near = plan.zones === undefined ? byDistance : byRegion;
  if (failoverPriority.length === 0) return byFailover(groups, failover, facet.locality, near);
  const split = compacted(groups.flatMap((group) => byPriorityLabels(group, failoverPriority, facet)));
  const isDone = failover.length === 0 && plan.zones === undefined;
  return isDone ? split : byFailover(split, failover, facet.locality, near);
}

function byLocality(endpoints: readonly Endpoint[]): LocalityGroup[] {
  const groups = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const place = localityLabel(endpoint.locality);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [endpoint]);
    else group.push(endpoint);
  }
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, members]) => groupOf(members, 0));
}

function localityLabel({ region, zone, subZone }: Locality): string {
  return subZone === '' ? (zone === '' ? region : `${region}/${zone}`) : `${region}/${zone}/${subZone}`;
}

const MAX_WEIGHT = 4_294_967_295;

function groupOf(endpoints: readonly Endpoint[], priority: number): LocalityGroup {
  const weight = endpoints.reduce((sum, endpoint) => Math.min(sum + endpoint.weight, MAX_WEIGHT), 0);
  return { locality: endpoints[0]!.locality, endpoints, weight, priority };
}

/**
 * Weights as the first rule for the proxy's locality gives them; a share is split over the localities it matches by their own
 * weights. Localities without a share keep their place and lose their endpoints, as in Istio.
 */
function distributed(
  groups: readonly LocalityGroup[],
  rules: NonNullable<LocalityLb['distribute']>,
  proxy: Locality,
): LocalityGroup[] {
  const rule = rules.find(({ from }) => matches(proxy, from ?? ''));
  if (rule === undefined) return [...groups];
  const out = groups.map((group) => ({ ...group, endpoints: [] as readonly Endpoint[] }));
  const rest = new Set(groups.keys());
  // More specific places first, so that the outcome does not hang on the order of a map.
  const shares = Object.entries(rule.to ?? {}).sort(([a], [b]) => b.length - a.length || compareText(a, b));
  for (const [place, share] of shares) {
    const taken = [...rest].filter((i) => matches(groups[i]!.locality, place));
    const total = taken.reduce((sum, i) => sum + groups[i]!.weight, 0);
    for (const i of taken) {
      rest.delete(i);
      const group = groups[i]!;
      out[i] = { ...group, weight: Math.ceil((group.weight * share) / total) || group.weight };
    }
  }
  return out;
}

/** `region/zone/subzone`, of which `*` and what is missing match anything. */
function matches(locality: Locality, pattern: string): boolean {
  const [region = '', zone = '', subZone = ''] = pattern.split('/');
  const fits = (is: string, wanted: string) => wanted === '*' || is === wanted;
  return (
    fits(locality.region, region) &&
    (zone === '' || fits(locality.zone, zone)) &&
    (subZone === '' || fits(locality.subZone, subZone))
  );
}

/** How near a locality is to the proxy's; `foreign`: another region. */
interface Nearness {
  readonly foreign: number;
  readonly of: (proxy: Locality, locality: Locality) => number;
}

/** Zone and subzone count as well. */
const byDistance: Nearness = {
  foreign: 3,
  of: (a, b) => (a.region !== b.region ? 3 : a.zone !== b.zone ? 2 : a.subZone === b.subZone ? 0 : 1),
};

/** The zones of a region are on equal terms: Envoy itself balances over them. Only regions that are asked for come before others. */
const byRegion: Nearness = { foreign: 1, of: (a, b) => (a.region === b.region ? 0 : 1) };

/** The nearer the better; of foreign regions only the ones that `failover` names for the proxy's region are on equal terms. */
function byFailover(
  groups: readonly LocalityGroup[],
  rules: NonNullable<LocalityLb['failover']>,
  proxy: Locality,
  { foreign, of }: Nearness,
): LocalityGroup[] {
  const rule = rules.find(({ from }) => from === proxy.region);
  const ranked = groups.map((group) => {
    const near = of(proxy, group.locality);
    const rank = near === foreign && rule !== undefined && rule.to !== group.locality.region ? foreign + 1 : near;
    return { ...group, priority: group.priority * (foreign + 2) + rank };
  });
  return compacted(ranked);
}

/** A group in parts: the more of the listed labels an endpoint shares with the proxy, in order, the sooner it is tried. */
function byPriorityLabels(group: LocalityGroup, wanted: readonly string[], facet: ProxyFacet): LocalityGroup[] {
  const parts = new Map<number, Endpoint[]>();
  const labels = wanted.map((label) => {
    const [name = '', value] = label.split('=', 2);
    return { name, value: value ?? proxyLabel(facet, name) };
  });
  for (const endpoint of group.endpoints) {
    const matched = labels.findIndex(({ name, value }) => endpointLabel(endpoint, name) !== value);
    const priority = matched === -1 ? 0 : labels.length - matched;
    const part = parts.get(priority);
    if (part === undefined) parts.set(priority, [endpoint]);
    else part.push(endpoint);
  }
  return [...parts].sort(([a], [b]) => a - b).map(([priority, endpoints]) => groupOf(endpoints, priority));
}

/** Topology is known also where no label says it. */
function proxyLabel(facet: ProxyFacet, name: string): string {
  return facet.failoverLabels[name] ?? topologyLabel(name, facet.locality, facet.network, facet.clusterId, undefined);
}

function endpointLabel(endpoint: Endpoint, name: string): string {
  const { locality, network, node, workload } = endpoint;
  return endpoint.labels[name] ?? topologyLabel(name, locality, network, workload.cluster, node);
}

function topologyLabel(name: string, locality: Locality, network: string, cluster: string, node: string | undefined): string {
  switch (name) {
    case REGION:
      return locality.region;
    case ZONE:
      return locality.zone;
    case SUBZONE:
      return locality.subZone;
    case NETWORK:
      return network;
    case CLUSTER:
      return cluster;
    case HOST:
      return node ?? '';
    default:
      return '';
  }
}

/** Envoy wants priorities without gaps. */
function compacted(groups: readonly LocalityGroup[]): LocalityGroup[] {
  const ranks = [...new Set(groups.map((g) => g.priority))].sort((a, b) => a - b);
  const place = new Map(ranks.map((rank, i) => [rank, i]));
  return groups.map((group) => ({ ...group, priority: place.get(group.priority)! }));
}
