import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { type Difference, intendedBy, readDifferences } from './differences.ts';
import { goals, missed, runVectors, summarise } from './run.ts';
import { conformanceDir } from './vectors.ts';
import { differs, FOLDERS, type Verdict } from './verdict.ts';

const verdict = (id: string, gate1: readonly string[] = [], gate2: readonly string[] = []): Verdict => ({
  id,
  folder: id.split('/')[0] as Verdict['folder'],
  part: 'outbound',
  gate1,
  gate2,
});
const difference = (vectors: readonly string[], fields: readonly string[]): Difference => ({
  rule: 'r',
  reason: 'because',
  test: 't',
  vectors,
  fields,
});

test('a difference is intended only where it is listed, and only in the listed fields', () => {
  const intended = intendedBy([difference(['scenarios/a-*/0/1', 'dumps/*'], ['cluster', '.virtualHosts[*].domains[*]'])]);
  const check = (v: Verdict, expected: boolean) => assert.equal(intended(v) !== undefined, expected, v.id);
  check(verdict('scenarios/a-1/0/1', ['cluster']), true);
  check(verdict('scenarios/a-1/0/1', ['cluster', 'error']), false);
  check(verdict('scenarios/a-1/0/1', ['cluster'], ['route']), false);
  check(verdict('scenarios/a-1/0/11', ['cluster']), false);
  check(verdict('scenarios/ba-1/0/1', ['cluster']), false);
  check(verdict('dumps/x', ['.virtualHosts[0].domains[2]: ours "a: b" | theirs "c"']), true);
  check(verdict('dumps/x', ['.virtualHosts[0].name: ours "a" | theirs "c"']), false);
});

test('agreeing, intended and disagreeing are counted apart, and only the last misses a goal', () => {
  const some = (n: number, ...gates: readonly (readonly string[])[]) =>
    Array.from({ length: n }, (_, i) => verdict(`scenarios/a/0/${i}`, ...gates));
  const [summary] = summarise([...some(97), ...some(3, [], ['route'])], [difference(['scenarios/a/0/1'], ['route'])]);
  assert.deepEqual(summary?.gate1, { agreeing: 100, intended: 0, disagreeing: 0 });
  assert.deepEqual(summary?.gate2, { agreeing: 97, intended: 1, disagreeing: 2 });
  const reached = (verdicts: readonly Verdict[]) => goals(summarise(verdicts, [])).map((goal) => [goal.name, !missed(goal)]);
  assert.deepEqual(reached([...some(98), ...some(2, [], ['route'])]), [
    ['scenarios, gate 1', true],
    ['scenarios, gate 2', true],
  ]);
  assert.deepEqual(reached([...some(97), ...some(3, ['cluster'])]), [
    ['scenarios, gate 1', false],
    ['scenarios, gate 2', true],
  ]);
});

test('a name table counts among names, and does not make the share of gate 1 look better', () => {
  const table = (id: string, gate2: readonly string[]): Verdict => ({ ...verdict(id, [], gate2), part: 'names' });
  const [summary] = summarise([verdict('scenarios/a/0/0', ['cluster']), table('scenarios/a/0/nameTable', ['nameTable.h'])], []);
  assert.deepEqual(summary?.gate1, { agreeing: 0, intended: 0, disagreeing: 1 });
  assert.deepEqual(summary?.gate2, { agreeing: 1, intended: 0, disagreeing: 1 });
  assert.deepEqual(summary?.parts.names, { agreeing: 0, intended: 0, disagreeing: 1 });
});

test('a fault in a field that Istio’s own test pins down misses a goal, however rare', () => {
  const simulated = (n: number, asserted: readonly string[]) =>
    Array.from({ length: n }, (_, i) => ({ ...verdict(`simulation/f/0/${i}`), asserted }));
  const found = goals(summarise([...simulated(999, []), ...simulated(1, ['cluster'])], []));
  assert.deepEqual(
    found.map((goal) => [goal.name, missed(goal)]),
    [
      ['simulation', false],
      ['simulation, asserted fields', true],
    ],
  );
});

function whyNoVectors(): string | false {
  try {
    conformanceDir();
    return false;
  } catch (error) {
    // In CI their absence is a failure of the test, not a reason to leave it out.
    return process.env['CI'] === undefined ? (error as Error).message : false;
  }
}

test('every listed difference is one: its vectors exist and differ, and its test is there', {
  skip: whyNoVectors(),
}, async () => {
  const differing = (await Array.fromAsync(runVectors(FOLDERS))).filter(differs);
  const root = resolve(import.meta.dirname, '../..');
  for (const listed of readDifferences()) {
    for (const vectors of listed.vectors) {
      const intended = intendedBy([{ ...listed, vectors: [vectors] }]);
      assert.ok(
        differing.some((v) => intended(v) !== undefined),
        `nothing differs any more at ${vectors}`,
      );
    }
    assert.ok(existsSync(join(root, listed.test.split(':')[0]!)), listed.test);
  }
});
