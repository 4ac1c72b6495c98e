import type {
  ConfigObject,
  CorsPolicySpec,
  FaultInjectionPolicySpec,
  HeaderManipulationPolicySpec,
  HttpRoute,
  Issue,
  MirrorPolicySpec,
  RetryTimeoutPolicySpec,
  RouteSelector,
} from '../../../../model/index.ts';
import { byAge, objectId } from '../../../../model/index.ts';
import type { BuiltRoute, Trace } from '../action.ts';
import { type Home, isForLabels, isForRoute, isForTarget } from '../attach.ts';
import type { Resolve } from '../target.ts';
import { cors } from './cors.ts';
import type { Effect } from './effect.ts';
import { faultInjection } from './fault-injection.ts';
import { headerManipulation, headersOf, joinHeaders } from './header-manipulation.ts';
import { mirror } from './mirror.ts';
import { retryTimeout } from './retry-timeout.ts';

export const ROUTE_POLICIES = [
  'RetryTimeoutPolicy',
  'FaultInjectionPolicy',
  'HeaderManipulationPolicy',
  'MirrorPolicy',
  'CORSPolicy',
] as const;
export type RoutePolicyKind = (typeof ROUTE_POLICIES)[number];

export type RoutePolicy = ConfigObject<{ readonly applyToRoutes?: readonly RouteSelector[] }>;

interface Way {
  /** What the policy puts on a route. */
  readonly effect: (policy: RoutePolicy, resolve: Resolve) => Effect;
  /** Whether it also says something where requests are not forwarded. */
  readonly everywhere: boolean;
}

const WAYS: Readonly<Record<RoutePolicyKind, Way>> = {
  RetryTimeoutPolicy: { effect: ({ spec }) => retryTimeout(spec as RetryTimeoutPolicySpec), everywhere: false },
  FaultInjectionPolicy: { effect: ({ spec }) => faultInjection(spec as FaultInjectionPolicySpec), everywhere: false },
  HeaderManipulationPolicy: { effect: ({ spec }) => headerManipulation(spec as HeaderManipulationPolicySpec), everywhere: true },
  MirrorPolicy: { effect: ({ spec, key }, resolve) => mirror(spec as MirrorPolicySpec, key, resolve), everywhere: false },
  CORSPolicy: { effect: ({ spec }) => cors(spec as CorsPolicySpec), everywhere: true },
};

/** What policies made of a route, which of them took effect, and which could not. */
export interface Governed {
  readonly built: BuiltRoute;
  /** Ids of the policies that hold for it, and of those that an older one keeps away. */
  readonly held: readonly string[];
  readonly lost: readonly string[];
  readonly issues: readonly Issue[];
}

/**
 * The policies of the workspace that a route comes from, put on it: of each kind one, the oldest; the others are told so
 * (spec/gloo.md 2.9).
 */
export function govern(built: BuiltRoute, policies: readonly RoutePolicy[], home: Home, resolve: Resolve): Governed {
  let { http, trace } = built;
  const held: string[] = [];
  const lost: string[] = [];
  const issues: Issue[] = [];
  const forwards = http.route !== undefined;
  for (const kind of ROUTE_POLICIES) {
    const { effect, everywhere } = WAYS[kind];
    const fitting = policies.filter((policy) => policy.key.kind === kind && isForWholeRoute(policy, built, home)).sort(byAge);
    const [first, ...later] = fitting;
    if (first === undefined) continue;
    if (!forwards && !everywhere) {
      // Of a route that is replaced for now, the policies wait.
      if (built.flat.route.forwardTo !== undefined) held.push(...fitting.map(({ key }) => objectId(key)));
      continue;
    }
    for (const policy of later) {
      issues.push(laterPolicy(policy, first, built));
      lost.push(objectId(policy.key));
    }
    held.push(objectId(first.key));
    const { fields, from, problem } = effect(first, resolve);
    if (problem !== undefined) {
      const { part = [], field, ...what } = problem;
      issues.push({ ...what, object: first.key, field: [...field, ...part] });
      continue;
    }
    http = { ...http, ...fields };
    trace = [...trace, ...tracesOf(fields, from, first)];
  }
  const ends = governDestinations({ ...built, http, trace }, policies, home);
  return {
    built: ends.built,
    held: [...held, ...ends.held],
    lost: [...lost, ...ends.lost],
    issues: [...issues, ...ends.issues],
  };
}

function tracesOf(fields: Partial<HttpRoute>, from: Effect['from'], object: RoutePolicy): Trace[] {
  return Object.keys(fields).map((name) => ({ out: [name], field: ['spec', ...(from[name] ?? [])], object }));
}

/** A policy on headers that names destinations of routes is for those only. */
function isForWholeRoute({ key, spec }: RoutePolicy, { flat, targets }: BuiltRoute, home: Home): boolean {
  const { applyToRoutes, applyToRouteDestinations = [] } = spec as HeaderManipulationPolicySpec;
  if (key.kind === 'HeaderManipulationPolicy' && (applyToRoutes ?? []).length === 0 && applyToRouteDestinations.length > 0)
    return false;
  return isForRoute(applyToRoutes, flat, targets, home);
}

/** Headers of single destinations (`applyToRouteDestinations`). */
function governDestinations(built: BuiltRoute, policies: readonly RoutePolicy[], home: Home): Governed {
  const { http, targets, flat } = built;
  const own = policies
    .filter(({ key, spec }) => key.kind === 'HeaderManipulationPolicy' && 'applyToRouteDestinations' in (spec as object))
    .sort(byAge);
  if (own.length === 0 || http.route === undefined) return { built, held: [], lost: [], issues: [] };
  const held = new Set<string>();
  const lost = new Set<string>();
  const issues: Issue[] = [];
  const trace: Trace[] = [];
  const route = http.route.map((destination, i) => {
    const fitting = own.filter(({ spec }) =>
      ((spec as HeaderManipulationPolicySpec).applyToRouteDestinations ?? []).some(
        (selector) =>
          isForLabels(selector.route, flat, home) &&
          ((selector.onDestinations ?? []).length === 0 ||
            selector.onDestinations!.some((one) => isForTarget(one, targets[i]!, home.cluster))),
      ),
    );
    const [first, ...later] = fitting;
    if (first === undefined) return destination;
    for (const policy of later) {
      issues.push(laterPolicy(policy, first, built));
      lost.add(objectId(policy.key));
    }
    held.add(objectId(first.key));
    trace.push({ out: ['route', i, 'headers'], field: ['spec', 'config'], object: first });
    return { ...destination, headers: joinHeaders(destination.headers, headersOf(first.spec as HeaderManipulationPolicySpec)) };
  });
  return {
    built: { ...built, http: { ...http, route }, trace: [...built.trace, ...trace] },
    held: [...held],
    lost: [...lost],
    issues,
  };
}

function laterPolicy({ key }: RoutePolicy, first: RoutePolicy, { flat }: BuiltRoute): Issue {
  const place = `RouteTable ${flat.table.key.namespace}/${flat.table.key.name} http[${flat.index}]`;
  return {
    ...{ code: 'SHADOWED', severity: 'warning', object: key, field: ['spec', 'applyToRoutes'] },
    message: `on ${place} ${key.kind} ${first.key.namespace}/${first.key.name} holds, which is older; one ${key.kind} counts for each route`,
    hint: 'select other routes, or write both into one policy',
  };
}
