import { structural } from '../../collection/equal.ts';
import type { HttpMatchRequest, StringMatch, VirtualServiceSpec } from '../../model/index.ts';
import { type Finding, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

/** Routes that no call reaches because an earlier one takes it (Istio's unreachable rules and ineffective matches, spec/istio.md 2.7). */
export function* warnShadowed(spec: VirtualServiceSpec): Iterable<Finding> {
  yield* inOrder(spec.http ?? [], 'http', coversHttp);
  yield* inOrder(spec.tls ?? [], 'tls', structural);
  yield* inOrder(spec.tcp ?? [], 'tcp', structural);
}

/** Routes are tried in order, and so are the matches of each; one without matches takes every call. */
function* inOrder<M>(
  routes: readonly { readonly match?: readonly M[] }[],
  protocol: string,
  covers: (earlier: M, later: M) => boolean,
): Iterable<Finding> {
  const earlier: { readonly match: M; readonly route: number }[] = [];
  let catchAll: number | undefined;
  for (const [i, { match = [] }] of routes.entries()) {
    const field: Path = ['spec', protocol, i];
    if (catchAll !== undefined) {
      yield warn(
        'UNREACHABLE',
        field,
        `route ${i} is never reached: route ${catchAll} has no match and takes every call`,
        'put the route without match last',
      );
      continue;
    }
    if (match.length === 0) catchAll = i;
    let shadowed = 0;
    for (const [m, one] of match.entries()) {
      const taker = earlier.find((before) => covers(before.match, one));
      if (taker === undefined) earlier.push({ match: one, route: i });
      else {
        shadowed += 1;
        yield warn(
          'SHADOWED',
          [...field, 'match', m],
          `match ${m} is never tried: route ${taker.route} takes its calls before`,
          'put the more special match first',
        );
      }
    }
    if (match.length > 0 && shadowed === match.length)
      yield warn(
        'UNREACHABLE',
        field,
        `route ${i} is never reached: earlier routes take all its calls`,
        'put the more special route first',
      );
  }
}

/** Whether every call that `later` matches is one that `earlier` matches, as far as it can be told without running expressions. */
function coversHttp(earlier: HttpMatchRequest, later: HttpMatchRequest): boolean {
  const { uri, name: _name, statPrefix: _stat, ...conditions } = earlier;
  if (uri !== undefined && !coversUri(uri, later.uri, earlier.ignoreUriCase === true, later.ignoreUriCase === true)) return false;
  return Object.entries(conditions).every(
    ([name, value]) => name === 'ignoreUriCase' || structural(value, later[name as keyof HttpMatchRequest]),
  );
}

function coversUri(earlier: StringMatch, later: StringMatch | undefined, earlierFolds: boolean, laterFolds: boolean): boolean {
  if (later === undefined || (laterFolds && !earlierFolds)) return false;
  if (structural(earlier, later)) return true;
  if (earlier.prefix === undefined) return false;
  const text = later.prefix ?? later.exact;
  if (text === undefined) return false;
  return earlierFolds ? text.toLowerCase().startsWith(earlier.prefix.toLowerCase()) : text.startsWith(earlier.prefix);
}
