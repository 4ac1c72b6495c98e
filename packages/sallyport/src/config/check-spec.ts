import type { Kind } from '../model/index.ts';
import type { Finding } from './finding.ts';
import { rowOf } from './kinds/table.ts';
import type { Subject } from './rules/rule.ts';
import { schemaFindings } from './schema.ts';

/**
 * What would be said of a normalised spec if somebody had written it: the schema of its kind, then the rules. For objects that are
 * made and not read. Fields start at `spec`.
 */
export function checkSpec(kind: Kind, spec: unknown, subject: Subject): readonly Finding[] {
  const use = rowOf(kind)?.use;
  if (!use?.acted) return [];
  const mistakes = schemaFindings(use.schema, spec, ['spec']);
  return mistakes.length > 0 || use.rule === undefined ? mistakes : [...use.rule(spec as never, subject)];
}
