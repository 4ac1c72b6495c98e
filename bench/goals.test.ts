import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { goalOf, verdict } from './goals.ts';
import { figuresFrom } from './istiod.ts';

test('goals are those of the specification', () => {
  const add = goalOf('c10k P=200', 'add');
  assert.ok(add?.ms !== undefined && add.ms <= 110 && add.cpu === 166.4, JSON.stringify(add));
  const far = goalOf('c1kns P=200', 'add');
  assert.ok(far?.ms !== undefined && far.ms <= 1_500, JSON.stringify(far));
  assert.deepEqual(goalOf('c10k P=200', 'endpoint'), { ms: 30, cpu: 5 });
  assert.deepEqual(goalOf('c10k P=1', 'cold'), { ms: 150, cpu: 140 });
  assert.deepEqual(goalOf('c1k P=200', 'reconnect'), { sent: 0, cpu: 340 });
  assert.deepEqual(goalOf('c10k P=50', 'ready'), { ms: 6_600, cpu: 8_900 });
  assert.deepEqual(goalOf('c10k P=200', 'memory'), { rss: 1_085 });
  assert.equal(goalOf('c1k P=1', 'cold'), undefined);
});

test('a verdict names what is missed', () => {
  assert.equal(verdict({ ms: 10, cpu: 5 }, { ms: 10, cpu: 5 }), 'met');
  assert.equal(verdict({ ms: 10, cpu: 5 }, { ms: 11, cpu: 6 }), 'missed time, CPU');
  assert.equal(verdict({ sent: 0, cpu: 5 }, { sent: 1, cpu: 1 }), 'missed sent');
  assert.equal(verdict(undefined, { ms: 1 }), '');
});

test('figures of istiod from the same machine are laid over those of the specification, line by line', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'figures-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'istiod.json');
  writeFileSync(file, JSON.stringify({ 'c10k P=50': { cold: { ms: 6_000, cpu: 9_000 } } }));
  const figures = figuresFrom(file);
  assert.deepEqual(goalOf('c10k P=50', 'cold', figures), { ms: 2_000, cpu: 3_000 });
  assert.deepEqual(goalOf('c10k P=50', 'timeout', figures), goalOf('c10k P=50', 'timeout'));
  writeFileSync(file, JSON.stringify({ 'c9k P=50': {} }));
  assert.throws(() => figuresFrom(file), /no load is called c9k P=50; there are c1k P=200/);
});
