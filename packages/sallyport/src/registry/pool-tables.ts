import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { byServiceAge, type EndpointPool, objectId, poolKey, type Service } from '../model/index.ts';
import type { Defaults } from './defaults.ts';
import { endpointsOfSelectedEntries, endpointsOfSlices, servicePlaces } from './endpoint-slice.ts';
import { byWorkloadKey, endpointsOfEntry, pooled } from './endpoints.ts';
import type { WithDefaults } from './mesh-tables.ts';
import { workloadOfPod } from './pod.ts';
import type { RegistryInputs } from './types.ts';
import { selectedKeys, selectionPlaces } from './workload.ts';
import { workloadOfEntry } from './workload-entry.ts';

/** The endpoints of each namespace and host. A workload's change reaches only the pools whose services select it. */
export function buildPools(graph: Graph, inputs: RegistryInputs, services: Collection<Service>, withDefaults: WithDefaults) {
  const pods = graph.derive(
    'registry.pods',
    inputs.pods,
    withDefaults((pod, defaults, _, key) => [[key, workloadOfPod(pod, defaults)]]),
    structural,
  );
  const entries = graph.derive(
    'registry.workload-entries',
    inputs.workloadEntries,
    withDefaults((entry, defaults, _, key) => [[key, workloadOfEntry(entry, defaults)]]),
    structural,
  );
  const workloads = graph.union('registry.workloads', pods, entries);
  const selectable = graph.index('registry.workloads-by-label', workloads, selectionPlaces);
  const podsByAddress = graph.index('registry.pods-by-address', pods, (pod) =>
    pod.addresses.map((address) => `${pod.namespace}/${address}`),
  );
  const slices = graph.index('registry.slices-by-service', inputs.endpointSlices, servicePlaces);
  const servicesByPlace = graph.index('registry.services-by-place', services, (service) => [poolKey(service)]);
  const places = graph.distinct('registry.places', services, (service) => [
    [poolKey(service), { namespace: service.namespace, host: service.host }],
  ]);

  const selected = (read: Read, selector: Readonly<Record<string, string>> | undefined, namespace: string) =>
    selector === undefined
      ? []
      : selectedKeys(selector, namespace, (place) => read.lookup(selectable, place))
          .map((key) => read.get(workloads, key)!)
          .sort(byWorkloadKey);
  const podSearch = (read: Read) => ({
    byName: (namespace: string, name: string) => read.get(pods, objectId({ kind: 'Pod', namespace, name })),
    byAddress: (namespace: string, address: string) => {
      const [first] = [...read.lookup(podsByAddress, `${namespace}/${address}`)].sort();
      return first === undefined ? undefined : read.get(pods, first);
    },
  });
  const endpointsOf = (read: Read, service: Service, defaults: Defaults) => {
    const id = objectId(service.from);
    if (service.registry === 'external') {
      const entry = read.get(inputs.serviceEntries, id);
      const workloadsOfService = selected(read, service.selector, service.namespace);
      return entry === undefined ? [] : endpointsOfEntry(entry, service, workloadsOfService, defaults);
    }
    const object = read.get(inputs.services, id);
    if (object === undefined || service.aliasOf !== undefined) return [];
    const own = [...read.lookup(slices, `${service.namespace}/${service.name}`)].map(
      (key) => read.get(inputs.endpointSlices, key)!,
    );
    const selectedEntries = service.headless ? [] : selected(read, service.selector, service.namespace);
    return [
      ...endpointsOfSlices(service, own, podSearch(read), defaults),
      ...endpointsOfSelectedEntries(object.spec, selectedEntries),
    ];
  };
  const pools: Collection<EndpointPool> = graph.derive(
    'registry.pools',
    places,
    withDefaults((place, defaults, read, key) => {
      const rows = [...read.lookup(servicesByPlace, key)].map((service) => read.get(services, service)!).sort(byPoolOrder);
      const endpoints = pooled(rows.map((service) => [service, endpointsOf(read, service, defaults)] as const));
      return [[key, { ...place, endpoints }]];
    }),
    structural,
  );
  return { pools, places, servicesByPlace, selectable, workloads };
}

/** Endpoints of ServiceEntries stand before those of a Kubernetes Service, each in order of age. */
function byPoolOrder(a: Service, b: Service): number {
  return Number(a.registry === 'kubernetes') - Number(b.registry === 'kubernetes') || byServiceAge(a, b);
}
