import type { AuthorizationRule } from '../../model/index.ts';
import { type Finding, invalid } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

const SOURCES = [
  'namespaces',
  'principals',
  'requestPrincipals',
  'notNamespaces',
  'notPrincipals',
  'notRequestPrincipals',
] as const;
const KEYS = /^(source\.namespace|source\.principal|request\.auth\..*)$/;

/** What a CUSTOM policy may not ask about: Envoy decides whether to ask the provider before it knows who calls. */
export function* unseenByProviders({ from = [], when = [] }: AuthorizationRule, field: Path): Iterable<Finding> {
  for (const [i, { source = {} }] of from.entries())
    for (const name of SOURCES) if ((source[name] ?? []).length > 0) yield refused([...field, 'from', i, 'source', name], name);
  for (const [i, { key = '' }] of when.entries()) if (KEYS.test(key)) yield refused([...field, 'when', i, 'key'], key);
}

function refused(field: Path, what: string): Finding {
  return invalid(field, `${what} cannot be asked about with action CUSTOM`, 'leave this to the provider, or use ALLOW and DENY');
}
