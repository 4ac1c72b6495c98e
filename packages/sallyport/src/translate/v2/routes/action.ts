import { isWildcard } from '../../../lib/host.ts';
import type {
  ConfigObject,
  DestinationReference,
  FieldPath,
  Headers,
  HttpRoute,
  HttpRouteDestination,
  Issue,
  RedirectCode,
} from '../../../model/index.ts';
import type { FlatRoute, Labels } from './flatten.ts';
import { sharesOf } from './shares.ts';
import type { Remark, Resolve, Target } from './target.ts';

/** One http route of a VirtualService, and what its destinations are. */
export interface BuiltRoute {
  readonly flat: FlatRoute;
  readonly http: HttpRoute;
  /** One for each of `http.route`, in its order. */
  readonly targets: readonly Target[];
  readonly trace: readonly Trace[];
}

/** A field of the output, below the route, and the field of the table that it was made from. */
export interface Trace {
  readonly out: FieldPath;
  readonly field: FieldPath;
  /** Object of the field, where it is not the table. */
  readonly object?: ConfigObject;
}

/** Answers in place of what is misconfigured (spec/gloo.md 2.6, ROUTE_REPLACEMENT). */
const REPLACEMENT = { directResponse: { status: 500 } } as const;

const REDIRECT_CODES: Readonly<Record<RedirectCode, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

/** What a route does, without the policies on it and without the proxies it is for. */
export function buildRoute(flat: FlatRoute, resolve: Resolve): { readonly built: BuiltRoute; readonly issues: readonly Issue[] } {
  const { route, name, matches } = flat;
  const head = { ...(name !== undefined && { name }), ...(matches.length > 0 && { match: matches }) };
  const at = ['spec', 'http', flat.index];
  const headTrace: Trace[] = [
    { out: [], field: at },
    ...(name === undefined ? [] : [{ out: ['name'], field: [...at, 'name'] }]),
    ...(matches.length > 0 && (route.matchers ?? []).length > 0 ? [{ out: ['match'], field: [...at, 'matchers'] }] : []),
  ];
  const made = flat.broken ? { action: REPLACEMENT, targets: [], trace: [], issues: [] } : actionOf(flat, resolve, at);
  return {
    built: { flat, http: { ...head, ...made.action }, targets: made.targets, trace: [...headTrace, ...made.trace] },
    issues: made.issues,
  };
}

interface Action {
  readonly action: HttpRoute;
  readonly targets: readonly Target[];
  readonly trace: readonly Trace[];
  readonly issues: readonly Issue[];
}

function actionOf(flat: FlatRoute, resolve: Resolve, at: FieldPath): Action {
  const { route, table } = flat;
  const plain = (action: HttpRoute, trace: readonly Trace[] = []): Action => ({ action, targets: [], trace, issues: [] });
  if (route.redirect !== undefined) {
    const { hostRedirect, pathRedirect, responseCode } = route.redirect;
    const redirect = {
      ...(pathRedirect !== undefined && { uri: pathRedirect }),
      ...(hostRedirect !== undefined && { authority: hostRedirect }),
      ...(responseCode !== undefined && { redirectCode: REDIRECT_CODES[responseCode] }),
    };
    return plain({ redirect }, [{ out: ['redirect'], field: [...at, 'redirect'] }]);
  }
  if (route.directResponse !== undefined) {
    const { status = 200, body } = route.directResponse;
    const directResponse = { status, ...(body !== undefined && { body: { string: body } }) };
    return plain({ directResponse }, [{ out: ['directResponse'], field: [...at, 'directResponse'] }]);
  }
  if (route.forwardTo !== undefined) return forwardOf(flat, resolve, [...at, 'forwardTo']);
  const issue: Issue = {
    ...{ code: 'UNTRANSLATABLE', severity: 'error', object: table.key, field: [...at, 'graphql'] },
    message: 'GraphQL is not understood by the proxies here; the route answers 500',
    hint: 'forward the requests to a GraphQL server with `forwardTo`',
  };
  return { ...plain(REPLACEMENT), issues: [issue] };
}

