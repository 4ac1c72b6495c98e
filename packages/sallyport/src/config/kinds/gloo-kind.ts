import type { Rule } from '../rules/rule.ts';
import type { KindRow } from './row.ts';
import type { Shape } from './shape.ts';

/** A row of a Gloo kind that is translated. `rule` has what the prose of the API says beyond the schema (spec/gloo.md). */
export function glooKind<S>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  schema: Shape,
  rule?: Rule<S>,
  more: Partial<Pick<KindRow, 'qualified' | 'shortNames'>> = {},
): KindRow {
  // A rule is only ever called with the normalised spec of its own kind, which the schema has checked.
  const use = { acted: true, schema, ...(rule === undefined ? {} : { rule: rule as Rule<never> }) } as const;
  return { kind, group, versions: [version], plural, scope: 'Namespaced', ...more, use };
}
