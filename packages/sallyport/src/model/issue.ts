import type { ObjectKey, Origin } from './object.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A closed list: every code has its page in `docs/issues.md`. */
export type IssueCode =
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_GONE'
  | 'FILE_TOO_LARGE'
  | 'FILE_BINARY'
  | 'YAML_SYNTAX'
  | 'YAML_TAB'
  | 'YAML_DUPLICATE_KEY'
  | 'YAML_ALIASES'
  | 'YAML_AMBIGUOUS_SCALAR'
  | 'DOCUMENT_NOT_OBJECT'
  | 'DOCUMENT_INCOMPLETE'
  | 'DOCUMENT_RUN_TOGETHER'
  | 'DUPLICATE_OBJECT'
  | 'UNKNOWN_KIND'
  | 'UNSUPPORTED_VERSION'
  | 'NOT_ACTED_ON'
  | 'UNKNOWN_FIELD'
  | 'INVALID_VALUE'
  | 'MISSING_FIELD'
  | 'PLACEHOLDER'
  | 'DANGLING_REFERENCE'
  | 'UNKNOWN_SUBSET'
  | 'UNKNOWN_HOST'
  | 'HOST_CONFLICT'
  | 'HOST_CASE'
  | 'PORT_CONFLICT'
  | 'PORT_RESERVED'
  | 'SHADOWED'
  | 'UNREACHABLE'
  | 'NO_PROTOCOL'
  | 'NO_ADDRESS'
  | 'ADDRESS_CONFLICT'
  | 'ADDRESS_UNCHECKED'
  | 'TLS_NOT_DECLARED'
  | 'INEFFECTIVE'
  | 'SELECTS_NOTHING'
  | 'NAME_NOT_FOUND'
  | 'PRIVATE_ADDRESS'
  | 'ANSWERS_DIFFER'
  | 'PLAINTEXT_FALLBACK'
  | 'UNSUPPORTED'
  | 'UNTRANSLATABLE'
  | 'NACK'
  | 'INTERNAL';

/** Path inside an object, e.g. `['spec', 'ports', 0, 'number']`. */
export type FieldPath = readonly (string | number)[];

/** A finding about what the user wrote. Never thrown; the last good version of the object stays in force. */
export interface Issue {
  readonly code: IssueCode;
  readonly severity: Severity;
  /** Lower case, one sentence: what was found and what was expected. */
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
  readonly object?: ObjectKey;
  /** Path inside the object as the user spelled it, e.g. `['spec', 'ports', 0, 'number']`. */
  readonly field?: FieldPath;
  readonly origin?: Origin;
}

/** A value, or none, and what is to be said about how it was made. */
export interface Outcome<T> {
  readonly value?: T;
  readonly issues: readonly Issue[];
}

/** A field path as people write it: `spec.ports[0].number`. */
export function fieldText(field: FieldPath): string {
  return field.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}
