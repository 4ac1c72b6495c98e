import type {
  ConfigObject,
  GlooSelector,
  GlooWorkloadSelector,
  HttpMatchRequest,
  Issue,
  RouteTableHttp,
  RouteTableSpec,
} from '../../../model/index.ts';
import { objectId } from '../../../model/index.ts';
import { bothMatch, matchOf } from './matcher.ts';
import { routeNames } from './names.ts';
import { bySpecificity } from './specificity.ts';

export type RouteTable = ConfigObject<RouteTableSpec>;
export type Labels = Readonly<Record<string, string>>;

/** One http route with everything that tables above it ask for too. */
export interface FlatRoute {
  readonly table: RouteTable;
  /** Its place in `spec.http` of its table. */
  readonly index: number;
  readonly route: RouteTableHttp;
  /** `<route>-<table>`; absent where the route has no name. */
  readonly name?: string;
  /** Empty: every request. */
  readonly matches: readonly HttpMatchRequest[];
  /** Labels of the sidecars it is for; empty: all of the workspace. */
  readonly workloads: readonly Labels[];
  readonly weight: number;
  /** Set on a route that cannot be carried out: it answers 500. */
  readonly broken?: true;
}

export interface Flattened {
  readonly routes: readonly FlatRoute[];
  readonly issues: readonly Issue[];
}

/** Tables that a delegating route may mean: those its workspace owns or imports, oldest first. */
export type SelectTables = (selector: GlooSelector, from: RouteTable) => readonly RouteTable[];

/** Tables in tables in tables: more than anybody reads. */
const DEEPEST = 16;
/** As many as Gloo accepts in one table. */
const MOST_ROUTES = 10_000;

/**
 * The routes of a table and of all tables that it delegates to, in the order in which they are tried (spec/gloo.md 2.6).
 * A route that cannot be carried out stays in its place, and answers 500.
 */
export function flatten(root: RouteTable, select: SelectTables): Flattened {
  return flattenTable(root, select, []);
}

function flattenTable(table: RouteTable, select: SelectTables, above: readonly RouteTable[]): Flattened {
  const issues: Issue[] = [];
  const all = table.spec.http ?? [];
  const names = routeNames(all.map(({ name }) => name));
  const routes = all.flatMap((route, index): readonly FlatRoute[] => {
    const matches: HttpMatchRequest[] = [];
    const contradictions: string[] = [];
    for (const matcher of route.matchers ?? []) {
      const one = matchOf(matcher);
      if ('conflict' in one) contradictions.push(one.conflict);
      else matches.push(one.match);
    }
    const name = names[index];
    const own: FlatRoute = {
      ...{ table, index, route, matches, weight: table.spec.weight ?? 0 },
      ...(name !== undefined && { name: `${name}-${table.key.name}` }),
      workloads: labelsOf(table.spec.workloadSelectors),
    };
    if (contradictions.length > 0) {
      const field = ['spec', 'http', index, 'matchers'];
      issues.push(
        untranslatable(
          table,
          field,
          `one condition cannot be both ${contradictions[0]}`,
          'Envoy matches a header once; write one regex',
        ),
      );
      // Without a matcher that can be written, nothing can be answered in its place either.
      return matches.length === 0 ? [] : [own];
    }
    if (route.delegate === undefined) return [own];
    const made = delegated(own, select, [...above, table]);
    issues.push(...made.issues);
    return made.routes;
  });
  return { routes, issues };
}

