import {
  type ConfigObject,
  type Port,
  type Resolution,
  type Service,
  type ServiceEntrySpec,
  serviceKey,
} from '../model/index.ts';
import { claimedHosts, declaredAddresses, statusAddresses } from './addresses.ts';
import type { Defaults } from './defaults.ts';
import type { EntryHead } from './entry-head.ts';
import { underCeiling } from './entry-visibility.ts';
import { parseProtocol } from './protocol.ts';
import { resolutionFor } from './resolution.ts';
import { exportedTo } from './visibility.ts';

const TRAFFIC_DISTRIBUTION = 'networking.istio.io/traffic-distribution';
const CONNECT_STRATEGY = 'istio.io/connect-strategy';

const RESOLUTIONS: Readonly<Record<NonNullable<ServiceEntrySpec['resolution']>, Resolution>> = {
  NONE: 'none',
  STATIC: 'static',
  DNS: 'dns',
  DNS_ROUND_ROBIN: 'dns-round-robin',
  DYNAMIC_DNS: 'dynamic-dns',
};

export interface EntrySurroundings {
  readonly defaults: Defaults;
  /** The Namespace object that the entry stands in, if there is one. */
  readonly namespace: ConfigObject | undefined;
  /** Addresses that Istio's older allocator gave, by `namespace/host`; absent when it is not in use. */
  readonly legacyAddresses?: (place: string) => readonly string[];
  /** Addresses that the ledger gave, by host; absent when it is not in use. */
  readonly grantedAddresses?: (host: string) => readonly string[];
}

/** One service for each host of the entry, in its order; hosts that differ only in case are one (spec/istio.md 1.4). */
export function servicesOfEntry(entry: EntryHead, surroundings: EntrySurroundings): readonly Service[] {
  const hosts = new Set(entry.spec.hosts.map((host) => host.toLowerCase()));
  const shared = sharedFacts(entry, surroundings);
  return [...hosts].map((host) => ({
    ...shared,
    ...resolutionFor(host, entry, shared, surroundings.defaults.names),
    key: serviceKey('external', entry.key.namespace, entry.key.name, host),
    host,
    name: host,
    autoAddresses: autoAddresses(entry, host, surroundings),
  }));
}

function autoAddresses(
  entry: EntryHead,
  host: string,
  { legacyAddresses, grantedAddresses, defaults }: EntrySurroundings,
): readonly string[] {
  if (legacyAddresses !== undefined) return legacyAddresses(`${entry.key.namespace}/${host}`);
  if (grantedAddresses === undefined) return statusAddresses(entry, host);
  return claimedHosts(entry, defaults.ledgerPrefixes ?? []).includes(host) ? grantedAddresses(host) : [];
}

/** What all services of one entry have in common. */
function sharedFacts(
  entry: EntryHead,
  { defaults, namespace }: EntrySurroundings,
): Omit<Service, 'key' | 'host' | 'name' | 'autoAddresses'> {
  const { spec, key } = entry;
  const distribution = trafficDistributionOf(undefined, entry.annotations, namespace?.annotations);
  const exported = exportedTo(spec.exportTo, key.namespace, defaults.serviceExportTo);
  const resolution = RESOLUTIONS[spec.resolution ?? 'NONE'];
  return {
    namespace: key.namespace,
    registry: 'external',
    createdAt: entry.createdAt,
    addresses: declaredAddresses(spec.addresses, defaults.ledgerPrefixes),
    ports: entryPorts(spec, resolution),
    location: spec.location === 'MESH_INTERNAL' ? 'internal' : 'external',
    resolution,
    raceConnect: resolution.startsWith('dns') && entry.annotations[CONNECT_STRATEGY]?.toUpperCase() === 'RACE_FIRST_TCP_CONNECT',
    exportTo: underCeiling(exported, key.namespace, namespace?.labels ?? {}, defaults.entryVisibility),
    labels: entry.labels,
    ...(spec.workloadSelector !== undefined && { selector: spec.workloadSelector.labels ?? {} }),
    subjectAltNames: spec.subjectAltNames ?? [],
    headless: false,
    ...(distribution !== undefined && { trafficDistribution: distribution }),
    from: key,
  };
}

/** A protocol that cannot be parsed does not pass validation; if it comes this far it is detected. */
function entryPorts(spec: EntryHead['spec'], resolution: Resolution): readonly Port[] {
  return (spec.ports ?? []).map(({ number, name, protocol, targetPort }) => ({
    number,
    name,
    protocol: parseProtocol(protocol) ?? 'auto',
    ...(resolution === 'none' && targetPort !== undefined && targetPort > 0 && { passthroughTarget: targetPort }),
  }));
}

const DISTRIBUTIONS: readonly string[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

/**
 * Which endpoints are called first: the field of a Kubernetes Service if it has a known value, else the annotation of the service, else
 * that of its namespace. Annotations count in any case, and one with an unknown value means no preference.
 */
export function trafficDistributionOf(
  field: string | undefined,
  own: Readonly<Record<string, string>>,
  ofNamespace: Readonly<Record<string, string>> = {},
): string | undefined {
  if (field !== undefined && DISTRIBUTIONS.includes(field)) return field;
  const written = (own[TRAFFIC_DISTRIBUTION] || ofNamespace[TRAFFIC_DISTRIBUTION] || '').toLowerCase();
  return DISTRIBUTIONS.find((known) => known.toLowerCase() === written);
}
