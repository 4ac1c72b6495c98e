import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from 'js-yaml';
import { after, eventText } from './events.ts';
import { MAX_DEPTH } from './limits.ts';
import { contentStart, type Place, placeAt } from './split.ts';

export type Path = readonly (string | number)[];
/** The key of a pair, or the value if that is a scalar. */
export type Side = 'key' | 'value';

export interface Located extends Place {
  /** As far as the path exists, in the user's spelling. */
  readonly spelled: Path;
  /** The text of a plain scalar at the path, as written. */
  readonly plain?: string;
}

/**
 * Where in the text of one YAML document a field stands. `snake_case` keys answer to camelCase parts. Where the path ends early,
 * the deepest part that exists is meant. Costs a parse: only called when there is something to say.
 */
export function locate(text: string, path: Path, side: Side = 'value'): Located {
  const events = eventsOf(text);
  if (events === undefined) return { ...start(text), spelled: [] };
  let at = events[0]?.type === EVENT_ID.DOCUMENT ? 1 : 0;
  let offset = -1;
  const spelled: (string | number)[] = [];
  for (const [depth, part] of path.entries()) {
    const event = events[at];
    const child = event === undefined ? undefined : step(text, events, at, part);
    if (child === undefined) break;
    at = child.value;
    spelled.push(child.spelled);
    const value = events[at]!;
    const last = depth === path.length - 1;
    const wantsValue = child.key === -1 || (last && side === 'value' && value.type === EVENT_ID.SCALAR);
    const valueAt = offsetOf(value);
    offset = wantsValue && valueAt !== -1 ? valueAt : child.key !== -1 ? child.key : offset;
  }
  const event = events[at];
  const found = offset === -1 ? start(text) : placeAt(text, offset);
  if (
    spelled.length === path.length &&
    event?.type === EVENT_ID.SCALAR &&
    event.style === SCALAR_STYLE.PLAIN &&
    event.tagStart === -1
  )
    return { ...found, spelled, plain: event.valueStart === -1 ? '' : getScalarValue(text, event) };
  return { ...found, spelled };
}

/** Findings come in bunches for one text, and so do the items of a list: the last parse is kept. */
let last: { readonly text: string; readonly events: readonly Event[] | undefined } = { text: '', events: [] };

function eventsOf(text: string): readonly Event[] | undefined {
  if (last.text !== text) {
    try {
      last = { text, events: parseEvents(text, { maxDepth: MAX_DEPTH }) };
    } catch {
      last = { text, events: undefined };
    }
  }
  return last.events;
}

/** Where the content of a document starts. */
export function start(text: string): Place {
  return placeAt(text, Math.max(0, contentStart(text)));
}

interface Child {
  /** Index of the value's event. */
  readonly value: number;
  /** Offset of the key, -1 in a list. */
  readonly key: number;
  readonly spelled: string | number;
}

function step(text: string, events: readonly Event[], from: number, part: string | number): Child | undefined {
  const event = events[from]!;
  if (event.type === EVENT_ID.SEQUENCE && typeof part === 'number') {
    let item = from + 1;
    for (let n = 0; n < part && events[item]?.type !== EVENT_ID.POP; n++) item = after(events, item);
    const found = events[item];
    return found === undefined || found.type === EVENT_ID.POP ? undefined : { value: item, key: -1, spelled: part };
  }
  if (event.type !== EVENT_ID.MAPPING) return undefined;
  let near: Child | undefined;
  let at = from + 1;
  for (let key = events[at]; key !== undefined && key.type !== EVENT_ID.POP; key = events[at]) {
    const value = after(events, at);
    const name = eventText(text, key);
    if (name === String(part)) return { value, key: offsetOf(key), spelled: name };
    if (name !== undefined && camelCase(name) === part) near ??= { value, key: offsetOf(key), spelled: name };
    at = after(events, value);
  }
  return near;
}

function offsetOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) {
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return event.valueStart === -1 ? -1 : event.valueStart - (quoted ? 1 : 0);
  }
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : -1;
}

/** `export_to` → `exportTo`, the way protojson pairs the two spellings; text with capitals is left alone. */
export function camelCase(name: string): string {
  return /^[a-z0-9_]+$/.test(name) ? name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : name;
}
