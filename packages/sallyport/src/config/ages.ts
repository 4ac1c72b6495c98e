/** Where the documents of a file stand in the count of the whole input: document k at `start + k * step`. */
export interface Span {
  readonly start: number;
  readonly step: number;
}

export interface Counted {
  /** Documents of the file. */
  readonly count: number;
  /** Its span before, if it had one, and how many documents it was for. */
  readonly before?: Span & { readonly count: number };
}

/** Positions closer than this would become the same millisecond of age. */
const FINEST = 0.001;

/** Plain counting, from 0: the rule of design.md section 4. */
export function countSpans(files: readonly Counted[]): readonly Span[] {
  let start = 0;
  return files.map(({ count }) => {
    const span = { start, step: 1 };
    start += count;
    return span;
  });
}

/**
 * Spans in the same order that leave as many files as they can where they were: a file that goes leaves a gap, one that comes is fitted
 * between its neighbours. So one change ages one file instead of all that follow. Counts anew when there is no room left.
 */
export function keepSpans(files: readonly Counted[]): readonly Span[] {
  const nextKept = keptAfter(files);
  const spans: Span[] = [];
  let last = -1;
  for (const [i, { count, before }] of files.entries()) {
    let span: Span;
    if (before !== undefined && before.count === count && before.start > last) span = { start: before.start, step: before.step };
    else {
      let next = nextKept[i];
      while (next !== undefined && files[next]!.before!.start <= last) next = nextKept[next];
      const room = next === undefined ? Number.POSITIVE_INFINITY : files[next]!.before!.start - last;
      const step = Math.min(1, room / (count + 1));
      if (step < FINEST) return countSpans(files);
      span = { start: last + step, step };
    }
    spans.push(span);
    if (count > 0) last = span.start + (count - 1) * span.step;
  }
  return spans;
}

/** For each file the next one after it that may stay where it was. */
function keptAfter(files: readonly Counted[]): readonly (number | undefined)[] {
  const next: (number | undefined)[] = new Array(files.length);
  let kept: number | undefined;
  for (let i = files.length - 1; i >= 0; i--) {
    next[i] = kept;
    const { before, count } = files[i]!;
    if (before !== undefined && before.count === count && count > 0) kept = i;
  }
  return next;
}
