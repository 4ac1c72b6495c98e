import type { HttpMatchRequest, StringMatch } from '../../../model/index.ts';

/** What sorting needs to know of a route. */
export interface Ranked {
  readonly matches: readonly HttpMatchRequest[];
  /** Weight of its table. */
  readonly weight: number;
}

/**
 * Delegated routes by how much their path says: exact before regex before prefix, longer before shorter, regexes all alike;
 * then by the weight of their tables, then in the order they had. Of several matchers the most telling counts (spec/gloo.md 2.6).
 */
export function bySpecificity<R extends Ranked>(routes: readonly R[]): R[] {
  return [...routes].sort((a, b) => {
    const [one, other] = [rankOf(a), rankOf(b)];
    return other.kind - one.kind || other.length - one.length || b.weight - a.weight;
  });
}

interface Rank {
  readonly kind: number;
  readonly length: number;
}

function rankOf({ matches }: Ranked): Rank {
  return matches.map(({ uri }) => rankOfPath(uri)).reduce(higher, { kind: 0, length: 0 });
}

function higher(a: Rank, b: Rank): Rank {
  return a.kind - b.kind || a.length - b.length ? (a.kind > b.kind || (a.kind === b.kind && a.length > b.length) ? a : b) : a;
}

function rankOfPath(uri: StringMatch | undefined): Rank {
  if (uri?.exact !== undefined) return { kind: 3, length: uri.exact.length };
  if (uri?.regex !== undefined) return { kind: 2, length: 0 };
  return { kind: 1, length: uri?.prefix?.length ?? 0 };
}
