import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noVectors, vectorsFile } from '../../registry/testing/conformance.ts';
import { type InternalCase, tableOfCase } from './testing/internal-services.ts';

test('services as istiod has them inside give the tables of Istio’s own tests, addresses in its order', {
  skip: noVectors,
}, () => {
  const { cases } = vectorsFile<{ readonly cases: readonly InternalCase[] }>('names/name-table-services.json');
  assert.ok(cases.length > 0);
  for (const vector of cases) assert.deepEqual(tableOfCase(vector), vector.expect, vector.source);
});
