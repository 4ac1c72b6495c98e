import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { type GrantedAddresses, objectId, type Service } from '../model/index.ts';
import { allocateLegacy, legacyNames, legacyOrder } from './allocate.ts';
import type { EntryHead } from './entry-head.ts';
import { serviceOfKubernetes } from './kubernetes-service.ts';
import type { WithDefaults } from './mesh-tables.ts';
import { servicesOfEntry } from './service-entry.ts';
import type { RegistryInputs } from './types.ts';

export interface ServiceInputs extends RegistryInputs {
  /** ServiceEntries without their endpoints. */
  readonly heads: Collection<EntryHead>;
  /** What the ledger gave, by host. */
  readonly granted: Collection<GrantedAddresses>;
}

/** One service for each host of each ServiceEntry, and for each Kubernetes Service. */
export function buildServices(graph: Graph, inputs: ServiceInputs, withDefaults: WithDefaults): Collection<Service> {
  const namespaceOf = (read: Read, name: string) =>
    read.get(inputs.namespaces, objectId({ kind: 'Namespace', namespace: '', name }));
  const { heads, granted } = inputs;
  const eligible = graph.index('registry.legacy-eligible', heads, (entry) => (legacyNames(entry).length > 0 ? ['all'] : []));
  const legacyAddresses = graph.derive(
    'registry.legacy-addresses',
    inputs.settings,
    ({ vip }, _, read) => {
      if (vip !== 'legacy') return [];
      const entries = [...read.lookup(eligible, 'all')].map((key) => read.get(heads, key)!);
      return allocateLegacy(legacyOrder(entries));
    },
    structural,
  );
  const external = graph.derive(
    'registry.external',
    heads,
    withDefaults((entry, defaults, read) =>
      servicesOfEntry(entry, {
        defaults,
        namespace: namespaceOf(read, entry.key.namespace),
        ...(defaults.vip === 'legacy' && { legacyAddresses: (place) => read.get(legacyAddresses, place) ?? [] }),
        ...(defaults.vip === 'ledger' && { grantedAddresses: (host) => read.get(granted, host)?.addresses ?? [] }),
      }).map((service) => [service.key, service] as const),
    ),
    structural,
  );
  const kubernetes = graph.derive(
    'registry.kubernetes',
    inputs.services,
    withDefaults((object, defaults, read) => {
      const service = serviceOfKubernetes(object, defaults, namespaceOf(read, object.key.namespace));
      return [[service.key, service]];
    }),
    structural,
  );
  return graph.union('registry.services', external, kubernetes);
}
