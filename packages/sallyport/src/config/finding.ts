import type { IssueCode, Severity } from '../model/index.ts';
import type { Path, Side } from './yaml/position.ts';
import type { Place } from './yaml/split.ts';

/** An issue before it has a place in a file: inside one document, at a field or at a line and column of the document's text. */
export interface Finding {
  readonly code: IssueCode;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string;
  readonly field: Path;
  readonly side?: Side;
  readonly place?: Place;
}

export type Findings = Iterable<Finding>;

/** A value that is refused. */
export function invalid(field: Path, message: string, hint?: string): Finding {
  return { code: 'INVALID_VALUE', severity: 'error', field, message, ...(hint === undefined ? {} : { hint }) };
}

/** A field that has to be there. `field` names the field itself; its place is that of its parent. */
export function missing(field: Path, message: string, hint?: string): Finding {
  return { code: 'MISSING_FIELD', severity: 'error', field, message, side: 'key', ...(hint === undefined ? {} : { hint }) };
}

/** Something that is accepted, as Istio accepts it, and deserves a look. */
export function warn(code: IssueCode, field: Path, message: string, hint?: string): Finding {
  return { code, severity: 'warning', field, message, side: 'key', ...(hint === undefined ? {} : { hint }) };
}

/** A value as it is shown inside a message: short, on one line. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
