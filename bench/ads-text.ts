import type { CaseResult, LoadResult } from './ads.ts';
import { columns } from './columns.ts';
import { istiod } from './istiod.ts';
import { sum } from './subject.ts';

const HEAD = [
  'case',
  'ms',
  'CPU ms',
  'RSS MiB',
  'wire MB',
  'rows',
  'encoded',
  'sent',
  'istiod ms',
  'CPU ms',
  'ratio ms',
  'ratio CPU',
];

/** Our figures beside istiod's (spec/performance.md 2), which are from another run: the ratio is good for one digit. */
export function adsText({ load, ready, cases, rss }: LoadResult): string {
  const theirs = istiod[load];
  const lines = [HEAD];
  const start = theirs?.ready;
  lines.push(['ready', ms(ready.ms), ms(ready.cpu), ms(ready.rss), '', '', '', '', ...beside(ready, start)]);
  for (const of of cases) lines.push([...ours(of), ...beside(of, theirs?.[of.name])]);
  const memory = theirs && `, istiod ${theirs.rss.steady} and ${theirs.rss.peak}`;
  return `${load}\n${columns(lines)}\nRSS steady ${ms(rss.steady)} MiB, peak ${ms(rss.peak)}${memory ?? ''}\n`;
}

function ours({ name, ms: time, cpu, rss, wire, work, resourcesSent }: CaseResult): string[] {
  const rows = String(sum(work.recomputed));
  return [name, ms(time), ms(cpu), ms(rss), (wire / 1e6).toFixed(2), rows, String(sum(work.encoded)), String(resourcesSent)];
}

function beside(mine: { ms: number; cpu: number }, theirs: { ms: number; cpu: number } | undefined): string[] {
  if (theirs === undefined) return [];
  return [ms(theirs.ms), ms(theirs.cpu), (mine.ms / theirs.ms).toFixed(3), (mine.cpu / theirs.cpu).toFixed(3)];
}

const ms = (value: number): string => value.toFixed(value < 20 ? 1 : 0);
