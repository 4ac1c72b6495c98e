import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addEntry, changeableLoad, otherEndpoint, otherTimeout, removeEntry } from './changes.ts';
import { applyStep, byFamily, connect, proxies, receiveSame } from './engine.ts';
import { createSubject, sum } from './subject.ts';

// The reference load at a hundredth, with one class for each namespace. Counts only: a machine under load makes times lie.
const CLASSES = 50;
const subject = await createSubject(changeableLoad({ entries: 500, sidecars: true }));
connect(subject, proxies(CLASSES));
const built = subject.takeWork();

function workOf(act: () => void) {
  subject.takeWork();
  act();
  return subject.takeWork();
}

test('building everything encodes each resource once, however many classes have it', () => {
  const { cluster, endpoints, route } = built.encoded;
  // Two clusters for each entry, endpoint sets for every second one; the clusters of no service are three.
  assert.deepEqual({ cluster, endpoints, route }, { cluster: 2 * 500 + 3, endpoints: 2 * 250, route: CLASSES });
  assert.equal(subject.pipeline.graph.failures.size, 0);
});

test('an endpoint change encodes one endpoint set for each port, and changes at most two rows of a family', () => {
  const work = workOf(() => applyStep(subject, otherEndpoint(1)));
  assert.deepEqual(work.encoded, { endpoints: 2 });
  for (const [family, { changed }] of byFamily(work)) assert.ok(changed <= 2, `${family} changed ${changed}`);
  assert.ok(sum(work.recomputed) <= 4, JSON.stringify(work.recomputed));
});

test('the same text saved again does nothing', () => {
  applyStep(subject, otherEndpoint(0));
  receiveSame(subject);
  const { recomputed, changed, encoded } = workOf(() => receiveSame(subject));
  assert.deepEqual({ recomputed, changed, encoded }, { recomputed: {}, changed: {}, encoded: {} });
});

test('a new entry is encoded once and joins the lists of the three classes that see it', () => {
  const added = workOf(() => applyStep(subject, addEntry()));
  assert.deepEqual(added.encoded, { cluster: 2, endpoints: 2, listener: 3, route: 3 });
  const removed = workOf(() => applyStep(subject, removeEntry()));
  assert.deepEqual(removed.encoded, { listener: 3, route: 3 });
  for (const work of [added, removed]) assert.ok(sum(work.recomputed) <= 100, JSON.stringify(work.recomputed));
});

test('a timeout touches one route configuration for each class, and no listener or cluster', () => {
  assert.deepEqual(workOf(() => applyStep(subject, otherTimeout(1))).encoded, { route: 3 });
});

test('a second proxy of a class costs no row of any stage after scope', () => {
  const [first] = proxies(1);
  assert.ok(first);
  const { recomputed, encoded } = workOf(() => connect(subject, [{ ...first, id: `${first.id}-twin`, name: 'twin' }]));
  assert.deepEqual([recomputed, encoded], [{ 'scope.class-of': 1 }, {}]);
});
