import { ipFamily } from '../../lib/ip.ts';
import type { DestinationReference, ForwardTo, RouteTableHttp, RouteTableSpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkReference, checkWorkloads, untranslatable } from './gloo-selectors.ts';
import { badLabelPair, notFqdn, notWildcardDomain } from './names.ts';
import { badRegex } from './regex.ts';
import { checkMatcher } from './route-matcher.ts';
import type { Rule } from './rule.ts';
import { checkPortNumber } from './shared.ts';

const MOST_DESTINATIONS = 100;
const LARGEST_BODY = 1024 * 1024;
const ACTIONS = ['forwardTo', 'delegate', 'redirect', 'directResponse', 'graphql'] as const;

/** RouteTable (spec/gloo.md 2.6). One without hosts is a child that others delegate to. */
export const routeTableRule: Rule<RouteTableSpec> = function* (spec) {
  const { hosts = [], http = [], tcp = [], tls = [] } = spec;
  if (hosts.length === 0) yield* checkChild(spec);
  for (const [i, host] of hosts.entries()) yield* checkHost(host, ['spec', 'hosts', i]);
  yield* checkWorkloads(spec.workloadSelectors, ['spec', 'workloadSelectors'], { labelsOnly: true });
  for (const [i, gateway] of (spec.virtualGateways ?? []).entries())
    if ((gateway.name ?? '') === '')
      yield missing(['spec', 'virtualGateways', i, 'name'], '`name` is missing', 'name the VirtualGateway');
  if ((spec.applyToDestinations ?? []).length > 0)
    yield untranslatable(
      ['spec', 'applyToDestinations'],
      'routes in front of a destination need waypoint proxies, and there are none here',
      'leave it out; the routes are then applied where the calls are made',
    );
  if (spec.portalMetadata !== undefined)
    yield warn('NOT_ACTED_ON', ['spec', 'portalMetadata'], 'there is no developer portal that shows it');
  if (spec.defaultDestination !== undefined) yield* checkReference(spec.defaultDestination, ['spec', 'defaultDestination']);
  if (http.length + tcp.length + tls.length === 0)
    yield missing(['spec', 'http'], 'there is no route', 'write `http`, `tcp` or `tls`');
  yield* checkNames(http);
  const hasDefault = spec.defaultDestination !== undefined;
  for (const [i, route] of http.entries()) yield* checkHttp(route, hasDefault, ['spec', 'http', i]);
  for (const [i, route] of tcp.entries()) {
    const field = ['spec', 'tcp', i];
    for (const [m, { port = 0 }] of (route.matchers ?? []).entries())
      if (port !== 0) yield* checkPortNumber(port, [...field, 'matchers', m, 'port']);
    yield* checkL4(route.forwardTo, hasDefault, field);
  }
  for (const [i, route] of tls.entries()) {
    const field = ['spec', 'tls', i];
    yield* checkSniHosts(route.matchers ?? [], field);
    yield* checkL4(route.forwardTo, hasDefault, field);
  }
};

/** What belongs to the table that delegates (spec/gloo.md 2.6). */
function* checkChild(spec: RouteTableSpec): Iterable<Finding> {
  for (const part of ['virtualGateways', 'applyToDestinations', 'failureMode', 'virtualServiceAnnotations'] as const) {
    const value = spec[part];
    const empty = value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!empty)
      yield invalid(
        ['spec', part],
        `a table without hosts takes \`${part}\` from the one that delegates to it`,
        'name `hosts`, or leave it out',
      );
  }
  for (const part of ['tcp', 'tls'] as const)
    if ((spec[part] ?? []).length > 0)
      yield invalid(['spec', part], 'a table without hosts has http routes only: nothing else is delegated', 'name `hosts`');
}

function* checkHost(host: string, field: Path): Iterable<Finding> {
  const reason = host === '*' || ipFamily(host) !== 0 ? undefined : notWildcardDomain(host);
  if (reason !== undefined)
    yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name without scheme and port');
}

