// npm run differential -- [--calls 2000] [--vectors 300] [--seed N] [--only TEXT]
import { parseArgs } from 'node:util';
import { draw, randomFrom } from './draw.ts';
import { vectorTrials } from './from-vectors.ts';
import { openMachine } from './machine.ts';
import { randomTrials } from './random.ts';
import { newTally, possible, runTrials } from './run.ts';
import { printTally } from './show.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '2000' },
    vectors: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', default: '' },
  },
});
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
  const random = newTally();
  await runTrials(machine, possible(randomTrials(Number(values.calls), seed), random), random);
  printTally('random', random);
  process.exitCode = vectors.disagreements.length + random.disagreements.length === 0 ? 0 : 1;
} finally {
  await machine.close();
}
