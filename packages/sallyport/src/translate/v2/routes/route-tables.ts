import { type Collection, type Graph, type Read, structural } from '../../../collection/index.ts';
import {
  byAge,
  type ConfigObject,
  type GlooSelector,
  type HeaderManipulationPolicySpec,
  type Issue,
  objectId,
  type RouteTableSpec,
} from '../../../model/index.ts';
import type { TranslateInputs, Translation } from '../../types.ts';
import { type Destination, isSelected } from '../destination.ts';
import { doorHost, subsetFor } from '../gateways/egress.ts';
import type { AroundRoutes } from '../routes-tables.ts';
import type { RouteTable } from './flatten.ts';
import { gatewayCopies } from './gateway-copies.ts';
import { inForce, isAcceptable, planTable, type RoutePlan } from './plan.ts';
import { ROUTE_POLICIES, type RoutePolicy } from './policies/index.ts';
import { sharesOf } from './shares.ts';
import { subsetRules } from './subset-rules.ts';
import { type Resolve, resolveTarget, type Target } from './target.ts';
import { type Copy, sidecarServices } from './virtual-service.ts';

/** The place of what asks for no label. */
const ANY = 'all';

export interface RouteTables {
  /** Root tables as they are in force. */
  readonly plans: Collection<RoutePlan>;
  /** Tables that are to be remembered, see {@link TranslateInputs.acceptedRoutes}. */
  readonly accepted: Collection<RoutePlan>;
  readonly translations: readonly Collection<Translation>[];
}

/** RouteTables with the policies on their routes (spec/gloo.md 2.6, 2.9). */
export function buildRouteTables(
  graph: Graph,
  inputs: TranslateInputs,
  { workspaces, gateways, services }: AroundRoutes,
): RouteTables {
  const tables = inputs.gloo<RouteTableSpec>('RouteTable');
  const settingsOf = (read: Read) => read.get(inputs.settings, 'settings');

  // Who sees which table, so that a selector finds tables by the first thing it asks for.
  const views = graph.derive<RouteTable, { readonly viewer: string; readonly owner: string; readonly table: RouteTable }>(
    'translate.routes.views',
    tables,
    (table, id, read) => {
      const viewers = workspaces.viewersOf(read, table);
      return viewers.map((viewer) => [`${viewer}\n${id}`, { viewer, owner: viewers[0]!, table }] as const);
    },
    structural,
  );
  const viewsAt = graph.index('translate.routes.views-at', views, ({ viewer, table }) =>
    placesOfTable(table).map((place) => `${viewer}\n${place}`),
  );
  const select = (read: Read, viewer: string, selector: GlooSelector, cluster: string): readonly RouteTable[] =>
    [...read.lookup(viewsAt, `${viewer}\n${placeOf(selector)}`)]
      .map((key) => read.get(views, key)!)
      .filter(({ table, owner }) => isSelected({ object: table, owner }, selector, cluster))
      .map(({ table }) => table)
      .sort(byAge);

  const policies = graph.union(
    'translate.routes.policies',
    ...ROUTE_POLICIES.map((kind) => inputs.gloo<RoutePolicy['spec']>(kind)),
  );
  const placed = graph.derive<RoutePolicy, { readonly workspace: string; readonly policy: RoutePolicy }>(
    'translate.routes.placed-policies',
    policies,
    (policy, id, read) => {
      const workspace = workspaces.ofNamespace(read, policy.key.namespace);
      return workspace === undefined ? [] : [[id, { workspace, policy }]];
    },
    structural,
  );
  const policiesAt = graph.index('translate.routes.policies-at', placed, ({ workspace, policy }) =>
    placesOfPolicy(policy).map((place) => `${workspace}\n${place}`),
  );

  /** Calls to a port that leaves through gateways are led there, so that no route is a way around them. */
  const through = (read: Read, { kind, object }: Destination, port: number, host: string): Target['leads'] => {
    const settings = settingsOf(read);
    if (kind !== 'EXTERNAL_SERVICE' || settings === undefined) return [];
    const doors = read.get(gateways.egress, objectId(object.key))?.ports.find(({ number }) => number === port)?.doors ?? [];
    const shares = sharesOf(doors.map(() => undefined));
    return doors.map((door, i) => ({
      destination: {
        host: doorHost(door, settings.clusterDomain),
        port: { number: door.port },
        subset: subsetFor(host, door.port),
      },
      share: shares[i]!,
    }));
  };

  const drafts = graph.derive<RouteTable, RoutePlan>(
    'translate.routes.drafts',
    tables,
    (table, id, read) => {
      const cluster = settingsOf(read)?.cluster;
      const workspace = workspaces.ofNamespace(read, table.key.namespace);
      if (cluster === undefined || workspace === undefined || (table.spec.hosts ?? []).length === 0) return [];
      const home = (namespace: string) => workspaces.ofNamespace(read, namespace) ?? workspace;
      const resolver =
        (isOut: boolean): Resolve =>
        (reference, from) => {
          const viewer = home(from.namespace);
          return resolveTarget(reference, from, {
            ...{ cluster, workspace: viewer },
            find: (kind, namespace, name) => services.search.get(read, viewer, kind, namespace, name),
            through: (destination, port, host) => (isOut ? through(read, destination, port, host) : []),
          });
        };
      const plan = planTable(table, {
        workspace,
        select: (selector, from) => select(read, home(from.key.namespace), selector, cluster),
        resolve: { sidecars: resolver(true), gateways: resolver(false) },
        homeOf: ({ table: { key, labels }, route }) => {
          const of = home(key.namespace);
          const places = [ANY, ...[...Object.entries(labels), ...Object.entries(route.labels ?? {})].map(placeOfLabel)];
          const ids = new Set(places.flatMap((place) => [...read.lookup(policiesAt, `${of}\n${place}`)]));
          return { workspace: of, cluster, policies: [...ids].map((one) => read.get(placed, one)!.policy) };
        },
      });
      return [[id, plan]];
    },
    structural,
  );

  const accepted = graph.derive<RoutePlan, RoutePlan>('translate.routes.accepted', drafts, (plan, id) =>
    isAcceptable(plan) ? [[id, plan]] : [],
  );
  const plans = graph.derive<RoutePlan, RoutePlan>(
    'translate.routes.plans',
    drafts,
    (plan, id, read) => [[id, inForce(plan, read.get(inputs.acceptedRoutes, id))]],
    structural,
  );

  /** Namespaces whose sidecars have a table: those of every workspace that sees it (spec/gloo.md 2.6). */
  const copiesOf = (read: Read, table: RouteTable): readonly Copy[] => {
    const cluster = settingsOf(read)?.cluster ?? '';
    const copies = workspaces.explicit(read);
    return workspaces.viewersOf(read, table).flatMap((workspace) => {
      const namespaces = copies ? workspaces.namespacesOf(read, workspace) : [table.key.namespace];
      return namespaces.map((namespace) => ({ cluster, workspace, namespace, copies }));
    });
  };
  const sidecars = graph.derive<RoutePlan, Translation>(
    'translate.routes.sidecars',
    plans,
    ({ table, sidecars: side }, id, read) =>
      side === undefined
        ? []
        : copiesOf(read, table).map(
            (copy) =>
              [
                `${id}\nsidecars\n${copy.workspace}\n${copy.namespace}`,
                { objects: sidecarServices(table, side, copy), issues: [] },
              ] as const,
          ),
    structural,
  );
  const atGateways = graph.derive<RoutePlan, Translation>(
    'translate.routes.gateways',
    plans,
    (plan, id, read) => {
      if (plan.gateways === undefined) return [];
      const made = gatewayCopies(plan.table, plan.gateways, {
        cluster: settingsOf(read)?.cluster ?? '',
        copies: workspaces.explicit(read),
        viewers: workspaces.viewersOf(read, plan.table),
        workspace: plan.workspace,
        gateway: (key) => read.get(gateways.plans, objectId(key)),
      });
      return [[`${id}\ngateways`, made]];
    },
    structural,
  );
  const said = graph.derive<RoutePlan, Translation>('translate.routes.findings', plans, ({ issues }, id) =>
    issues.length === 0 ? [] : [[`${id}\nsaid`, { objects: [], issues }]],
  );
  const subsets = subsetRules(graph, plans, copiesOf);

  const holding = graph.index('translate.routes.plans-by-policy', plans, (plan) => plan.held);
  const losing = graph.index('translate.routes.plans-by-lost-policy', plans, (plan) => plan.lost);
  const idle = graph.derive<RoutePolicy, Translation>(
    'translate.routes.idle-policies',
    policies,
    (policy, id, read) => {
      if (read.lookup(holding, id).size > 0) return [];
      return [[`${id}\nidle`, { objects: [], issues: [idlePolicy(policy, read.lookup(losing, id).size > 0)] }]];
    },
    structural,
  );
  return { plans, accepted, translations: [sidecars, atGateways, said, subsets, idle] };
}

