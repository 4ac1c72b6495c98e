import type { Tally } from './run.ts';

/** Prints what a run came to, disagreements with all that one needs to look at them. */
export function printTally(title: string, { made, leftOut, disagreements, refused }: Tally): void {
  console.log(`\n${title}: ${made} calls made, ${disagreements.length} disagree`);
  for (const [reason, count] of [...leftOut].sort(([, a], [, b]) => b - a)) console.log(`  left out ${count}: ${reason}`);
  for (const { setting, name, detail } of refused) console.log(`  refused in ${setting}: ${name}: ${detail}`);
  for (const { trial, found, performed } of disagreements) {
    console.log(`  ${trial.id} ${trial.way} ${JSON.stringify(trial.call)}`);
    for (const line of found) console.log(`    ${line}`);
    for (const record of performed.records) console.log(`    log ${record.response_flags} ${record.response_code} ${record.response_code_details}`);
  }
}
