import type { ConfigObject, FieldPath } from '../../../model/index.ts';
import { type Marked, took } from '../../sourced.ts';
import type { Trace } from './action.ts';

/** A value with everything known about where its parts come from. Of two traces of one part the later counts. */
export function marked<T>(value: T, traces: readonly Trace[], table: ConfigObject): Marked<T> {
  return mark(value, traces, table, []) as Marked<T>;
}

function mark(value: unknown, traces: readonly Trace[], table: ConfigObject, at: FieldPath): unknown {
  const below = traces.filter(({ out }) => out.length >= at.length && at.every((part, i) => out[i] === part));
  if (below.length === 0) return value;
  const here = below.findLast(({ out }) => out.length === at.length);
  const inside = partsOf(value, (item, part) => mark(item, below, table, [...at, part]));
  return here === undefined ? inside : took(here.object ?? table, here.field, inside as never);
}

function partsOf(value: unknown, each: (item: unknown, part: string | number) => unknown): unknown {
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, each(item, name)]));
}
