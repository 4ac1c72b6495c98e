import type { HttpMatchRequest, StringMatch } from '../../model/index.ts';
import { type Finding, invalid, missing, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { isHeaderName, isJwtClaim } from './headers.ts';
import { isDnsLabel } from './names.ts';
import { badRegex } from './regex.ts';
import { checkPortNumber } from './shared.ts';
import { checkLabels } from './workload-entry.ts';

/** One match of an http route (spec/istio.md 2.7). */
export function* checkHttpMatch(match: HttpMatchRequest, field: Path): Iterable<Finding> {
  yield* checkRegex(match.uri, [...field, 'uri']);
  for (const name of ['scheme', 'method', 'authority'] as const) yield* checkStringMatch(match[name], [...field, name]);
  for (const part of ['headers', 'withoutHeaders'] as const)
    for (const [name, value] of Object.entries(match[part] ?? {})) {
      if (!isHeaderName(name) && !isJwtClaim(name))
        yield invalid(
          [...field, part, name],
          name === '' ? 'a header has no name' : `${shown(name)} is no header name`,
          'use letters, digits, dashes and underscores',
        );
      // In Istio "*" stands for any value where a header must be absent.
      if (part === 'headers' || value.regex !== '*') yield* checkStringMatch(value, [...field, part, name]);
    }
  for (const [name, value] of Object.entries(match.queryParams ?? {})) yield* checkRegex(value, [...field, 'queryParams', name]);
  if ((match.port ?? 0) !== 0) yield* checkPortNumber(match.port!, [...field, 'port']);
  yield* checkLabels(match.sourceLabels, [...field, 'sourceLabels']);
  const namespace = match.sourceNamespace ?? '';
  if (namespace !== '' && !isDnsLabel(namespace))
    yield invalid([...field, 'sourceNamespace'], `${shown(namespace)} is no namespace`, 'write its name');
}

export function* checkStringMatch(match: StringMatch | undefined, field: Path): Iterable<Finding> {
  if (match?.prefix === '') yield missing([...field, 'prefix'], 'an empty prefix matches everything', 'leave the match out');
  yield* checkRegex(match, field);
}

export function* checkRegex(match: StringMatch | undefined, field: Path): Iterable<Finding> {
  if (match?.regex === undefined) return;
  const reason = match.regex === '' ? 'it is empty' : badRegex(match.regex);
  if (reason !== undefined)
    yield invalid(
      [...field, 'regex'],
      `${shown(match.regex)} is no regular expression: ${reason}`,
      'Envoy reads RE2 syntax, without look-around and back-references',
    );
}
