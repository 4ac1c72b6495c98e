import { RE2JS } from 're2js';
import type { HttpMatchRequest, RouteMatcher, StringMatch } from '../../../model/index.ts';

/**
 * A matcher of a RouteTable as Istio writes it (spec/gloo.md 2.6). A header without value asks for its presence, an
 * inverted one goes to `withoutHeaders`. Of a header that is named twice both conditions hold, which may contradict each other.
 */
export function matchOf(matcher: RouteMatcher): Matched {
  let match: HttpMatchRequest = {
    ...uriOf(matcher),
    ...(matcher.method !== undefined && { method: { exact: matcher.method } }),
    ...((matcher.port ?? 0) !== 0 && { port: matcher.port! }),
  };
  for (const { name = '', value, regex = false, invertMatch = false } of matcher.headers ?? []) {
    const condition = textOf(value, regex);
    const part: HttpMatchRequest =
      name === ':authority' && !invertMatch
        ? { authority: condition }
        : { [invertMatch ? 'withoutHeaders' : 'headers']: { [name]: condition } };
    const both = bothMatch(match, part);
    if ('conflict' in both) return both;
    match = both.match;
  }
  for (const { name = '', value, regex = false } of matcher.queryParameters ?? []) {
    const both = bothMatch(match, { queryParams: { [name]: textOf(value, regex) } });
    if ('conflict' in both) return both;
    match = both.match;
  }
  return { match };
}

export type Matched = { readonly match: HttpMatchRequest } | { readonly conflict: string };

function uriOf({ uri }: RouteMatcher): HttpMatchRequest {
  if (uri === undefined) return {};
  const { ignoreCase = false, suffix: _, ...condition } = uri;
  return { uri: condition, ...(ignoreCase && condition.regex === undefined && { ignoreUriCase: true }) };
}

function textOf(value: string | undefined, regex: boolean): StringMatch {
  if (value === undefined || (value === '' && !regex)) return {};
  return regex ? { regex: value } : { exact: value };
}

/** What is matched by both: a request of a child table fits the delegating route too (spec/gloo.md 2.6). */
export function bothMatch(a: HttpMatchRequest, b: HttpMatchRequest): Matched {
  const uri = bothPaths(a, b);
  if ('conflict' in uri) return uri;
  const result: Record<string, unknown> = { ...a, ...b };
  delete result['uri'];
  delete result['ignoreUriCase'];
  Object.assign(result, uri.match);
  for (const part of ['method', 'authority'] as const) {
    const one = bothTexts(a[part], b[part]);
    if (typeof one === 'string') return { conflict: `${part} ${one}` };
    if (one !== undefined) result[part] = one;
  }
  if (a.port !== undefined && b.port !== undefined && a.port !== b.port) return { conflict: `port ${a.port} and port ${b.port}` };
  for (const part of ['headers', 'queryParams'] as const) {
    if (a[part] === undefined || b[part] === undefined) continue;
    const all: Record<string, StringMatch> = { ...a[part] };
    for (const [name, condition] of Object.entries(b[part])) {
      const one = bothTexts(all[name], condition);
      if (typeof one === 'string') return { conflict: `${name} ${one}` };
      all[name] = one!;
    }
    result[part] = all;
  }
  if (a.withoutHeaders !== undefined && b.withoutHeaders !== undefined)
    result['withoutHeaders'] = neither(a.withoutHeaders, b.withoutHeaders);
  return { match: result };
}

/** The narrower condition, nothing where there is none, or why they do not go together. */
function bothTexts(a: StringMatch | undefined, b: StringMatch | undefined): StringMatch | string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (isPresence(a)) return b;
  if (isPresence(b) || sameText(a, b)) return a;
  const narrower = within(a, b) ? a : within(b, a) ? b : undefined;
  return narrower ?? `${shownText(a)} and ${shownText(b)}`;
}

/** Whether everything that the one matches is matched by the other. */
function within(inner: StringMatch, outer: StringMatch): boolean {
  if (outer.prefix !== undefined) return (inner.exact ?? inner.prefix ?? '').startsWith(outer.prefix);
  if (outer.regex !== undefined && inner.exact !== undefined) return RE2JS.matches(outer.regex, inner.exact);
  return false;
}

function bothPaths(a: HttpMatchRequest, b: HttpMatchRequest): Matched {
  const [one, other] = [pathOf(a), pathOf(b)];
  if (a.uri === undefined || b.uri === undefined) return { match: a.uri === undefined ? other : one };
  if (pathWithin(a, b)) return { match: one };
  if (pathWithin(b, a)) return { match: other };
  return { conflict: `path ${shownText(a.uri)} and path ${shownText(b.uri)}` };
}

function pathOf({ uri, ignoreUriCase }: HttpMatchRequest): HttpMatchRequest {
  return { ...(uri !== undefined && { uri }), ...(ignoreUriCase && { ignoreUriCase }) };
}

/** A path in any case lies only within a condition that is for any case too. */
function pathWithin(inner: HttpMatchRequest, outer: HttpMatchRequest): boolean {
  if (sameText(inner.uri!, outer.uri!) && (!inner.ignoreUriCase || outer.ignoreUriCase === true)) return true;
  if (inner.ignoreUriCase && !outer.ignoreUriCase) return false;
  return outer.ignoreUriCase ? within(lower(inner.uri!), lower(outer.uri!)) : within(inner.uri!, outer.uri!);
}

function lower({ exact, prefix, regex }: StringMatch): StringMatch {
  return {
    ...(exact !== undefined && { exact: exact.toLowerCase() }),
    ...(prefix !== undefined && { prefix: prefix.toLowerCase() }),
    ...(regex !== undefined && { regex }),
  };
}

/** Two things that a header must not be are one expression of both. */
function neither(
  a: Readonly<Record<string, StringMatch>>,
  b: Readonly<Record<string, StringMatch>>,
): Readonly<Record<string, StringMatch>> {
  const all: Record<string, StringMatch> = { ...a };
  for (const [name, condition] of Object.entries(b)) {
    const before = all[name];
    if (before === undefined || isPresence(condition)) all[name] = condition;
    else if (!isPresence(before) && !sameText(before, condition))
      all[name] = { regex: `${expression(before)}|${expression(condition)}` };
  }
  return all;
}

const isPresence = (match: StringMatch): boolean =>
  match.exact === undefined && match.prefix === undefined && match.regex === undefined;

const sameText = (a: StringMatch, b: StringMatch): boolean => a.exact === b.exact && a.prefix === b.prefix && a.regex === b.regex;

function expression({ exact, prefix, regex }: StringMatch): string {
  if (exact !== undefined) return quoted(exact);
  return prefix !== undefined ? `${quoted(prefix)}.*` : `(?:${regex})`;
}

/** Text as a regular expression that matches it and nothing else. */
export function quoted(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function shownText({ exact, prefix, regex }: StringMatch): string {
  return exact ?? (prefix === undefined ? `regex ${regex}` : `${prefix}*`);
}
