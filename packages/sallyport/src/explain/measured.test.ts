import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agrees } from './compare.ts';
import { callOf, indexResources, resourcesFromJson, walk } from './index.ts';
import { measuredRuns } from './testing/vectors.ts';

const runs = measuredRuns();

test('the vectors are there wherever CI runs', () => {
  if (process.env['CI'] !== undefined) assert.notEqual(typeof runs, 'string', String(runs));
});

describe('calls on the resources that istiod made end as measured', { skip: typeof runs === 'string' ? runs : false }, () => {
  if (typeof runs === 'string') return;
  for (const { name, resources, calls } of runs) {
    test(name, () => {
      const index = indexResources(resourcesFromJson(resources));
      const wrong = calls.flatMap(({ call, expect, alternatives = [] }, i) => {
        const { value, issues } = callOf(call);
        assert.ok(value, JSON.stringify(issues));
        const { gate1, gate2 } = agrees(expect, alternatives, walk(index, value));
        const differs = [...gate1, ...gate2];
        return differs.length === 0 ? [] : [{ call: i, differs, expect, actual: { ...walk(index, value), steps: [] } }];
      });
      assert.deepEqual(wrong, []);
    });
  }

  test('there are enough of them to say something', () => {
    assert.ok(runs.length >= 60);
    assert.ok(runs.reduce((sum, run) => sum + run.calls.length, 0) > 400);
  });
});
