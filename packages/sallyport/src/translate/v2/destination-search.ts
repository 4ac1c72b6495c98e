import type { Collection, Graph, Index, Read } from '../../collection/index.ts';
import type { DestinationKind, GlooSelector } from '../../model/index.ts';
import type { TranslateInputs } from '../types.ts';
import { type Destination, destinationKey, destinationPlaces, isSelected, selectorPlace } from './destination.ts';
import { type ServiceObject, serviceDestination } from './kubernetes-service.ts';
import type { Workspaces } from './workspace-tables.ts';

/** Finds what a workspace sees: by name, for references, and by selector. */
export interface DestinationSearch {
  /** The same search, and one more table. */
  with(kind: DestinationKind, table: Collection<Destination>): DestinationSearch;
  get(read: Read, viewer: string, kind: DestinationKind, namespace: string, name: string): Destination | undefined;
  /** All that are meant, by namespace and name. */
  find(read: Read, viewer: string, kind: DestinationKind, selector: GlooSelector | undefined): readonly Destination[];
}

type Tables = Readonly<
  Partial<Record<DestinationKind, { readonly table: Collection<Destination>; readonly places: Index<Destination> }>>
>;

/**
 * Finds Kubernetes Services, and what is added. Services are no rows of any table: a mesh has many, and few of them are ever referred to by
 * a Gloo object.
 */
export function buildSearch(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces): DestinationSearch {
  const servicesByNamespace = graph.index('translate.v2.services-by-namespace', inputs.services, ({ key }) => [key.namespace]);

  const service = (read: Read, viewer: string, id: string): Destination | undefined => {
    const object: ServiceObject | undefined = read.get(inputs.services, id);
    const settings = read.get(inputs.settings, 'settings');
    if (object === undefined || settings === undefined) return undefined;
    const viewers = workspaces.viewersOf(read, object);
    return viewers.includes(viewer) ? serviceDestination(object, viewers[0]!, viewer, settings.clusterDomain) : undefined;
  };

  return searchIn({});

  function searchIn(tables: Tables): DestinationSearch {
    return {
      with: (kind, table) => {
        const places = graph.index(`translate.v2.places.${kind}`, table, (row) =>
          destinationPlaces(row).map((place) => `${row.viewer}\n${place}`),
        );
        return searchIn({ ...tables, [kind]: { table, places } });
      },
      get: (read, viewer, kind, namespace, name) => {
        if (kind === 'SERVICE') return service(read, viewer, `Service/${namespace}/${name}`);
        const table = tables[kind]?.table;
        return table === undefined ? undefined : read.get(table, destinationKey(viewer, kind, namespace, name));
      },
      find: (read, viewer, kind, selector) => {
        const cluster = read.get(inputs.settings, 'settings')?.cluster ?? '';
        const among = tables[kind];
        const found: (Destination | undefined)[] = [];
        if (kind === 'SERVICE') {
          const namespace = selector?.namespace ?? '';
          const places =
            namespace === ''
              ? workspaces.sourcesOf(read, viewer).flatMap((one) => workspaces.namespacesOf(read, one))
              : [namespace];
          for (const place of places)
            for (const id of [...read.lookup(servicesByNamespace, place)].sort()) found.push(service(read, viewer, id));
        } else if (among !== undefined)
          for (const key of [...read.lookup(among.places, `${viewer}\n${selectorPlace(selector)}`)].sort())
            found.push(read.get(among.table, key));
        return found.filter((one) => one !== undefined).filter((one) => isSelected(one, selector, cluster));
      },
    };
  }
}
