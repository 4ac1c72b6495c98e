import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureGloo } from './gloo.ts';

// Counts only: a machine under load makes times lie.
test('a change to one of many ExternalServices costs a few rows, however many there are', async () => {
  const work = async (services: number) => {
    const results = await measureGloo({ services, workspaces: 25, rounds: 1 });
    return results.slice(2).map(({ change, translated, others, objects }) => ({ change, translated, others, objects }));
  };
  const few = await work(200);
  assert.deepEqual(await work(400), few);
  for (const { change, translated, others, objects } of few) {
    assert.ok(translated <= 50, `${change}: ${translated} rows of the translation`);
    assert.ok(others <= 50, `${change}: ${others} other rows`);
    // A copy of ServiceEntry and DestinationRule in each of the two namespaces of the workspace.
    assert.ok(objects >= 2 && objects <= 4, `${change}: ${objects} Istio objects`);
  }
});
