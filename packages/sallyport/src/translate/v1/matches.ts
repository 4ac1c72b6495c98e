import type {
  ConfigObject,
  GlooStringMatch,
  HttpMatcherV1,
  HttpMatchRequest,
  StringMatch,
  TrafficPolicyV1Spec,
  ValueMatcherV1,
} from '../../model/index.ts';
import { type Marked, took } from '../sourced.ts';
import { inCluster } from './select.ts';

/** One condition of a route, with what it was made from beside it, so that routes can be sorted by it. */
export interface RouteMatch {
  readonly value: HttpMatchRequest;
  readonly marked: Marked<HttpMatchRequest>;
}

/**
 * The conditions that a policy sets for requests: each of its sources with each of its matchers. None: the policy is for callers in
 * other clusters only.
 */
export function matchesOf(policy: ConfigObject<TrafficPolicyV1Spec>, cluster: string): readonly RouteMatch[] {
  const { sourceSelector = [], httpRequestMatchers = [] } = policy.spec;
  const sources = sourceSelector.length === 0 ? [{}] : sourceSelector.flatMap((selector) => sourcesOf(selector, cluster));
  const requests = httpRequestMatchers.length === 0 ? [undefined] : httpRequestMatchers;
  return sources.flatMap((source) =>
    requests.map((matcher, i) => {
      const request = matcher === undefined ? {} : requestOf(matcher);
      const value = { ...source, ...request };
      const marked = {
        ...mark(policy, ['spec', 'sourceSelector'], source),
        ...mark(policy, ['spec', 'httpRequestMatchers', i], request),
      } as Marked<HttpMatchRequest>;
      return { value, marked };
    }),
  );
}

function mark(policy: ConfigObject, field: readonly (string | number)[], part: HttpMatchRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, took(policy, field, value)]));
}

function sourcesOf(
  { kubeWorkloadMatcher: matcher = {} }: NonNullable<TrafficPolicyV1Spec['sourceSelector']>[number],
  cluster: string,
): readonly HttpMatchRequest[] {
  const { labels = {}, namespaces = [], clusters } = matcher;
  if (!inCluster(clusters, cluster)) return [];
  const sourceLabels = Object.keys(labels).length === 0 ? {} : { sourceLabels: labels };
  return namespaces.length === 0 ? [sourceLabels] : namespaces.map((sourceNamespace) => ({ sourceNamespace, ...sourceLabels }));
}

/** Fields that a matcher leaves out hold for every request; a header without value must only be there. */
function requestOf({ name, uri, headers = [], queryParameters = [], method, ...path }: HttpMatcherV1): HttpMatchRequest {
  const place = uri ?? path;
  const positive = headers.filter((header) => !header.invertMatch);
  const inverted = headers.filter((header) => header.invertMatch);
  return {
    ...(name === undefined ? {} : { name }),
    ...(stringMatchOf(place) === undefined ? {} : { uri: stringMatchOf(place)! }),
    ...(uri?.ignoreCase ? { ignoreUriCase: true } : {}),
    ...(positive.length === 0 ? {} : { headers: valuesOf(positive) }),
    ...(inverted.length === 0 ? {} : { withoutHeaders: valuesOf(inverted) }),
    ...(queryParameters.length === 0 ? {} : { queryParams: valuesOf(queryParameters) }),
    ...(method === undefined || method === '' ? {} : { method: { exact: method } }),
  };
}

export function stringMatchOf({ exact, prefix, regex }: GlooStringMatch): StringMatch | undefined {
  if (exact !== undefined) return { exact };
  if (prefix !== undefined) return { prefix };
  return regex === undefined ? undefined : { regex };
}

function valuesOf(matchers: readonly ValueMatcherV1[]): Readonly<Record<string, StringMatch>> {
  return Object.fromEntries(
    matchers.map(({ name = '', value = '', regex }) => [name, value === '' ? {} : regex ? { regex: value } : { exact: value }]),
  );
}

/** Gloo's order of routes: the most exact first (spec/gloo.md 1.7, step 7). */
export function bySpecificity(a: HttpMatchRequest, b: HttpMatchRequest): number {
  return (
    pathRank(a) - pathRank(b) ||
    pathText(b).length - pathText(a).length ||
    compare(pathText(a), pathText(b)) ||
    count(b.headers) - count(a.headers) ||
    count(b.queryParams) - count(a.queryParams) ||
    count(b.sourceLabels) - count(a.sourceLabels) ||
    compare(b.sourceNamespace ?? '', a.sourceNamespace ?? '') ||
    compare(b.method?.exact ?? '', a.method?.exact ?? '') ||
    count(b.withoutHeaders) - count(a.withoutHeaders) ||
    (a.port ?? 0) - (b.port ?? 0)
  );
}

function pathRank({ uri }: HttpMatchRequest): number {
  if (uri?.exact !== undefined) return 0;
  if (uri?.regex !== undefined) return 1;
  return uri?.prefix === undefined ? 3 : 2;
}

const pathText = ({ uri }: HttpMatchRequest): string => uri?.exact ?? uri?.regex ?? uri?.prefix ?? '';
const count = (values: object | undefined): number => Object.keys(values ?? {}).length;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
