import type { CaseResult, LoadResult } from './ads.ts';
import { columns } from './columns.ts';
import { goalOf, verdict, verdictsOf } from './goals.ts';
import type { IstiodFigures } from './istiod.ts';
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
  'goal ms',
  'CPU ms',
  'goal is',
];

/**
 * Our figures beside istiod's (spec/performance.md 2, or measured here) and the goals made from them (3). istiod's are from
 * another run: the ratio is good for one digit.
 */
export function adsText(result: LoadResult, figures: IstiodFigures): string {
  const { load, ready, cases, rss } = result;
  const theirs = figures[load];
  const verdicts = verdictsOf(result, figures);
  const ends = (line: 'ready' | CaseResult['name']): string[] => {
    const goal = goalOf(load, line, figures);
    return [number(goal?.ms), number(goal?.cpu), verdicts[line]?.verdict ?? ''];
  };
  const lines = [HEAD];
  const start = [ms(ready.ms), ms(ready.cpu), ms(ready.rss), '', '', '', ''];
  lines.push(['ready', ...start, ...beside(ready, theirs?.ready), ...ends('ready')]);
  for (const of of cases) lines.push([...ours(of), ...beside(of, theirs?.[of.name]), ...ends(of.name)]);
  const memory = theirs && `, istiod ${theirs.rss.steady} and ${theirs.rss.peak}`;
  const goal = goalOf(load, 'memory', figures);
  const held = goal && `, goal ${goal.rss}: ${verdict(goal, { rss: rss.steady })}`;
  return `${load}\n${columns(lines)}\nRSS steady ${ms(rss.steady)} MiB, peak ${ms(rss.peak)}${memory ?? ''}${held ?? ''}\n`;
}

function ours({ name, ms: time, cpu, rss, wire, work, resourcesSent }: CaseResult): string[] {
  const rows = String(sum(work.recomputed));
  return [name, ms(time), ms(cpu), ms(rss), (wire / 1e6).toFixed(2), rows, String(sum(work.encoded)), String(resourcesSent)];
}

function beside(mine: { ms: number; cpu: number }, theirs: { ms: number; cpu: number } | undefined): string[] {
  if (theirs === undefined) return ['', '', '', ''];
  return [ms(theirs.ms), ms(theirs.cpu), (mine.ms / theirs.ms).toFixed(3), (mine.cpu / theirs.cpu).toFixed(3)];
}

const ms = (value: number): string => value.toFixed(value < 20 ? 1 : 0);
const number = (value: number | undefined): string => (value === undefined ? '' : ms(value));
