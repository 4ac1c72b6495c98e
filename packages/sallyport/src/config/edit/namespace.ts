import { COLLECTION_STYLE, EVENT_ID, type Event, parseEvents } from 'js-yaml';
import { isMapping } from '../normalise.ts';
import { after, eventText } from '../yaml/events.ts';
import { MAX_DEPTH } from '../yaml/limits.ts';
import { readDocument } from '../yaml/read.ts';

/**
 * The text of a document with `metadata.namespace` written into it if it has none, so that the document means the same wherever it is
 * read. Nothing else of the text changes. Text in which there is no place for it is given back as it is.
 */
export function withNamespace(text: string, namespace: string): string {
  const { value } = readDocument(text);
  if (!isMapping(value) || !isMapping(value['metadata']) || Object.hasOwn(value['metadata'], 'namespace')) return text;
  const events = parseEvents(text, { maxDepth: MAX_DEPTH });
  const root = events[1];
  if (root?.type !== EVENT_ID.MAPPING) return text;
  for (let at = 2; events[at] !== undefined && events[at]!.type !== EVENT_ID.POP; ) {
    const inside = at + 1;
    if (eventText(text, events[at]!) === 'metadata') return insert(text, events, inside, namespace);
    at = after(events, inside);
  }
  return text;
}

function insert(text: string, events: readonly Event[], at: number, namespace: string): string {
  const metadata = events[at];
  const first = events[at + 1];
  if (metadata?.type !== EVENT_ID.MAPPING || first?.type !== EVENT_ID.SCALAR || first.tagStart !== -1 || first.anchorStart !== -1)
    return text;
  const quoted = /["']/.test(text[first.valueStart - 1] ?? '');
  const offset = first.valueStart - (quoted ? 1 : 0);
  const column = offset - (text.lastIndexOf('\n', offset - 1) + 1);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const added =
    metadata.style === COLLECTION_STYLE.FLOW
      ? `"namespace": "${namespace}", `
      : `namespace: ${quote(namespace)}${lineBreak}${' '.repeat(column)}`;
  return text.slice(0, offset) + added + text.slice(offset);
}

/** A namespace such as `on` or `12` is text only in quotes. */
function quote(namespace: string): string {
  return readDocument(namespace).value === namespace ? namespace : `"${namespace}"`;
}
