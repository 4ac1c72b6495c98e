import { type HttpMatchRequest, type HttpRoute, hasLineBreak, type Issue, objectId, type Routing } from '../../model/index.ts';
import { isRedirectCode } from './redirect.ts';
import { statusForEnvoy } from './status.ts';

const CLAIMS = '@request.auth.claims';

/** What a VirtualService asks for that a sidecar's Envoy cannot do, each with a row key. */
export function* unsupportedIn(routing: Routing): Generator<readonly [string, Issue]> {
  for (const [i, route] of (routing.spec.http ?? []).entries()) {
    for (const issue of [...ofRoute(route, ['spec', 'http', i]), ...ofMatches(route.match ?? [], ['spec', 'http', i, 'match'])])
      yield [`${objectId(routing.key)} ${issue.field?.join('.')}`, { ...issue, object: routing.key }];
  }
}

type Path = readonly (string | number)[];

function* ofRoute(route: HttpRoute, path: Path): Generator<Issue> {
  const code = route.redirect?.redirectCode ?? 0;
  if (!isRedirectCode(code)) {
    const message = `Envoy cannot redirect with code ${code}; requests get 500 instead`;
    yield {
      code: 'UNSUPPORTED',
      severity: 'error',
      field: [...path, 'redirect', 'redirectCode'],
      message,
      hint: 'write 301, 302, 303, 307 or 308',
    };
  }
  for (const [text, field] of headerTexts(route)) {
    if (!hasLineBreak(text)) continue;
    const message = 'the text has a line break, which no header may have; it is left out';
    yield { code: 'UNSUPPORTED', severity: 'error', field: [...path, ...field], message, hint: 'write it on one line' };
  }
  for (const [status, field] of [
    [route.directResponse?.status, ['directResponse', 'status']],
    [route.fault?.abort?.httpStatus, ['fault', 'abort', 'httpStatus']],
  ] as const) {
    if (status === undefined || statusForEnvoy(status) === status) continue;
    const message = `Envoy knows no status ${status}; requests get ${statusForEnvoy(status)} instead`;
    yield {
      code: 'UNSUPPORTED',
      severity: 'warning',
      field: [...path, ...field],
      message,
      hint: 'write a status from 200 to 599',
    };
  }
}

/** What becomes part of a request's or an answer's head. Header values are looked at when the object is read. */
function headerTexts({ redirect, rewrite }: HttpRoute): readonly (readonly [text: string, field: Path])[] {
  const texts: readonly (readonly [string | undefined, Path])[] = [
    [redirect?.uri, ['redirect', 'uri']],
    [redirect?.prefixRewrite, ['redirect', 'prefixRewrite']],
    [redirect?.authority, ['redirect', 'authority']],
    [rewrite?.uri, ['rewrite', 'uri']],
    [rewrite?.authority, ['rewrite', 'authority']],
    [rewrite?.uriRegexRewrite?.rewrite, ['rewrite', 'uriRegexRewrite', 'rewrite']],
  ];
  return texts.flatMap(([text, field]) => (text === undefined ? [] : [[text, field] as const]));
}

function* ofMatches(matches: readonly HttpMatchRequest[], path: Path): Generator<Issue> {
  for (const [i, match] of matches.entries()) {
    for (const conditions of ['headers', 'withoutHeaders'] as const) {
      const claim = Object.keys(match[conditions] ?? {}).find((name) => name.toLowerCase().startsWith(CLAIMS));
      if (claim === undefined) continue;
      const message = `sidecars read no tokens before they choose a route: the condition on ${claim} counts only on gateways`;
      yield {
        code: 'INEFFECTIVE',
        severity: 'warning',
        field: [...path, i, conditions, claim],
        message,
        hint: 'route by claims on a gateway, or limit the match to gateways',
      };
    }
  }
}