/** What a delegating route stands for: the routes of the tables it selects, or a 500 in its place. */
function delegated(parent: FlatRoute, select: SelectTables, above: readonly RouteTable[]): Flattened {
  const { table, index, route } = parent;
  const field = ['spec', 'http', index, 'delegate'];
  const refuse = (issue: Issue): Flattened => ({ routes: [{ ...parent, broken: true }], issues: [issue] });
  if (above.length > DEEPEST)
    return refuse(
      untranslatable(table, field, `tables are delegated to more than ${DEEPEST} deep`, 'put the routes into fewer tables'),
    );
  const { routeTables = [], sortMethod = 'TABLE_WEIGHT' } = route.delegate ?? {};
  const selected = new Map<string, RouteTable>();
  for (const [s, selector] of routeTables.entries()) {
    const found = select(selector, table);
    const circle = found.find((one) => above.some((other) => objectId(other.key) === objectId(one.key)));
    if (circle !== undefined) {
      const path = [...above, circle].map(({ key }) => key.name).join(' → ');
      return refuse(
        untranslatable(
          table,
          [...field, 'routeTables', s],
          `the tables delegate in a circle: ${path}`,
          'leave one of the tables out',
        ),
      );
    }
    for (const one of found) if ((one.spec.hosts ?? []).length === 0) selected.set(objectId(one.key), one);
  }
  if (selected.size === 0)
    return refuse({
      ...{ code: 'DANGLING_REFERENCE', severity: 'error', object: table.key, field: [...field, 'routeTables'] },
      message: 'no table without hosts is selected that this workspace owns or imports',
      hint: 'mend name or labels; a table that others delegate to has no `hosts`',
    });
  const children = [...selected.values()].sort((a, b) => (b.spec.weight ?? 0) - (a.spec.weight ?? 0));
  const issues: Issue[] = [];
  const routes: FlatRoute[] = [];
  for (const child of children) {
    const flat = flattenTable(child, select, above);
    issues.push(...flat.issues);
    if (routes.length + flat.routes.length > MOST_ROUTES)
      return refuse(untranslatable(table, field, `more than ${MOST_ROUTES} routes are delegated to`, 'select fewer tables'));
    for (const leaf of flat.routes) {
      const matches = bothLists(parent.matches, leaf.matches);
      if (typeof matches === 'string')
        return refuse(
          untranslatable(
            table,
            ['spec', 'http', index, 'matchers'],
            `no request fits both this route and ${placeOf(leaf)}: ${matches}`,
            'widen the matchers of one of them',
          ),
        );
      const workloads = bothWorkloads(parent.workloads, leaf.workloads);
      if (workloads === undefined)
        issues.push(
          untranslatable(
            leaf.table,
            ['spec', 'workloadSelectors'],
            `no workload has both these labels and those that ${table.key.name} asks for`,
            'a child table can only add labels',
          ),
        );
      routes.push({
        ...leaf,
        matches,
        workloads: workloads ?? parent.workloads,
        ...(workloads === undefined && { broken: true }),
      });
    }
  }
  return { routes: sortMethod === 'ROUTE_SPECIFICITY' ? bySpecificity(routes) : routes, issues };
}

/** Every pair that fits together; why not, where none does. */
function bothLists(
  parent: readonly HttpMatchRequest[],
  child: readonly HttpMatchRequest[],
): readonly HttpMatchRequest[] | string {
  if (parent.length === 0 || child.length === 0) return parent.length === 0 ? child : parent;
  const both = parent.flatMap((a) => child.map((b) => bothMatch(a, b)));
  const fitting = both.flatMap((one) => ('match' in one ? [one.match] : []));
  return fitting.length > 0 ? fitting : both.flatMap((one) => ('conflict' in one ? [one.conflict] : [])).join('; ');
}

function bothWorkloads(parent: readonly Labels[], child: readonly Labels[]): readonly Labels[] | undefined {
  if (parent.length === 0 || child.length === 0) return parent.length === 0 ? child : parent;
  const both = parent.flatMap((a) => child.flatMap((b) => (agree(a, b) ? [{ ...a, ...b }] : [])));
  return both.length > 0 ? both : undefined;
}

const agree = (a: Labels, b: Labels): boolean => Object.entries(a).every(([name, value]) => (b[name] ?? value) === value);

/** Labels of each selector; one without labels means every workload. */
export function labelsOf(selectors: readonly GlooWorkloadSelector[] | undefined): readonly Labels[] {
  const all = (selectors ?? []).map(({ selector }) => selector?.labels ?? {});
  return all.some((labels) => Object.keys(labels).length === 0) ? [] : all;
}

function placeOf({ table, index }: FlatRoute): string {
  return `RouteTable ${table.key.namespace}/${table.key.name} http[${index}]`;
}

function untranslatable({ key }: RouteTable, field: Issue['field'], message: string, hint: string): Issue {
  return { code: 'UNTRANSLATABLE', severity: 'error', object: key, ...(field !== undefined && { field }), message, hint };
}
