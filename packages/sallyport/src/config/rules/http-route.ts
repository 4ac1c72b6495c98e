import type { HttpRoute } from '../../model/index.ts';
import { type Finding, invalid, missing, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkHeaders, checkSingleAuthority } from './headers.ts';
import {
  checkCors,
  checkDirectResponse,
  checkFault,
  checkPercentage,
  checkRedirect,
  checkRetries,
  checkRewrite,
} from './http-action.ts';
import { checkHttpMatch } from './http-match.ts';
import { checkDestination, checkWeights } from './route-destination.ts';
import { checkDuration } from './shared.ts';

export { isJwtClaim } from './headers.ts';

/** One http route of a VirtualService (spec/istio.md 2.7). `delegate`: the VirtualService has no hosts. */
export function* checkHttpRoute(route: HttpRoute, field: Path, { delegate }: { readonly delegate: boolean }): Iterable<Finding> {
  yield* checkOneAction(route, field, delegate);
  for (const [i, match] of (route.match ?? []).entries()) yield* checkHttpMatch(match, [...field, 'match', i]);
  yield* checkHeaders(route.headers, [...field, 'headers']);
  yield* checkSingleAuthority(route, field);
  yield* checkCors(route.corsPolicy, [...field, 'corsPolicy']);
  yield* checkFault(route.fault, [...field, 'fault']);
  yield* checkMirrors(route, field);
  yield* checkRedirect(route, [...field, 'redirect']);
  yield* checkDirectResponse(route.directResponse, [...field, 'directResponse']);
  yield* checkRetries(route.retries, [...field, 'retries']);
  yield* checkRewrite(route.rewrite, [...field, 'rewrite']);
  yield* checkDestinations(route, [...field, 'route']);
  yield* checkDuration(route.timeout, [...field, 'timeout']);
}

function* checkOneAction(route: HttpRoute, field: Path, delegate: boolean): Iterable<Finding> {
  const leads = (route.route ?? []).length > 0;
  if (route.delegate !== undefined) {
    if (delegate) yield invalid([...field, 'delegate'], 'a delegate cannot delegate further', 'write `route`');
    if (route.redirect !== undefined)
      yield invalid([...field, 'redirect'], '`delegate` and `redirect` exclude each other', 'keep one of them');
    if (route.route !== undefined)
      yield invalid([...field, 'route'], '`delegate` and `route` exclude each other', 'keep one of them');
    return;
  }
  const actions = [
    leads ? 'route' : '',
    route.redirect === undefined ? '' : 'redirect',
    route.directResponse === undefined ? '' : 'directResponse',
  ].filter((name) => name !== '');
  if (actions.length === 0)
    yield missing([...field, 'route'], 'the route does nothing', 'write `route`, `redirect` or `directResponse`');
  if (actions.length > 1)
    yield invalid(
      [...field, actions[1]!],
      `${actions.map((name) => `\`${name}\``).join(' and ')} exclude each other`,
      'keep one of them',
    );
  for (const action of ['redirect', 'directResponse'] as const)
    for (const name of ['fault', 'rewrite'] as const)
      if (route[action] !== undefined && route[name] !== undefined)
        yield invalid([...field, name], `\`${action}\` and \`${name}\` exclude each other`, 'keep one of them');
}

function* checkMirrors(route: HttpRoute, field: Path): Iterable<Finding> {
  if (route.mirror !== undefined && (route.mirrors ?? []).length > 0)
    yield invalid([...field, 'mirrors'], '`mirror` and `mirrors` exclude each other', 'keep `mirrors`');
  yield* checkDestination(route.mirror, [...field, 'mirror']);
  for (const [i, one] of (route.mirrors ?? []).entries()) {
    const at = [...field, 'mirrors', i];
    if (one.destination === undefined)
      yield missing([...at, 'destination'], '`destination` is missing', 'write destination: {host: ...}');
    yield* checkDestination(one.destination, [...at, 'destination']);
    yield* checkPercentage(one.percentage, [...at, 'percentage']);
  }
  if (route.mirrorPercent !== undefined) {
    yield warn(
      'INEFFECTIVE',
      [...field, 'mirrorPercent'],
      '`mirrorPercent` is out of date',
      'write mirrorPercentage: {value: ...}',
    );
    if (route.mirrorPercent > 100)
      yield invalid([...field, 'mirrorPercent'], `${route.mirrorPercent} is no percentage`, 'write a number from 0 to 100');
  }
  yield* checkPercentage(route.mirrorPercentage, [...field, 'mirrorPercentage']);
}

function* checkDestinations(route: HttpRoute, field: Path): Iterable<Finding> {
  const destinations = route.route ?? [];
  for (const [i, one] of destinations.entries()) {
    if (one.destination === undefined)
      yield missing([...field, i, 'destination'], '`destination` is missing', 'write destination: {host: ...}');
    yield* checkDestination(one.destination, [...field, i, 'destination']);
    yield* checkHeaders(one.headers, [...field, i, 'headers']);
  }
  yield* checkWeights(destinations, field);
}
