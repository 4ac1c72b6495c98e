import { type ObjectKey, objectId } from '../../model/index.ts';
import { expandList } from '../document.ts';
import { versionOf } from '../kinds/row.ts';
import { findKind } from '../kinds/table.ts';
import { keyOf, readMetadata } from '../metadata.ts';
import { isMapping } from '../normalise.ts';
import { guessKey } from '../yaml/guess.ts';
import type { Path } from '../yaml/position.ts';
import { readDocument } from '../yaml/read.ts';
import { type Slice, splitDocuments } from '../yaml/split.ts';

/** Who an object is, with the API group: two groups may have a kind of the same name. */
export interface Identity {
  readonly key: ObjectKey;
  readonly group: string;
}

export function identityText({ key, group }: Identity): string {
  return `${group}/${objectId(key)}`;
}

/** The identity of a value, valid or not, as long as its kind is known and its name can be read. */
export function identify(value: unknown, defaultNamespace: string): Identity | undefined {
  if (!isMapping(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') return undefined;
  const { group } = versionOf(value['apiVersion']);
  const row = findKind(group, value['kind']);
  if (row === undefined) return undefined;
  const key = keyOf(row, readMetadata(row, value['metadata'], defaultNamespace).metadata);
  return key === undefined ? undefined : { key, group };
}

/** An object inside a file's text. */
export interface ObjectPlace {
  /** The document it is written in, or of whose list it is an item. */
  readonly slice: Slice;
  readonly within: Path;
  /** The document's value; absent for text that cannot be read. */
  readonly value?: unknown;
}

/** Where in a text an object is written: the last place if there are several, for that one counts. Broken text is searched, too. */
export function findObject(text: string, wanted: Identity, defaultNamespace: string): ObjectPlace | undefined {
  if (!text.includes(wanted.key.name)) return undefined;
  let found: ObjectPlace | undefined;
  for (const slice of splitDocuments(text)) {
    if (!slice.text.includes(wanted.key.name)) continue;
    const { value } = readDocument(slice.text);
    if (value === undefined) {
      const guessed = guessKey(slice.text, defaultNamespace);
      if (guessed !== undefined && objectId(guessed) === objectId(wanted.key)) found = { slice, within: [] };
      continue;
    }
    for (const one of expandList({ source: '', path: '', ...slice, within: [], value })) {
      const identity = identify(one.value, defaultNamespace);
      if (identity !== undefined && identityText(identity) === identityText(wanted)) found = { slice, within: one.within, value };
    }
  }
  return found;
}
