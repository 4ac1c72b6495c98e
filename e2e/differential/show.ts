import type { Disagreement, Tally } from './run.ts';

/** A disagreement with all that one needs to look at it. */
export function found({ trial, found, performed }: Disagreement): string {
  const log = performed.records.map(
    (record) => `${record.response_flags} ${record.response_code} ${record.response_code_details}`,
  );
  return [`${trial.id} ${trial.way} ${JSON.stringify(trial.call)}`, ...found, ...log.map((line) => `log ${line}`)].join('\n    ');
}

/** Prints what a run came to. */
export function printTally(title: string, { made, leftOut, disagreements, refused }: Tally): void {
  console.log(`\n${title}: ${made} calls made, ${disagreements.length} disagree`);
  for (const [reason, count] of [...leftOut].sort(([, a], [, b]) => b - a)) console.log(`  left out ${count}: ${reason}`);
  for (const { setting, name, detail } of refused) console.log(`  refused in ${setting}: ${name}: ${detail}`);
  for (const one of disagreements) console.log(`  ${found(one)}\n    configuration ${JSON.stringify(one.trial.setting.vector)}`);
}
