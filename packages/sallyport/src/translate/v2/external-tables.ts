import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import type { Issue } from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import { claimsOf, lostTo } from './contest.ts';
import type { CopiesOf } from './copies.ts';
import { type Destination, destinationKey } from './destination.ts';
import type { EndpointObject } from './external-endpoint.ts';
import { type ExternalServiceObject, type ResolvedService, resolveExternalService } from './external-service.ts';
import type { Gateways } from './gateways/gateway-tables.ts';
import { externalEntry } from './service-entry.ts';
import type { Workspaces } from './workspace-tables.ts';

/** An ExternalService with what it refers to, and who sees it, the owner first. */
interface Seen extends ResolvedService {
  readonly viewers: readonly string[];
}

interface Contest {
  readonly destination: Destination;
  /** Why the viewer does not get it. */
  readonly lost?: Issue;
}

export interface External {
  /** ExternalServices in force, by `destinationKey`: one row for each workspace that sees one. */
  readonly external: Collection<Destination>;
  readonly translations: readonly Collection<Translation>[];
}

interface AroundExternal {
  readonly workspaces: Workspaces;
  /** They add ports to services whose calls leave through them. */
  readonly gateways: Gateways;
  readonly copiesOf: CopiesOf;
}

/** ExternalServices and ExternalEndpoints: one ServiceEntry for each workspace and namespace that sees one (spec/gloo.md 2.2–2.5). */
export function buildExternal(
  graph: Graph,
  inputs: TranslateInputs,
  { workspaces, gateways, copiesOf }: AroundExternal,
): External {
  const services = inputs.gloo<ExternalServiceObject['spec']>('ExternalService');
  const selectedEndpoints = buildEndpoints(graph, inputs, workspaces);

  const seen = graph.derive<ExternalServiceObject, Seen>(
    'translate.v2.external-services',
    services,
    (object, id, read) => {
      const viewers = workspaces.viewersOf(read, object);
      const [owner] = viewers;
      const cluster = read.get(inputs.settings, 'settings')?.cluster;
      if (owner === undefined || cluster === undefined) return [];
      const selected = selectedEndpoints(read, owner, object.spec.selector ?? {});
      return [[id, { viewers, ...resolveExternalService(object, selected, cluster) }]];
    },
    structural,
  );
  const views = graph.derive<Seen, Destination>('translate.v2.external-views', seen, viewsOf, structural);
  const claims = graph.index('translate.v2.external-claims', views, (view) =>
    claimsOf(view).map((claim) => `${view.viewer}\n${claim}`),
  );
  const contests = graph.derive<Destination, Contest>(
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
  const external = graph.derive<Contest, Destination>(
    'translate.v2.external-destinations',
    contests,
    ({ destination, lost }, key) => (lost === undefined ? [[key, destination]] : []),
    structural,
  );
  const entries = graph.derive<Destination, Translation>(
    'translate.v2.external-entries',
    external,
    (destination, key, read) => {
      const objects = copiesOf(read, destination).map((copy) =>
        externalEntry(destination.external!, copy, gateways.entryPorts(read, destination.object, copy)),
      );
      return [[`ServiceEntry of ${key}`, { objects, issues: [] }]];
    },
    structural,
  );
  const findings = graph.derive<Seen, Translation>('translate.v2.external-findings', seen, ({ issues }, id) =>
    issues.length === 0 ? [] : [[`said of ${id}`, { objects: [], issues }]],
  );
  const conflicts = graph.derive<Contest, Translation>('translate.v2.external-conflicts', contests, ({ lost }, key) =>
    lost === undefined ? [] : [[`said of ${key}`, { objects: [], issues: [lost] }]],
  );
  return { external, translations: [entries, findings, conflicts] };
}

function* viewsOf({ viewers, destination }: Seen): Iterable<readonly [string, Destination]> {
  if (destination === undefined) return;
  const { object, hosts, ports } = destination;
  const { namespace, name } = object.key;
  for (const viewer of viewers) {
    const row = { kind: 'EXTERNAL_SERVICE', object, owner: viewers[0]!, viewer, hosts, ports, external: destination } as const;
    yield [destinationKey(viewer, 'EXTERNAL_SERVICE', namespace, name), row];
  }
}

/** Endpoints of a workspace that have all the labels, by namespace and name. An empty selector selects none. */
type SelectedEndpoints = (read: Read, workspace: string, selector: Readonly<Record<string, string>>) => readonly EndpointObject[];

function buildEndpoints(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces): SelectedEndpoints {
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
  return (read, workspace, selector) => {
    const [first, ...others] = Object.entries(selector).sort();
    if (first === undefined) return [];
    return [...read.lookup(byLabel, `${workspace}\n${first.join('=')}`)]
      .sort()
      .map((id) => read.get(placed, id)!.object)
      .filter(({ labels }) => others.every(([name, value]) => labels[name] === value));
  };
}
