import type { ObjectKey } from '../../model/index.ts';
import { keyKind, versionOf } from '../kinds/row.ts';
import { findKind } from '../kinds/table.ts';

const KIND = /^kind[ \t]*:[ \t]*["']?(\w+)/m;
const API_VERSION = /^apiVersion[ \t]*:[ \t]*["']?([\w./-]+)/m;
const METADATA = /^metadata[ \t]*:[ \t]*(?:\r?\n)((?:[ \t]+.*(?:\r?\n|$)|[ \t]*\r?\n)*)/m;

/** Who the object of a text that is no valid YAML is meant to be, if its first lines still say so. */
export function guessKey(text: string, defaultNamespace: string): ObjectKey | undefined {
  const kind = KIND.exec(text)?.[1];
  const metadata = METADATA.exec(text)?.[1];
  if (kind === undefined || metadata === undefined) return undefined;
  const name = field(metadata, 'name');
  if (name === undefined) return undefined;
  const row = findKind(versionOf(API_VERSION.exec(text)?.[1] ?? '').group, kind);
  return { kind: row === undefined ? kind : keyKind(row), namespace: field(metadata, 'namespace') ?? defaultNamespace, name };
}

function field(metadata: string, name: string): string | undefined {
  return new RegExp(`^[ \\t]+${name}[ \\t]*:[ \\t]*["']?([\\w.-]+)`, 'm').exec(metadata)?.[1];
}