function placesOfTable({ key, labels }: ConfigObject): string[] {
  return [ANY, `name ${key.name}`, ...Object.entries(labels).map(placeOfLabel)];
}

function placeOf({ name = '', labels = {} }: GlooSelector): string {
  if (name !== '') return `name ${name}`;
  const [first] = Object.entries(labels);
  return first === undefined ? ANY : placeOfLabel(first);
}

/** Where routes look for policies: by one label that these ask for, or among those that ask for none. */
function placesOfPolicy({ spec }: RoutePolicy): readonly string[] {
  const { applyToRoutes = [], applyToRouteDestinations = [] } = spec as HeaderManipulationPolicySpec;
  const asked = [...applyToRoutes, ...applyToRouteDestinations].map(({ route }) => Object.entries(route?.labels ?? {})[0]);
  return asked.length === 0 ? [ANY] : [...new Set(asked.map((label) => (label === undefined ? ANY : placeOfLabel(label))))];
}

const placeOfLabel = (label: readonly [string, string]): string => `label ${label.join('=')}`;

/** A policy that holds nowhere. `lost`: older ones hold wherever it would. */
function idlePolicy({ key }: RoutePolicy, lost: boolean): Issue {
  const at = { object: key, field: ['spec', 'applyToRoutes'] };
  if (lost)
    return {
      ...{ code: 'SHADOWED', severity: 'error', ...at },
      message: `on every route that is selected an older ${key.kind} holds, so that this one does nothing`,
      hint: 'select other routes, or write both into one policy',
    };
  return {
    ...{ code: 'SELECTS_NOTHING', severity: 'warning', ...at },
    message: 'the policy is for no route: policies take effect on routes of RouteTables only',
    hint: 'mend the labels, or make a RouteTable for the host',
  };
}
