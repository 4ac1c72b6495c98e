import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { draw, randomFrom } from './differential/draw.ts';
import { vectorTrials } from './differential/from-vectors.ts';
import { type Machine, openMachine } from './differential/machine.ts';
import { randomTrials } from './differential/random.ts';
import { newTally, possible, runTrials, type Tally } from './differential/run.ts';
import { found } from './differential/show.ts';

/** Fixed, so that a failure here is a failure everywhere; `npm run differential -- --seed N` looks elsewhere. */
const SEED = 20_260_101;

describe('a real Envoy does what is expected of its resources', () => {
  let machine: Machine;
  before(async () => {
    machine = await openMachine();
  });
  after(() => machine.close());

  const agrees = ({ refused, disagreements }: Tally): void => {
    assert.deepEqual(refused, []);
    assert.deepEqual(disagreements.map(found), []);
  };

  test('on 300 calls of the scenarios, drawn at random from those that can be made', async (t) => {
    const tally = newTally();
    const trials = possible(vectorTrials(), tally);
    t.diagnostic(
      `start value ${SEED}, ${trials.length} can be made, left out ${JSON.stringify(Object.fromEntries(tally.leftOut))}`,
    );
    assert.ok(trials.length > 2_500);
    await runTrials(machine, draw(trials, 300, randomFrom(SEED)), tally);
    assert.equal(tally.made, 300);
    agrees(tally);
  });

  for (const [part, count, least] of [
    ['outbound', 600, 500],
    ['inbound', 200, 150],
    ['gateway', 200, 80],
  ] as const)
    test(`on random ${part} calls to random configurations, as the walker says`, async (t) => {
      const tally = newTally();
      const trials = possible(randomTrials(count, SEED, part), tally);
      const left = JSON.stringify(Object.fromEntries(tally.leftOut));
      t.diagnostic(`start value ${SEED}, ${trials.length} calls, left out ${left}`);
      await runTrials(machine, trials, tally);
      assert.ok(tally.made > least);
      agrees(tally);
    });
});
