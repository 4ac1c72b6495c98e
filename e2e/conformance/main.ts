// npm run conformance -- [simulation] [scenarios] [dumps] [names] [--only TEXT] [-o json]
import { parseArgs } from 'node:util';
import { type Difference, intendedBy, readDifferences } from './differences.ts';
import { type Count, type FolderSummary, goals, missed, runVectors, shareOf, sizeOf, summarise } from './run.ts';
import { differs, FOLDERS, type Folder, type Verdict } from './verdict.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    output: { type: 'string', short: 'o', default: 'text' },
  },
});

const unknown = positionals.filter((name) => !FOLDERS.includes(name as Folder));
if (unknown.length > 0 || !['text', 'json'].includes(values.output)) {
  console.error(`usage: npm run conformance -- [${FOLDERS.join('] [')}] [--only TEXT] [-o text|json]`);
  process.exit(2);
}

const folders = positionals.length === 0 ? FOLDERS : (positionals as Folder[]);
const differences = readDifferences();
const verdicts = await Array.fromAsync(runVectors(folders, values.only));
const summaries = summarise(verdicts, differences);
const reached = goals(summaries);
if (values.output === 'json')
  console.log(JSON.stringify({ summaries, goals: reached, disagreements: verdicts.filter(differs) }, null, 2));
else {
  printDisagreements(verdicts, differences);
  for (const summary of summaries) printSummary(summary);
  for (const goal of reached) {
    console.log(`${missed(goal) ? 'missed ' : 'reached'} ${goal.name}: ${percent(goal.share)}, at least ${percent(goal.least)}`);
  }
}
// A filter looks at some vectors; only a run over all of them can miss a goal.
process.exitCode = values.only === '' && reached.some(missed) ? 1 : 0;

function printDisagreements(all: readonly Verdict[], known: readonly Difference[]): void {
  const intended = intendedBy(known);
  for (const verdict of all.filter(differs)) {
    const why = intended(verdict)?.rule;
    const fields = [...verdict.gate1, ...verdict.gate2].join(verdict.folder === 'dumps' ? '\n    ' : ', ');
    console.log(`${verdict.id} (${verdict.part})${why === undefined ? '' : ` intended: ${why}`}\n    ${fields}`);
    for (const text of verdict.refused ?? []) console.log(`    refused: ${text}`);
    if (values.only !== '' && verdict.folder !== 'dumps') {
      console.log(`    expected ${JSON.stringify(verdict.expected)}\n    actual   ${JSON.stringify(verdict.actual)}`);
    }
  }
}

function printSummary({ folder, all, gate1, gate2, asserted, parts }: FolderSummary): void {
  console.log(`\n${folder}`);
  const line = (name: string, count: Count): void => {
    const { agreeing, intended, disagreeing } = count;
    console.log(
      `  ${name.padEnd(10)} ${percent(shareOf(count)).padStart(8)}  ${agreeing} agreeing, ${intended} intended, ${disagreeing} disagreeing`,
    );
  };
  line('all', all);
  if (folder === 'scenarios')
    for (const [name, count] of [
      ['gate 1', gate1],
      ['gate 2', gate2],
    ] as const)
      line(name, count);
  if (asserted !== undefined) line('asserted', asserted);
  for (const [part, count] of Object.entries(parts)) if (sizeOf(count) > 0) line(part, count);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
