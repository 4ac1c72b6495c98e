import { dump } from 'js-yaml';
import { structural } from '../../collection/index.ts';
import { isMapping } from '../normalise.ts';
import { readDocument } from '../yaml/read.ts';
import { contentStart, type Slice, splitDocuments } from '../yaml/split.ts';
import type { ObjectPlace } from './places.ts';

/** A value as a YAML document. Whatever `readDocument` gave, it gives again of this text. */
export function printDocument(value: unknown): string {
  const options = { noRefs: true, lineWidth: -1 };
  const isSame = (text: string) => structural(readDocument(text).value, value);
  const text = dump(value, options);
  if (isSame(text)) return text;
  // The printer leaves some texts bare that YAML 1.1 reads as numbers, `-_0` for one, and keys bare even where it quotes all else.
  const quoted = dump(value, { ...options, forceQuotes: true });
  return isSame(quoted) ? quoted : `${JSON.stringify(value, null, 2)}\n`;
}

/** The text of a document without separator line and byte order mark, ending in a line break. */
export function bareDocument(text: string): string {
  const bare = text.replace(/^\uFEFF/, '').replace(/^---(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)|[ \t]+)/, '');
  return `${bare.trimEnd()}\n`;
}

/** The text with one object replaced. Everything around it, comments included, stays as it is; only a list is printed anew. */
export function replaceObject(text: string, place: ObjectPlace, document: string, value: unknown): string {
  const { slice, within } = place;
  if (within.length > 0) return splice(text, slice, printDocument(withItems(place, (items, at) => items.with(at, value))));
  return splice(text, slice, document);
}

/** The text without one object; empty when nothing is left that says something. */
export function removeObject(text: string, place: ObjectPlace): string {
  const { slice, within } = place;
  const items = within.length > 0 ? withItems(place, (all, at) => all.toSpliced(at, 1)) : undefined;
  const rest =
    items !== undefined && items['items'].length > 0
      ? splice(text, slice, printDocument(items))
      : text.slice(0, slice.offset) + text.slice(slice.offset + slice.text.length);
  return splitDocuments(rest).length === 0 ? '' : rest.replace(/^---[ \t]*(?:\r\n|\r|\n)/, '');
}

export function appendDocument(text: string, document: string): string {
  if (contentStart(text) === -1) return document;
  return `${text.trimEnd()}\n---\n${document}`;
}

/** Puts a document in the place of a slice, keeping the separator that the slice starts with. */
function splice(text: string, slice: Slice, document: string): string {
  const separator =
    /^---[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n)/.exec(slice.text)?.[0] ?? (slice.text.startsWith('---') ? '---\n' : '');
  const before = text.slice(0, slice.offset);
  const gap = before === '' || /[\r\n]$/.test(before) ? '' : '\n';
  return `${before}${gap}${separator}${document}${text.slice(slice.offset + slice.text.length)}`;
}

function withItems(
  { value, within }: ObjectPlace,
  change: (items: readonly unknown[], at: number) => readonly unknown[],
): { readonly items: readonly unknown[] } {
  const items = isMapping(value) && Array.isArray(value['items']) ? value['items'] : [];
  return { ...(value as object), items: change(items, Number(within[1])) };
}
