import {
  type ConfigObject,
  compareText,
  type Endpoint,
  type Service,
  type ServiceEntrySpec,
  type ServicePortSpec,
} from '../model/index.ts';
import type { Defaults } from './defaults.ts';
import { NO_LOCALITY } from './locality.ts';
import { addressOf, type Workload, workloadIdentity } from './workload.ts';
import { endpointFacts } from './workload-entry.ts';

type Entry = ConfigObject<ServiceEntrySpec>;

/**
 * The endpoints that one ServiceEntry adds to the pool of one of its hosts, in Istio's order. Istio has a service for
 * each address, and each brings all endpoints: an entry with N addresses has every endpoint N times (spec/istio.md 9).
 */
export function endpointsOfEntry(
  entry: Entry,
  service: Service,
  selected: readonly Workload[],
  defaults: Defaults,
): readonly Endpoint[] {
  if (service.resolution === 'dynamic-dns') return [];
  const copies = Math.max(1, service.addresses.length);
  const ports = entry.spec.ports ?? [];
  if (entry.spec.workloadSelector !== undefined)
    return selected
      .filter((workload) => isUsable(workload, service))
      .flatMap((workload) => repeat(copies, selectedEndpoints(workload, ports)));
  const endpoints = entry.spec.endpoints ?? [];
  if (endpoints.length > 0) return repeat(copies, inlineEndpoints(entry, defaults));
  return resolvesNames(service) ? repeat(copies, syntheticEndpoints(entry, service, defaults)) : [];
}

/** Orders selected workloads as Istio does: kind, namespace, name. */
export function byWorkloadKey(a: Workload, b: Workload): number {
  return (
    compareText(a.key.kind, b.key.kind) || compareText(a.key.namespace, b.key.namespace) || compareText(a.key.name, b.key.name)
  );
}

/**
 * The pool of a host from what its services bring, oldest first. Those of DNS_ROUND_ROBIN bring an endpoint only to port numbers
 * that have none yet: Envoy's LOGICAL_DNS has room for one (spec/istio.md 1.4).
 */
export function pooled(services: Iterable<readonly [Service, readonly Endpoint[]]>): readonly Endpoint[] {
  const taken = new Set<number>();
  const all: Endpoint[] = [];
  for (const [{ resolution }, endpoints] of services)
    for (const endpoint of endpoints) {
      const { number } = endpoint.servicePort;
      if (resolution === 'dns-round-robin' && taken.has(number)) continue;
      taken.add(number);
      all.push(endpoint);
    }
  return all;
}

function repeat<T>(times: number, items: readonly T[]): readonly T[] {
  return times === 1 ? items : Array.from({ length: times }, () => items).flat();
}

function resolvesNames(service: Service): boolean {
  return service.resolution === 'dns' || service.resolution === 'dns-round-robin';
}

/** Names and sockets cannot be sent as discovered endpoints, so only clusters that resolve names use them (spec/istio.md 1.4). */
function isUsable({ endpoint }: Workload, service: Service): boolean {
  return resolvesNames(service) || (endpoint.address.kind !== 'dns' && endpoint.address.kind !== 'unix');
}

function inlineEndpoints(entry: Entry, defaults: Defaults): readonly Endpoint[] {
  const made = (entry.spec.endpoints ?? []).map((spec, index) => {
    const named = { name: `${entry.key.name}-${index}`, namespace: entry.key.namespace };
    return { spec, facts: endpointFacts(spec, spec.labels ?? {}, named, defaults) };
  });
  return (entry.spec.ports ?? []).flatMap((port) =>
    made.map(({ spec, facts }) => ({
      ...facts,
      port: endpointPort(facts.address.kind, port, spec.ports),
      servicePort: { name: port.name, number: port.number },
      origin: 'inline' as const,
      from: entry.key,
    })),
  );
}

/** Where names are resolved and no endpoint is given, the host stands for itself. */
function syntheticEndpoints(entry: Entry, service: Service, defaults: Defaults): readonly Endpoint[] {
  return (entry.spec.ports ?? []).map((port) => ({
    address: addressOf(service.host),
    port: endpointPort('dns', port, undefined),
    servicePort: { name: port.name, number: port.number },
    labels: {},
    locality: NO_LOCALITY,
    network: '',
    weight: 1,
    identity: '',
    tlsMode: 'disabled',
    health: 'unknown',
    workload: workloadIdentity(entry.key.name, entry.key.namespace, {}, defaults.clusterId),
    origin: 'synthetic',
    from: entry.key,
  }));
}

function selectedEndpoints(workload: Workload, ports: readonly ServicePortSpec[]): readonly Endpoint[] {
  return ports.map((port) => ({
    ...workload.endpoint,
    port: endpointPort(workload.endpoint.address.kind, port, workload.ports),
    servicePort: { name: port.name, number: port.number },
    from: workload.key,
  }));
}

/** The endpoint's own number for the port's name, else the target port, else the port; sockets have none. */
function endpointPort(
  kind: Endpoint['address']['kind'],
  port: ServicePortSpec,
  own: Readonly<Record<string, number>> | undefined,
): number {
  if (kind === 'unix') return 0;
  return own?.[port.name] || port.targetPort || port.number;
}
