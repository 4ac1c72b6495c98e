import { type ConfigObject, fieldText, type Issue, objectId, type Severity } from '../../model/index.ts';

type Path = readonly (string | number)[];

/** An issue about a field of an object, as the object's own source is told of it. */
export function finding(
  object: Pick<ConfigObject, 'key' | 'origin'>,
  code: Issue['code'],
  severity: Severity,
  field: Path,
  message: string,
  hint?: string,
): Issue {
  return { code, severity, message, ...(hint !== undefined && { hint }), object: object.key, field, origin: object.origin };
}

/** Issues as rows. Two about the same field with the same code are told apart by their text. */
export function issueRows(issues: readonly Issue[]): readonly (readonly [string, Issue])[] {
  const rows = new Map<string, Issue>();
  for (const issue of issues) {
    const place = [issue.object === undefined ? '' : objectId(issue.object), issue.code, fieldText(issue.field ?? [])].join('\n');
    rows.set(rows.has(place) ? `${place}\n${issue.message}` : place, issue);
  }
  return [...rows];
}
