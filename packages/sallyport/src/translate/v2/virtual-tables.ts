import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import { byAge, objectId } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { uniqueIp, uniqueIpAmong } from '../unique-ip.ts';
import { type Destination, destinationKey } from './destination.ts';
import type { DestinationSearch } from './destination-search.ts';
import type { ServiceObject } from './kubernetes-service.ts';
import {
  type Backing,
  type ResolvedVirtual,
  resolveVirtual,
  type VirtualDestinationObject,
  virtualEntry,
} from './virtual-destination.ts';
import type { Workspaces } from './workspace-tables.ts';

interface Seen extends ResolvedVirtual {
  readonly object: VirtualDestinationObject;
  readonly backing: Backing;
  readonly viewers: readonly string[];
}

export interface Virtual {
  /** VirtualDestinations by `destinationKey`: one row for each workspace that sees one. */
  readonly virtual: Collection<Destination>;
  readonly translations: readonly Collection<Translation>[];
}

/** VirtualDestinations: a host with a virtual address for what they select (spec/gloo.md 2.8). */
export function buildVirtual(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces, search: DestinationSearch): Virtual {
  const objects = inputs.gloo<VirtualDestinationObject['spec']>('VirtualDestination');
  const seen = graph.derive<VirtualDestinationObject, Seen>(
    'translate.v2.virtual-destinations',
    objects,
    (object, id, read) => {
      const viewers = workspaces.viewersOf(read, object);
      const [owner] = viewers;
      if (owner === undefined) return [];
      const external = each(object.spec.externalServices ?? [], (one) => search.find(read, owner, 'EXTERNAL_SERVICE', one));
      const services = each(object.spec.services ?? [], (one) => search.find(read, owner, 'SERVICE', one));
      const backing = { external, services: services.map((one) => one.object as ServiceObject).sort(byAge) };
      return [[id, { object, backing, viewers, ...resolveVirtual(object, backing) }]];
    },
    structural,
  );
  const virtual = graph.derive<Seen, Destination>('translate.v2.virtual-views', seen, viewsOf, structural);

  // Who would get which address, so that two who would get the same one find each other.
  const clusterOf = (read: Read): string => read.get(inputs.settings, 'settings')?.cluster ?? '';
  const vips = graph.derive<Seen, string>('translate.v2.virtual-vips', seen, ({ object }, id, read) => [
    [id, uniqueIp(...vipParts(object, clusterOf(read)))],
  ]);
  const byVip = graph.index('translate.v2.virtual-by-vip', vips, (vip) => [vip]);
  const entries = graph.derive<Seen, Translation>(
    'translate.v2.virtual-entries',
    seen,
    ({ object, backing, viewers, ports, issues }, id, read) => {
      const cluster = clusterOf(read);
      const rivals = [...read.lookup(byVip, read.get(vips, id)!)].map((key) => read.get(seen, key)!.object).sort(byAge);
      const claimants = rivals.slice(0, rivals.findIndex((one) => objectId(one.key) === id) + 1);
      const copies = workspaces.explicit(read);
      const entry = virtualEntry(object, backing, ports, {
        cluster,
        namespace: placeOf(object, backing),
        workspace: viewers[0]!,
        copies,
        vip: uniqueIpAmong(claimants.map((one) => vipParts(one, cluster))),
        ...(copies && { exportTo: [...new Set(viewers.flatMap((one) => workspaces.namespacesOf(read, one)))].sort() }),
      });
      return [[`ServiceEntry of ${id}`, { objects: entry === undefined ? [] : [entry], issues }]];
    },
    structural,
  );
  return { virtual, translations: [entries] };
}

/** Workloads are selected in the namespace of the entry that selects them. */
function placeOf(object: VirtualDestinationObject, { services }: Backing): string {
  return services[0]?.key.namespace ?? object.key.namespace;
}

function vipParts({ key }: VirtualDestinationObject, cluster: string): readonly string[] {
  return ['VirtualDestination', key.name, key.namespace, cluster];
}

/** What any of the selectors finds, each once, by namespace and name. */
function each<S>(selectors: readonly S[], find: (selector: S) => readonly Destination[]): readonly Destination[] {
  const found = new Map(selectors.flatMap(find).map((one) => [objectId(one.object.key), one]));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function* viewsOf({ object, viewers, ports, backing }: Seen): Iterable<readonly [string, Destination]> {
  const { hosts = [] } = object.spec;
  if (ports.length === 0 || hosts.length === 0) return;
  const originated = ports.flatMap(({ number, tls }) => (tls === undefined ? [] : [{ port: number, tls }]));
  for (const viewer of viewers)
    yield [
      destinationKey(viewer, 'VIRTUAL_DESTINATION', object.key.namespace, object.key.name),
      { kind: 'VIRTUAL_DESTINATION', object, owner: viewers[0]!, viewer, hosts, ports, originated, at: placeOf(object, backing) },
    ];
}
