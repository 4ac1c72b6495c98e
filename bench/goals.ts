import type { CaseResult, LoadResult } from './ads.ts';
import { type IstiodFigures, type IstiodRow, istiod } from './istiod.ts';

/** What one line is to reach; times in milliseconds, memory in MiB. An absent part has no goal. */
export interface Goal {
  readonly ms?: number;
  readonly cpu?: number;
  readonly sent?: number;
  readonly rss?: number;
}

/** Of a change istiod waits this long before it does anything; ours waits for a quiet period of its own. */
const DEBOUNCE_MS = 100;
const QUIET_MS = 20;

type Line = CaseResult['name'] | 'ready' | 'memory';

/** The goals of spec/performance.md 3 for a load such as `c10k P=50`; none where istiod was not measured. */
export function goalOf(load: string, line: Line, figures: IstiodFigures = istiod): Goal | undefined {
  const theirs = figures[load];
  const [name, proxies] = load.split(' P=');
  if (line === 'ready') return name === 'c10k' ? pick(figures['c10k P=1']?.ready, 1) : undefined;
  if (theirs === undefined) return undefined;
  switch (line) {
    case 'memory':
      return load === 'c10k P=200' ? { rss: theirs.rss.steady } : undefined;
    case 'cold':
      return pick(theirs.cold, proxies === '1' ? 1 : 3);
    case 'reconnect':
      return { sent: 0, cpu: theirs.reconnect.cpu / (name === 'c1k' ? 5 : 20) };
    default:
      return changeGoal(theirs[line]);
  }
}

function pick(theirs: IstiodRow['cold'] | undefined, by: number): Goal | undefined {
  return theirs && { ms: theirs.ms / by, cpu: theirs.cpu / by };
}

function changeGoal({ ms, cpu }: IstiodRow['cold']): Goal {
  return { ms: QUIET_MS + Math.max((ms - DEBOUNCE_MS) / 10, 10), cpu: Math.max(cpu / 10, 5) };
}

/** What was found in a line, in the terms of a goal. */
export type Found = Required<Goal>;

/** `met`, or what is missed; empty where there is no goal. */
export function verdict(goal: Goal | undefined, found: Partial<Found>): string {
  if (goal === undefined) return '';
  const missed = (Object.keys(goal) as (keyof Goal)[]).filter((what) => (found[what] ?? 0) > (goal[what] ?? 0));
  return missed.length === 0 ? 'met' : `missed ${missed.map((what) => WORDS[what]).join(', ')}`;
}

const WORDS: Readonly<Record<keyof Goal, string>> = { ms: 'time', cpu: 'CPU', sent: 'sent', rss: 'RSS' };

/** Every line of a load with its goal, for machines. */
export function verdictsOf(
  { load, ready, cases, rss }: LoadResult,
  figures: IstiodFigures = istiod,
): Readonly<Record<string, { goal: Goal; verdict: string }>> {
  const found: [Line, Partial<Found>][] = [
    ['ready', { ms: ready.ms, cpu: ready.cpu }],
    ...cases.map(({ name, ms, cpu, resourcesSent }): [Line, Partial<Found>] => [name, { ms, cpu, sent: resourcesSent }]),
    ['memory', { rss: rss.steady }],
  ];
  return Object.fromEntries(
    found.flatMap(([line, values]) => {
      const goal = goalOf(load, line, figures);
      return goal === undefined ? [] : [[line, { goal, verdict: verdict(goal, values) }]];
    }),
  );
}
