import { ipFamily } from '../../lib/ip.ts';
import { byServiceAge, type Endpoint, type EndpointPool, type Service } from '../../model/index.ts';
import { addressesFor, UNSPECIFIED } from '../addresses.ts';
import type { HostSight, Seen, Sight } from './sight.ts';

/** One line of a name table. */
export interface NameEntry {
  readonly host: string;
  readonly ips: readonly string[];
  /** As Istio spells it: agents make short forms of Kubernetes names only. */
  readonly registry: 'Kubernetes' | 'External';
  /** Empty, as is the namespace, where no short forms are made. */
  readonly shortname: string;
  readonly namespace: string;
}

/** The rows behind service keys. */
export interface NameSources {
  readonly service: (key: string) => Service | undefined;
  readonly pool: (service: Service) => EndpointPool | undefined;
  /** Whether a headless host also means its endpoints in other clusters of the network; Istio's ENABLE_MULTICLUSTER_HEADLESS. */
  readonly acrossClusters: boolean;
}

/** Names of several clusters: two of them may have one of the same name, so no short forms are made. */
const OF_CLUSTER_SET = '.clusterset.local';

/**
 * What a host means to proxies: its own line, if it has addresses, and one for each Pod behind it that has a name of its
 * own (spec/istio.md 3.3). Of several services the addresses are put together, unless one is of Kubernetes: that one alone counts.
 */
export function namesOf({ host, seen, sight }: HostSight, sources: NameSources): readonly NameEntry[] {
  const found = seen
    .flatMap((row) => {
      const service = sources.service(row.service);
      return service === undefined ? [] : [{ row, service }];
    })
    .sort((a, b) => a.row.egress - b.row.egress || a.row.rank - b.row.rank || byServiceAge(a.service, b.service))
    .map(({ row, service }) => resolved(row, service, sight, sources));
  const addressed = found.filter(({ ips }) => ips.length > 0);
  const first = addressed.find(({ service }) => service.registry === 'kubernetes') ?? addressed[0];
  const pods = found.flatMap((one) => one.pods);
  if (first === undefined) return pods;
  const all = first.service.registry === 'kubernetes' ? first.ips : addressed.flatMap(({ ips }) => ips);
  return [ownEntry(host, first.service, [...new Set(all)]), ...pods];
}

interface Resolved {
  readonly service: Service;
  readonly ips: readonly string[];
  readonly pods: readonly NameEntry[];
}

/** Prefixes are no addresses to answer with; without any address the endpoints of a service that is not balanced stand in. */
function resolved(row: Seen, service: Service, sight: Sight, sources: NameSources): Resolved {
  const addresses = service.aliasOf === undefined ? addressesFor(service, sight, sight) : [];
  if (!addresses.includes(UNSPECIFIED)) return { service, ips: addresses.filter((a) => ipFamily(a) !== 0), pods: [] };
  if (service.resolution !== 'none') return { service, ips: [], pods: [] };
  const endpoints = (sources.pool(service)?.endpoints ?? []).filter((endpoint) => isNamed(endpoint, row, service, sight));
  const ips = endpoints
    .filter((endpoint) => sources.acrossClusters || isLocal(endpoint, sight))
    .map(({ address }) => address.value);
  return { service, ips: [...new Set(ips)], pods: podEntries(service, endpoints, sight) };
}

/**
 * Whether an endpoint is answered with: only those whose health is known and good, which those of ServiceEntries never is
 * (spec/istio.md 9), and only in the proxy's network, because a gateway between networks cannot know which one was meant.
 */
function isNamed({ address, health, network, servicePort }: Endpoint, row: Seen, service: Service, sight: Sight): boolean {
  return (
    address.kind === 'ip' &&
    row.portNumbers.includes(servicePort.number) &&
    (health === 'healthy' || service.publishNotReady === true) &&
    (sight.network === '' || network === '' || network === sight.network)
  );
}

function isLocal({ workload: { cluster } }: Endpoint, { clusterId }: Sight): boolean {
  return cluster === '' || clusterId === '' || cluster === clusterId;
}

/** `<hostname>.<subdomain>` in the service's own domain. A Pod that runs in several clusters is the local one. */
function podEntries(service: Service, endpoints: readonly Endpoint[], sight: Sight): readonly NameEntry[] {
  const dot = service.host.indexOf('.');
  const byName = new Map<string, Endpoint[]>();
  for (const endpoint of dot === -1 ? [] : endpoints) {
    const { hostname, subdomain } = endpoint;
    if (hostname === undefined || hostname === '' || subdomain === undefined || subdomain === '') continue;
    const shortname = `${hostname}.${subdomain}`;
    byName.set(shortname, [...(byName.get(shortname) ?? []), endpoint]);
  }
  return [...byName].map(([shortname, all]) => {
    const local = all.filter((endpoint) => isLocal(endpoint, sight));
    const ips = new Set((local.length > 0 ? local : all).map(({ address }) => address.value));
    return {
      host: shortname + service.host.slice(dot),
      ips: [...ips],
      registry: registryOf(service),
      shortname,
      namespace: service.namespace,
    };
  });
}

function ownEntry(host: string, service: Service, ips: readonly string[]): NameEntry {
  const abbreviated = service.registry === 'kubernetes' && !host.endsWith(OF_CLUSTER_SET);
  return {
    host,
    ips,
    registry: registryOf(service),
    shortname: abbreviated ? service.name : '',
    namespace: abbreviated ? service.namespace : '',
  };
}

function registryOf({ registry }: Service): NameEntry['registry'] {
  return registry === 'kubernetes' ? 'Kubernetes' : 'External';
}
