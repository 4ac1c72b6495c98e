import type {
  Authorization,
  GatewayServers,
  MeshConfig,
  PeerPolicies,
  PolicyBlocks,
  Routing,
  Rule,
  SidecarObject,
} from '../model/index.ts';

/** A label with a value, asked for in one namespace, or with the empty namespace everywhere. */
export const askedKey = (namespace: string, label: string, value: string): string => `${namespace}\n${label}\n${value}`;

type Asked = Iterable<readonly [string, true]>;

/** A Sidecar's selector concerns proxies of its own namespace only, also in the root namespace (spec/istio.md 2.4). */
export function askedBySidecar({ key, spec }: SidecarObject): Asked {
  return pairs(key.namespace, spec.workloadSelector?.labels);
}

/** A rule's selector likewise (spec/istio.md 2.5). */
export function askedByRule({ namespace, selector }: Rule): Asked {
  return pairs(namespace, selector);
}

/** A PeerAuthentication's selector likewise; those of the root namespace are not among the policies (spec/istio.md 11). */
export function* askedByPeers({ namespace, selected }: PeerPolicies): Generator<readonly [string, true]> {
  for (const { selector } of selected) yield* pairs(namespace, selector);
}

/** An AuthorizationPolicy's selector likewise; one of the root namespace concerns proxies of every namespace. */
export function askedByAuthorization({ key, everywhere, selector }: Authorization): Asked {
  return pairs(everywhere ? '' : key.namespace, selector);
}

/** A Gateway's selector concerns routers of every namespace (spec/istio.md 4.12). */
export function askedByGateway({ selector }: GatewayServers): Asked {
  return pairs('', selector);
}

/** Source conditions are looked at in every namespace that imports the VirtualService. */
export function* askedByRouting({ spec }: Routing): Generator<readonly [string, true]> {
  for (const route of [...(spec.http ?? []), ...(spec.tls ?? []), ...(spec.tcp ?? [])])
    for (const match of route.match ?? []) yield* pairs('', match.sourceLabels);
}

function* pairs(namespace: string, labels: Readonly<Record<string, string>> = {}): Generator<readonly [string, true]> {
  for (const [label, value] of Object.entries(labels)) yield [askedKey(namespace, label, value), true];
}

/** Labels that a rule's failoverPriority compares with the proxy's own: those given as `label=value` are not (spec/istio.md 4.6). */
export function* rankingLabels({ trafficPolicy, subsets }: Rule): Generator<readonly [string, true]> {
  for (const policy of [trafficPolicy, ...subsets.map((s) => s.trafficPolicy)])
    for (const blocks of [policy, ...(policy?.portLevelSettings ?? [])])
      for (const label of prioritiesOf(blocks)) if (!label.includes('=')) yield [label, true];
}

function prioritiesOf(blocks: PolicyBlocks | undefined): readonly string[] {
  const { localityLbSetting, zoneAwareLbSetting } = blocks?.loadBalancer ?? {};
  return [...(localityLbSetting?.failoverPriority ?? []), ...(zoneAwareLbSetting?.failoverPriority ?? [])];
}

/** Whether the mesh's own failoverPriority compares by this label. */
export function meshRanksBy(mesh: MeshConfig | undefined, label: string): boolean {
  return [mesh?.localityLbSetting, mesh?.zoneAwareLbSetting].some((setting) => setting?.failoverPriority?.includes(label));
}
