import { canonicalJson } from '../../../lib/json.ts';
import type { Issue } from '../../../model/index.ts';
import { type BuiltRoute, buildRoute } from './action.ts';
import type { Home } from './attach.ts';
import { type FlatRoute, flatten, type RouteTable, type SelectTables } from './flatten.ts';
import { l4Routes } from './l4.ts';
import { govern, type RoutePolicy } from './policies/index.ts';
import type { Resolve } from './target.ts';
import { isForSidecars, narrowedIssue, type Side, sidecarHosts } from './virtual-service.ts';

/** A root table with everything that it says looked up. */
export interface RoutePlan {
  readonly table: RouteTable;
  readonly workspace: string;
  readonly sidecars?: Side;
  readonly gateways?: Side;
  readonly issues: readonly Issue[];
  /** Ids of policies that hold for one of its routes, and of those that an older one keeps away from one. */
  readonly held: readonly string[];
  readonly lost: readonly string[];
}

/** What a table reads of others. */
export interface AroundTable {
  readonly workspace: string;
  readonly select: SelectTables;
  /** References as sidecars and as gateways follow them. */
  readonly resolve: Readonly<Record<'sidecars' | 'gateways', Resolve>>;
  /** The workspace of a route, and the policies in it that may be for the route: an imported table brings its own. */
  readonly homeOf: (flat: FlatRoute) => Home & { readonly policies: readonly RoutePolicy[] };
}

export function planTable(table: RouteTable, around: AroundTable): RoutePlan {
  const { routes, issues } = flatten(table, around.select);
  const said: Issue[] = [...issues];
  const held = new Set<string>();
  const lost = new Set<string>();
  const sideFor = (proxies: 'sidecars' | 'gateways'): Side => {
    const resolve = around.resolve[proxies];
    const http = routes.map((flat): BuiltRoute => {
      const { built, issues: found } = buildRoute(flat, resolve);
      const { policies: offered, ...home } = around.homeOf(flat);
      const governed = govern(built, offered, home, resolve);
      said.push(...found, ...governed.issues);
      for (const id of governed.held) held.add(id);
      for (const id of governed.lost) lost.add(id);
      return governed.built;
    });
    const l4 = l4Routes(table, resolve);
    said.push(...l4.issues);
    return { http, l4 };
  };
  const sidecars = isForSidecars(table) ? sideFor('sidecars') : undefined;
  const gateways = (table.spec.virtualGateways ?? []).length > 0 ? sideFor('gateways') : undefined;
  if (sidecars !== undefined) {
    const { hosts, narrowed } = sidecarHosts(table, sidecars);
    if (narrowed) said.push(narrowedIssue(table, hosts));
  }
  return {
    ...{ table, workspace: around.workspace },
    ...(sidecars !== undefined && { sidecars }),
    ...(gateways !== undefined && { gateways }),
    issues: [...new Map(said.map((issue) => [canonicalJson(issue), issue])).values()],
    held: [...held].sort(),
    lost: [...lost].sort(),
  };
}

/** Whether something that the table or its children say cannot be carried out. */
function isBroken({ issues }: RoutePlan): boolean {
  return issues.some(({ severity, object }) => severity === 'error' && object?.kind === 'RouteTable');
}

/** A table that is to stay as it was as long as anything in it is wrong, and nothing is (spec/gloo.md 2.6, FREEZE_CONFIG). */
export function isAcceptable(plan: RoutePlan): boolean {
  return plan.table.spec.failureMode === 'FREEZE_CONFIG' && !isBroken(plan);
}

/** The plan in force: `accepted`, the last one that was acceptable, in place of one that must not replace it. */
export function inForce(plan: RoutePlan, accepted: RoutePlan | undefined): RoutePlan {
  if (plan.table.spec.failureMode !== 'FREEZE_CONFIG' || !isBroken(plan)) return plan;
  const said: Issue = {
    ...{ code: 'INEFFECTIVE', severity: 'warning', object: plan.table.key, field: ['spec', 'failureMode'] },
    message:
      accepted === undefined
        ? 'no version of the table has been accepted yet, so that routes which cannot be carried out answer 500'
        : 'the table stays as it was last accepted, until what is wrong in it is mended',
    hint: 'mend the errors on the table and those it delegates to',
  };
  return { ...(accepted ?? plan), issues: [...plan.issues, said] };
}
