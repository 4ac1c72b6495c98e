import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type StringMatcher, StringMatcherSchema } from '@sallyport/apis/matcher';
import type { HeaderMatcherSchema, QueryParameterMatcherSchema, RouteMatchSchema } from '@sallyport/apis/route';
import { compareText, type HttpMatchRequest, type StringMatch } from '../../model/index.ts';

export type MatchShape = MessageInitShape<typeof RouteMatchSchema>;
type HeaderShape = MessageInitShape<typeof HeaderMatcherSchema>;
type QueryShape = MessageInitShape<typeof QueryParameterMatcherSchema>;

export const EVERYTHING: MatchShape = { pathSpecifier: { case: 'prefix', value: '/' } };

/**
 * The conditions of a match block on the request itself (spec/istio.md 4.7). Conditions on JWT claims are written as
 * headers (`@request.auth.claims.…`) and need no care here: no request can carry such a header, and no sidecar reads tokens
 * before routing, so they never hold.
 */
export function routeMatch(match: HttpMatchRequest): MatchShape {
  const named = [
    ...Object.entries(match.headers ?? {}).map(([name, value]) => header(name, value)),
    ...Object.entries(match.withoutHeaders ?? {}).map(([name, value]) => withoutHeader(name, value)),
  ].sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  const pseudo = [
    ...(match.method === undefined ? [] : [header(':method', match.method)]),
    ...(match.authority === undefined ? [] : [header(':authority', match.authority)]),
    ...(match.scheme === undefined ? [] : [header(':scheme', match.scheme)]),
  ];
  return {
    pathSpecifier: path(match.uri),
    caseSensitive: !(match.ignoreUriCase ?? false),
    headers: [...named, ...pseudo],
    queryParameters: Object.entries(match.queryParams ?? {})
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, value]) => queryParameter(name, value)),
  };
}

/** Nothing after a route that takes every request is ever reached. */
export function takesEverything({ pathSpecifier: path, headers, queryParameters }: MatchShape): boolean {
  const anyPath = (path?.case === 'prefix' && path.value === '/') || (path?.case === 'safeRegex' && path.value.regex === '.*');
  return anyPath && (headers?.length ?? 0) === 0 && (queryParameters?.length ?? 0) === 0;
}

/** The path as tracing shows it: `/v1*` for a prefix, the text itself otherwise (spec/istio.md 10.2). */
export function pathText({ pathSpecifier: path }: MatchShape): string {
  switch (path?.case) {
    case 'prefix':
      return `${path.value}*`;
    case 'path':
      return path.value;
    case 'safeRegex':
      return path.value.regex ?? '';
    default:
      return '/*';
  }
}

function path(uri: StringMatch | undefined): NonNullable<MatchShape['pathSpecifier']> {
  if (uri?.exact !== undefined) return { case: 'path', value: uri.exact };
  if (uri?.prefix !== undefined) return { case: 'prefix', value: uri.prefix };
  if (uri?.regex !== undefined) return { case: 'safeRegex', value: { regex: uri.regex } };
  return { case: 'prefix', value: '/' };
}

function header(name: string, value: StringMatch): HeaderShape {
  return { name, headerMatchSpecifier: valueOrPresence(value) };
}

function withoutHeader(name: string, value: StringMatch): HeaderShape {
  const specifier = valueOrPresence(value);
  // A request without the header has to pass too; Envoy refuses the flag beside a presence check, which needs none.
  return {
    name,
    headerMatchSpecifier: specifier,
    invertMatch: true,
    treatMissingHeaderAsEmpty: specifier.case === 'stringMatch',
  };
}

function queryParameter(name: string, value: StringMatch): QueryShape {
  return { name, queryParameterMatchSpecifier: valueOrPresence(value) };
}

type ValueOrPresence = { case: 'presentMatch'; value: boolean } | { case: 'stringMatch'; value: StringMatcher };

/** `{}` and the regex `*`, which is none, ask only whether there is a value. */
function valueOrPresence(match: StringMatch): ValueOrPresence {
  const value = stringMatcher(match);
  return value === undefined || match.regex === '*' ? { case: 'presentMatch', value: true } : { case: 'stringMatch', value };
}

/** Envoy's form of a text condition, or undefined for one that says nothing. */
export function stringMatcher(match: StringMatch): StringMatcher | undefined {
  if (match.exact !== undefined) return create(StringMatcherSchema, { matchPattern: { case: 'exact', value: match.exact } });
  if (match.prefix !== undefined) return create(StringMatcherSchema, { matchPattern: { case: 'prefix', value: match.prefix } });
  if (match.regex !== undefined)
    return create(StringMatcherSchema, { matchPattern: { case: 'safeRegex', value: { regex: match.regex } } });
  return undefined;
}
