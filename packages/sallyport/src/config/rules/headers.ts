import type { Headers, HttpRoute } from '../../model/index.ts';
import { type Finding, invalid, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

const NAME = /^[-_A-Za-z0-9]+$/;
const CLAIM = /^@request\.auth\.claims[.[]/i;

/** `@request.auth.claims.group`: a match on a token instead of a header. */
export function isJwtClaim(name: string): boolean {
  return CLAIM.test(name);
}

export function isHeaderName(name: string): boolean {
  return NAME.test(name);
}

const isAuthority = (name: string): boolean => /^(?::authority|host)$/i.test(name);
const isInternal = (name: string): boolean => name.startsWith(':') || /^host$/i.test(name);

/** Header operations of a route or destination (spec/istio.md 2.7). */
export function* checkHeaders(headers: Headers | undefined, field: Path): Iterable<Finding> {
  for (const [side, operations] of Object.entries({ request: headers?.request, response: headers?.response })) {
    const at = [...field, side];
    for (const part of ['set', 'add'] as const)
      for (const [name, value] of Object.entries(operations?.[part] ?? {})) {
        const authority = side === 'request' && isAuthority(name);
        if (!authority) yield* checkName(name, [...at, part, name]);
        yield* checkValue(value, [...at, part, name]);
      }
    for (const [i, name] of (operations?.remove ?? []).entries()) yield* checkName(name, [...at, 'remove', i]);
  }
}

function* checkName(name: string, field: Path): Iterable<Finding> {
  if (name === '') yield invalid(field, 'a header has no name', 'write the name before the colon');
  else if (isInternal(name)) yield invalid(field, `${shown(name)} cannot be changed here`, 'use `rewrite` for the authority');
}

function* checkValue(value: string, field: Path): Iterable<Finding> {
  const unpaired = value.replaceAll('%%', '').replaceAll(/%[A-Z0-9_]+(?:\([^)]*\))?(?::\d+)?%/g, '');
  if (/[\n\r\0]/.test(value)) yield invalid(field, 'the value has a line break', 'write it on one line');
  if (unpaired.includes('%')) yield invalid(field, `${shown(value)} has a lone %`, 'write %% for a percent sign');
}

/** The authority may be changed in one place only: the rewrite, or a header operation. */
export function* checkSingleAuthority(route: HttpRoute, field: Path): Iterable<Finding> {
  const places: Path[] = [];
  if ((route.rewrite?.authority ?? '') !== '') places.push([...field, 'rewrite', 'authority']);
  for (const part of ['set', 'add'] as const)
    for (const name of Object.keys(route.headers?.request?.[part] ?? {}))
      if (isAuthority(name)) places.push([...field, 'headers', 'request', part, name]);
  for (const place of places.slice(1)) yield invalid(place, 'the authority is changed in two places', 'keep one of them');
}
