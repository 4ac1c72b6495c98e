import type { GlooStringMatch, RouteMatcher } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isHeaderName } from './headers.ts';
import { badRegex } from './regex.ts';
import { checkPortNumber } from './shared.ts';
import { METHODS } from './words.ts';

const KINDS = ['exact', 'prefix', 'regex', 'suffix'] as const;

/** One matcher of a route (spec/gloo.md 2.6). */
export function* checkMatcher(matcher: RouteMatcher, field: Path): Iterable<Finding> {
  if ((matcher.name ?? '') !== '')
    yield warn('INEFFECTIVE', [...field, 'name'], 'Gloo does not match by name', 'leave it out, or match `headers`');
  if (matcher.uri !== undefined) yield* checkText(matcher.uri, [...field, 'uri']);
  for (const [i, header] of (matcher.headers ?? []).entries()) {
    const at = [...field, 'headers', i];
    const { name = '', value, regex = false } = header;
    if (name === '') yield missing([...at, 'name'], 'the header has no name', 'write name: x-header');
    else if (!isHeaderName(name) && name !== ':authority')
      yield invalid([...at, 'name'], `${shown(name)} is no header name`, 'use letters, digits, dashes and underscores');
    if (regex) yield* checkExpression(value, [...at, 'value']);
  }
  for (const [i, parameter] of (matcher.queryParameters ?? []).entries()) {
    const at = [...field, 'queryParameters', i];
    if ((parameter.name ?? '') === '') yield missing([...at, 'name'], 'the query parameter has no name', 'write name: version');
    if (parameter.regex) yield* checkExpression(parameter.value, [...at, 'value']);
  }
  if (matcher.method !== undefined && !METHODS.has(matcher.method))
    yield invalid([...field, 'method'], `${shown(matcher.method)} is no HTTP method`, 'for example GET');
  if ((matcher.port ?? 0) !== 0) yield* checkPortNumber(matcher.port!, [...field, 'port']);
}

/** Text of one kind; suffixes are in Gloo's API and not in its translation (spec/gloo.md 2.1). */
export function* checkText(match: GlooStringMatch, field: Path): Iterable<Finding> {
  const given = KINDS.filter((kind) => match[kind] !== undefined);
  if (given.length === 0) yield missing(field, 'the condition says nothing', 'write `exact`, `prefix` or `regex`');
  if (given.length > 1)
    yield invalid(
      [...field, given[1]!],
      `${given.map((kind) => `\`${kind}\``).join(' and ')} exclude each other`,
      'keep one of them',
    );
  if (match.suffix !== undefined)
    yield invalid(
      [...field, 'suffix'],
      'suffixes are not supported, in Gloo neither',
      `write regex: ".*${escaped(match.suffix)}"`,
    );
  if (match.prefix === '') yield missing([...field, 'prefix'], 'an empty prefix matches everything', 'leave the condition out');
  if (match.regex !== undefined) yield* checkExpression(match.regex, [...field, 'regex']);
  if (match.ignoreCase && match.regex !== undefined)
    yield warn('INEFFECTIVE', [...field, 'ignoreCase'], '`ignoreCase` has no effect on a regex', 'start the regex with (?i)');
}

function* checkExpression(text: string | undefined, field: Path): Iterable<Finding> {
  const reason = text === undefined || text === '' ? 'it is empty' : badRegex(text);
  if (reason !== undefined)
    yield invalid(
      field,
      `${shown(text ?? '')} is no regular expression: ${reason}`,
      'Envoy reads RE2 syntax, without look-around and back-references',
    );
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
