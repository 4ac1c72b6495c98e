import type { ConfigObject, Outcome } from '../model/index.ts';
import { type ConfigDocument, issueOf, positionOf } from './document.ts';
import { judge } from './judge.ts';

/** Age of the first document that does not say how old it is; each further one is a second younger (design.md section 4). */
const FIRST_CREATED = Date.UTC(2024, 0, 1);

export interface DecodeOptions {
  /** Namespace of documents that name none; `default` if not given. */
  readonly defaultNamespace?: string;
  /** How many non-empty documents stand before this one in the whole input. */
  readonly index: number;
}

/** When a document without creationTimestamp counts as created, in milliseconds since the epoch. */
export function createdAtIndex(index: number): number {
  return FIRST_CREATED + Math.round(index * 1000);
}

/**
 * Makes a typed object of one document, as istiod would take it in. The value is absent when there is an error among the issues,
 * or when objects of the kind are not acted on.
 */
export function decodeDocument(
  document: ConfigDocument,
  { index, defaultNamespace = 'default' }: DecodeOptions,
): Outcome<ConfigObject> {
  const { draft, key, findings } = judge(document.value, defaultNamespace);
  const issues = findings.map((finding) => issueOf(finding, document, key));
  if (draft === undefined) return { issues };
  const { source, path, line, column } = positionOf(document);
  const origin = { source, path, line, column };
  return { value: { ...draft, createdAt: draft.createdAt ?? createdAtIndex(index), origin }, issues };
}
