import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import type { DestinationKind, Issue } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { claimsOf, lostTo } from './contest.ts';
import { type Destination, destinationKey } from './destination.ts';
import { buildDestinationRules } from './destination-rule-tables.ts';
import type { EndpointObject } from './external-endpoint.ts';
import { type ExternalServiceObject, type ResolvedService, resolveExternalService } from './external-service.ts';
import { type Copy, externalEntry } from './service-entry.ts';
import type { Workspaces } from './workspace-tables.ts';

/** What RouteTables and gateways read of destinations. */
export interface Services {
  readonly translations: readonly Collection<Translation>[];
  /**
   * The destination that a reference of an object in a namespace of workspace `viewer` means, if the workspace owns it or has imported
   * it: an ExternalService in force, a VirtualDestination, or a Kubernetes Service.
   */
  destinationOf(read: Read, viewer: string, kind: DestinationKind, namespace: string, name: string): Destination | undefined;
  /** ExternalServices in force by {@link destinationKey}: one row for each workspace that sees one. */
  readonly external: Collection<Destination>;
}

/** An ExternalService with what it refers to, and who sees it, the owner first. */
interface Seen extends ResolvedService {
  readonly viewers: readonly string[];
}

/** ExternalService and ExternalEndpoint, what policies do to destinations, VirtualDestination (spec/gloo.md 2.2–2.5, 2.8, 2.9). */
export function buildServices(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces): Services {
  const services = inputs.gloo<ExternalServiceObject['spec']>('ExternalService');
  const endpoints = placedEndpoints(graph, inputs, workspaces);

  const seen = graph.derive<ExternalServiceObject, Seen>(
    'translate.v2.external-services',
    services,
    (object, id, read) => {
      const viewers = workspaces.viewersOf(read, object);
      const [owner] = viewers;
      const cluster = read.get(inputs.settings, 'settings')?.cluster;
      if (owner === undefined || cluster === undefined) return [];
      const selected = endpoints.selected(read, owner, object.spec.selector ?? {});
      return [[id, { viewers, ...resolveExternalService(object, selected, cluster) }]];
    },
    structural,
  );
  const views = graph.derive<Seen, Destination>(
    'translate.v2.external-views',
    seen,
    ({ viewers, destination }) =>
      destination === undefined
        ? []
        : viewers.map((viewer): [string, Destination] => {
            const { key } = destination.object;
            const { object, hosts, ports } = destination;
            const row = {
              kind: 'EXTERNAL_SERVICE',
              object,
              owner: viewers[0]!,
              viewer,
              hosts,
              ports,
              external: destination,
            } as const;
            return [destinationKey(viewer, 'EXTERNAL_SERVICE', key.namespace, key.name), row];
          }),
    structural,
  );
  const claims = graph.index('translate.v2.external-claims', views, (view) =>
    claimsOf(view).map((claim) => `${view.viewer}\n${claim}`),
  );
  const contests = graph.derive<Destination, { readonly destination: Destination; readonly lost?: Issue }>(
    'translate.v2.external-contests',
    views,
    (destination, key, read) => {
      const rivals = new Set(
        claimsOf(destination).flatMap((claim) => [...read.lookup(claims, `${destination.viewer}\n${claim}`)]),
      );
      rivals.delete(key);
      const lost =
        rivals.size === 0
          ? undefined
          : lostTo(
              destination,
              [...rivals].map((rival) => read.get(views, rival)!),
            );
      return [[key, { destination, ...(lost !== undefined && { lost }) }]];
    },
    structural,
  );
  const external = graph.derive<{ readonly destination: Destination; readonly lost?: Issue }, Destination>(
    'translate.v2.external-destinations',
    contests,
    ({ destination, lost }, key) => (lost === undefined ? [[key, destination]] : []),
  );

  const copiesOf = (read: Read, { viewer, object }: Destination): readonly Copy[] => {
    const cluster = read.get(inputs.settings, 'settings')?.cluster ?? '';
    const copies = workspaces.explicit(read);
    const namespaces = copies ? workspaces.namespacesOf(read, viewer) : [object.key.namespace];
    return namespaces.map((namespace) => ({ cluster, namespace, workspace: viewer, copies }));
  };
  const entries = graph.derive<Destination, Translation>(
    'translate.v2.external-entries',
    external,
    (destination, key, read) => [
      [
        `ServiceEntry of ${key}`,
        { objects: copiesOf(read, destination).map((copy) => externalEntry(destination.external!, copy)), issues: [] },
      ],
    ],
    structural,
  );
  const said = graph.derive<Seen, Translation>('translate.v2.external-findings', seen, ({ issues }, id) =>
    issues.length === 0 ? [] : [[`said of ${id}`, { objects: [], issues }]],
  );
  const conflicts = graph.derive<{ readonly lost?: Issue }, Translation>(
    'translate.v2.external-conflicts',
    contests,
    ({ lost }, key) => (lost === undefined ? [] : [[`said of ${key}`, { objects: [], issues: [lost] }]]),
  );
  const rules = buildDestinationRules(graph, inputs, workspaces, { destinations: external, copiesOf });
  return {
    translations: [entries, said, conflicts, ...rules],
    external,
    destinationOf: (read, viewer, kind, namespace, name) => {
      if (kind === 'EXTERNAL_SERVICE') return read.get(external, destinationKey(viewer, kind, namespace, name));
      return undefined;
    },
  };
}

/** ExternalEndpoints by the workspace that reads them, and by their labels. */
function placedEndpoints(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces) {
  const objects = inputs.gloo<EndpointObject['spec']>('ExternalEndpoint');
  const placed = graph.derive<EndpointObject, { readonly workspace: string; readonly object: EndpointObject }>(
    'translate.v2.endpoints',
    objects,
    (object, id, read) => {
      const workspace = workspaces.ofNamespace(read, object.key.namespace);
      return workspace === undefined ? [] : [[id, { workspace, object }]];
    },
    structural,
  );
  const byLabel = graph.index('translate.v2.endpoints-by-label', placed, ({ workspace, object }) =>
    Object.entries(object.labels).map((label) => `${workspace}\n${label.join('=')}`),
  );
  return {
    /** Endpoints of a workspace that have all the labels, by namespace and name. An empty selector selects none. */
    selected: (read: Read, workspace: string, selector: Readonly<Record<string, string>>): readonly EndpointObject[] => {
      const [first, ...others] = Object.entries(selector).sort();
      if (first === undefined) return [];
      return [...read.lookup(byLabel, `${workspace}\n${first.join('=')}`)]
        .sort()
        .map((id) => read.get(placed, id)!.object)
        .filter(({ labels }) => others.every(([name, value]) => labels[name] === value));
    },
  };
}