/** Destinations with their shares and what is rewritten on the way. */
function forwardOf(flat: FlatRoute, resolve: Resolve, field: FieldPath): Action {
  const { table, route } = flat;
  const { pathRewrite, regexRewrite, hostRewrite, autoHostRewrite = false, destinations = [] } = route.forwardTo!;
  const fallback = table.spec.defaultDestination;
  const listed = destinations.length > 0 ? destinations : fallback === undefined ? [] : [fallback];
  const placeOf = (i: number): FieldPath =>
    destinations.length > 0 ? [...field, 'destinations', i] : ['spec', 'defaultDestination'];
  const found = listed.map((one) => resolve(one, table.key));
  const issues = found.flatMap((one, i) =>
    ('problem' in one ? [one.problem] : [...one.target.remarks, ...one.target.httpRemarks]).map((what) =>
      issueOf(what, flat, placeOf(i)),
    ),
  );
  const targets = found.flatMap((one) => ('target' in one ? [one.target] : []));
  const strange = hostRewrite === undefined ? undefined : targets.find((one) => isElsewhere(one) && one.host !== hostRewrite);
  if (strange !== undefined) issues.push(strangeHost(flat, strange, [...field, 'hostRewrite']));
  if (targets.length < Math.max(found.length, 1) || strange !== undefined)
    return { action: REPLACEMENT, targets: [], trace: [], issues };
  const single = autoHostRewrite && new Set(targets.map(({ host }) => host)).size === 1 ? targets[0]!.host : undefined;
  const authority = hostRewrite ?? single;
  const { routes, leads } = sharedOut(
    listed,
    targets,
    (target) => authority === undefined && (autoHostRewrite || isElsewhere(target)),
  );
  const rewrite = {
    ...(pathRewrite !== undefined && { uri: pathRewrite }),
    ...(regexRewrite !== undefined && {
      uriRegexRewrite: { match: regexRewrite.pattern?.regex ?? '', rewrite: regexRewrite.substitution ?? '' },
    }),
    ...(authority !== undefined && { authority }),
  };
  const trace: Trace[] = [
    ...leads.map((i, n) => ({ out: ['route', n], field: placeOf(i) })),
    ...(pathRewrite === undefined ? [] : [{ out: ['rewrite', 'uri'], field: [...field, 'pathRewrite'] }]),
    ...(regexRewrite === undefined ? [] : [{ out: ['rewrite', 'uriRegexRewrite'], field: [...field, 'regexRewrite'] }]),
    ...(hostRewrite === undefined ? [] : [{ out: ['rewrite', 'authority'], field: [...field, 'hostRewrite'] }]),
    ...(single === undefined ? [] : [{ out: ['rewrite', 'authority'], field: [...field, 'autoHostRewrite'] }]),
  ];
  const action = { ...(Object.keys(rewrite).length > 0 && { rewrite }), route: routes };
  return { action, targets: leads.map((i) => targets[i]!), trace, issues };
}

/** Whether requests are sent to gateways, which tell them apart by the host of the service. */
function isElsewhere({ host, leads }: Target): boolean {
  return !isWildcard(host) && leads.some(({ destination }) => destination.host !== host);
}

function strangeHost({ table }: FlatRoute, { host }: Target, field: FieldPath): Issue {
  return {
    ...{ code: 'UNTRANSLATABLE', severity: 'error', object: table.key, field },
    message: `requests to ${host} leave through an egress gateway, which knows them by this host and no other; the route answers 500`,
    hint: `leave it out, or write ${host}`,
  };
}

/**
 * Istio's destinations: one for each lead of each destination, with the share of both; none has a weight where there is only one. A
 * VirtualService has one new authority for all destinations; those that are to be `named` set the header each for itself.
 */
function sharedOut(
  listed: readonly DestinationReference[],
  targets: readonly Target[],
  named: (target: Target) => boolean,
): { readonly routes: HttpRouteDestination[]; readonly leads: readonly number[] } {
  const shares = listed.length === 1 ? [100] : sharesOf(listed.map(({ weight }) => weight));
  // Shares of shares are whole numbers of ten thousand.
  const finer = targets.some(({ leads }) => leads.length > 1) && listed.length > 1;
  const all = targets.flatMap((target, i) =>
    target.leads.map(({ destination, share }) => ({
      i,
      weight: finer ? shares[i]! * share : target.leads.length > 1 ? share : shares[i]!,
      destination,
      ...(named(target) && { headers: { request: { set: { host: target.host } } } satisfies Headers }),
    })),
  );
  const routes = all.map(({ i: _, weight, ...rest }) => ({ ...rest, ...(all.length > 1 && { weight }) }));
  return { routes, leads: all.map(({ i }) => i) };
}

function issueOf({ part = [], ...what }: Remark, { table }: FlatRoute, field: FieldPath): Issue {
  return { ...what, object: table.key, field: [...field, ...part] };
}

/** The route for the proxies of these workloads: every match carries their labels (spec/gloo.md 2.6). */
export function forWorkloads(http: HttpRoute, workloads: readonly Labels[]): HttpRoute {
  const asked = workloads.filter((labels) => Object.keys(labels).length > 0);
  if (asked.length === 0) return http;
  const matches = (http.match ?? []).length > 0 ? http.match! : [{}];
  return { ...http, match: matches.flatMap((match) => asked.map((sourceLabels) => ({ ...match, sourceLabels }))) };
}