function* checkNames(routes: readonly RouteTableHttp[]): Iterable<Finding> {
  const seen = new Set<string>();
  for (const [i, { name = '' }] of routes.entries()) {
    if (name !== '' && seen.has(name))
      yield warn(
        'INVALID_VALUE',
        ['spec', 'http', i, 'name'],
        `another route has the name ${shown(name)}; this one gets a new name`,
        'give every route its own',
      );
    seen.add(name);
  }
}

function* checkHttp(route: RouteTableHttp, hasDefault: boolean, field: Path): Iterable<Finding> {
  const given = ACTIONS.filter((action) => route[action] !== undefined);
  if (given.length === 0)
    yield missing(
      [...field, 'forwardTo'],
      'the route does nothing',
      'write `forwardTo`, `delegate`, `redirect` or `directResponse`',
    );
  if (given.length > 1)
    yield invalid(
      [...field, given[1]!],
      `${given.map((one) => `\`${one}\``).join(' and ')} exclude each other`,
      'keep one of them',
    );
  const label = badLabelPair(route.labels ?? {});
  if (label !== undefined) yield invalid([...field, 'labels', label.key], label.reason);
  for (const [m, matcher] of (route.matchers ?? []).entries()) yield* checkMatcher(matcher, [...field, 'matchers', m]);
  if (route.forwardTo !== undefined) yield* checkForward(route.forwardTo, route, hasDefault, [...field, 'forwardTo']);
  if (route.delegate !== undefined) yield* checkDelegate(route.delegate, [...field, 'delegate']);
  if (route.redirect !== undefined) {
    const { hostRedirect, pathRedirect } = route.redirect;
    if (hostRedirect === undefined && pathRedirect === undefined)
      yield missing([...field, 'redirect'], 'the redirect changes nothing', 'set `hostRedirect` or `pathRedirect`');
    yield* checkNewHost(hostRedirect, [...field, 'redirect', 'hostRedirect']);
  }
  if (route.directResponse === undefined) return;
  const { status = 0, body = '' } = route.directResponse;
  if (status < 200 || status > 599)
    yield invalid([...field, 'directResponse', 'status'], `${status} is no HTTP status`, 'write a number from 200 to 599');
  if (body.length > LARGEST_BODY)
    yield invalid(
      [...field, 'directResponse', 'body'],
      `the body has ${body.length} characters, more than 1 MiB`,
      'serve it from a service',
    );
}

function* checkForward(forward: ForwardTo, route: RouteTableHttp, hasDefault: boolean, field: Path): Iterable<Finding> {
  yield* checkDestinations(forward, hasDefault, field);
  const { pathRewrite, regexRewrite, hostRewrite, autoHostRewrite } = forward;
  if (pathRewrite !== undefined && regexRewrite !== undefined)
    yield invalid([...field, 'regexRewrite'], '`pathRewrite` and `regexRewrite` exclude each other', 'keep one of them');
  if (hostRewrite !== undefined && autoHostRewrite !== undefined)
    yield invalid([...field, 'autoHostRewrite'], '`hostRewrite` and `autoHostRewrite` exclude each other', 'keep one of them');
  yield* checkNewHost(hostRewrite, [...field, 'hostRewrite']);
  if (pathRewrite === '') yield missing([...field, 'pathRewrite'], 'the new path is empty', 'write at least /');
  if (pathRewrite !== undefined && (route.matchers ?? []).some(({ uri }) => uri?.regex !== undefined))
    yield invalid(
      [...field, 'pathRewrite'],
      '`pathRewrite` replaces what `prefix` or `exact` matched; here a regex matches',
      'write `regexRewrite`',
    );
  if (regexRewrite === undefined) return;
  const pattern = regexRewrite.pattern?.regex ?? '';
  const reason = pattern === '' ? 'it is empty' : badRegex(pattern);
  if (reason !== undefined)
    yield invalid(
      [...field, 'regexRewrite', 'pattern', 'regex'],
      `${shown(pattern)} is no regular expression: ${reason}`,
      'Envoy reads RE2 syntax',
    );
  if ((regexRewrite.substitution ?? '') === '')
    yield missing(
      [...field, 'regexRewrite', 'substitution'],
      '`substitution` is missing',
      'write what to put in place of the match',
    );
}

function* checkDestinations(forward: ForwardTo, hasDefault: boolean, field: Path): Iterable<Finding> {
  const all = forward.destinations ?? [];
  if (all.length === 0 && !hasDefault)
    yield missing(
      [...field, 'destinations'],
      'the route leads nowhere',
      'write `destinations`, or a `defaultDestination` for the table',
    );
  if (all.length > MOST_DESTINATIONS)
    yield invalid([...field, 'destinations'], `${all.length} destinations are more than ${MOST_DESTINATIONS}`, 'split the route');
  for (const [i, one] of all.entries()) yield* checkReference(one, [...field, 'destinations', i]);
  yield* checkShares(all, [...field, 'destinations']);
}

/** Shares of several destinations make 100; those without one divide the rest, and there must be a rest (spec/gloo.md 2.6). */
function* checkShares(all: readonly DestinationReference[], field: Path): Iterable<Finding> {
  if (all.length < 2) return;
  const sum = all.reduce((total, { weight = 0 }) => total + weight, 0);
  const open = all.filter(({ weight = 0 }) => weight === 0).length;
  if (open === 0 && sum !== 100)
    yield invalid(field, `the weights add up to ${sum}, not to 100`, 'change them, or leave one out: it gets the rest');
  else if (open > 0 && sum + open > 100)
    yield invalid(
      field,
      `the weights add up to ${sum}, and nothing is left for ${open === 1 ? 'the destination' : `the ${open} destinations`} without one`,
      'give it a weight, or lower the others',
    );
}

function* checkDelegate(
  { routeTables = [], allowedRoutes = [] }: NonNullable<RouteTableHttp['delegate']>,
  field: Path,
): Iterable<Finding> {
  if (routeTables.length === 0)
    yield missing([...field, 'routeTables'], 'nothing is delegated to', 'select tables by `name` or `labels`');
  if (allowedRoutes.length > 0)
    yield warn(
      'INEFFECTIVE',
      [...field, 'allowedRoutes'],
      'the filter is for routes to cloud functions, and there are none here',
      'leave it out',
    );
}

function* checkL4(forward: ForwardTo | undefined, hasDefault: boolean, route: Path): Iterable<Finding> {
  const field = [...route, 'forwardTo'];
  if (forward === undefined) {
    yield missing(field, 'the route does nothing', 'write `forwardTo`');
    return;
  }
  yield* checkDestinations(forward, hasDefault, field);
  for (const part of ['pathRewrite', 'regexRewrite', 'hostRewrite', 'autoHostRewrite'] as const)
    if (forward[part] !== undefined)
      yield invalid([...field, part], `\`${part}\` is for HTTP: bytes have no paths and hosts`, 'leave it out');
}

function* checkSniHosts(
  matchers: readonly { readonly sniHosts?: readonly string[]; readonly port?: number }[],
  route: Path,
): Iterable<Finding> {
  if (matchers.length === 0)
    yield missing([...route, 'matchers'], 'a tls route has no matcher', 'write matchers: [{sniHosts: [...]}]');
  for (const [m, { sniHosts = [], port = 0 }] of matchers.entries()) {
    const field = [...route, 'matchers', m];
    if (sniHosts.length === 0)
      yield missing([...field, 'sniHosts'], '`sniHosts` is missing', 'name the hosts that the route is for');
    for (const [n, host] of sniHosts.entries()) yield* checkHost(host, [...field, 'sniHosts', n]);
    if (port !== 0) yield* checkPortNumber(port, [...field, 'port']);
  }
}

function* checkNewHost(host: string | undefined, field: Path): Iterable<Finding> {
  if (host === undefined) return;
  const name = host.replace(/:\d+$/, '');
  const reason = ipFamily(name) === 0 ? notFqdn(name) : undefined;
  if (reason !== undefined) yield invalid(field, `${shown(host)} is no host name: ${reason}`, 'write a DNS name without scheme');
}
