// npm run differential -- [--calls 2000] [--vectors 300] [--seed N] [--only TEXT] [--part outbound|inbound|gateway]
import { parseArgs } from 'node:util';
import { draw, randomFrom } from './draw.ts';
import { vectorTrials } from './from-vectors.ts';
import { openMachine } from './machine.ts';
import { PARTS, type Part, randomTrials } from './random.ts';
import { newTally, possible, runTrials } from './run.ts';
import { printTally } from './show.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '2000' },
    vectors: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
    part: { type: 'string', default: '' },
  },
});
/** Of the random calls. */
const SHARE: Readonly<Record<Part, number>> = { outbound: 0.6, inbound: 0.2, gateway: 0.2 };
const seed = Number(values.seed);
console.log(`start value ${seed}`);

const machine = await openMachine();
try {
  console.log(`Envoy ${machine.envoyVersion}`);
  const vectors = newTally();
  const trials = possible(vectorTrials(), vectors).filter(({ id }) => id.includes(values.only));
  console.log(`${trials.length} calls of the scenarios can be made`);
  await runTrials(machine, draw(trials, Number(values.vectors), randomFrom(seed)), vectors);
  printTally('scenarios', vectors);
  let bad = vectors.disagreements.length + vectors.refused.length;
  for (const part of Object.keys(PARTS) as Part[]) {
    if (values.part !== '' && values.part !== part) continue;
    const random = newTally();
    const count = Math.ceil(Number(values.calls) * SHARE[part]);
    await runTrials(machine, possible(randomTrials(count, seed, part), random), random);
    printTally(`random, ${part}`, random);
    bad += random.disagreements.length + random.refused.length;
  }
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  await machine.close();
}
