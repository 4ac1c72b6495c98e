import { EVENT_ID, type Event, getScalarValue } from 'js-yaml';

/** Index of the event after the node that starts at `at`. */
export function after(events: readonly Event[], at: number): number {
  let open = 0;
  for (let i = at; i < events.length; i++) {
    const { type } = events[i]!;
    if (type === EVENT_ID.POP) open--;
    else if (type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS) open++;
    if (open === 0) return i + 1;
  }
  return events.length;
}

/** The text of a scalar; undefined for anything else. */
export function eventText(text: string, event: Event): string | undefined {
  if (event.type !== EVENT_ID.SCALAR) return undefined;
  return event.valueStart === -1 ? '' : getScalarValue(text, event);
}
