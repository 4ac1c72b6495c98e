import assert from 'node:assert/strict';
import { it } from 'node:test';
import { expectedOf, goldenCases, outputOf } from './testing/golden.ts';

for (const name of goldenCases()) {
  it(`${name}: proxies are sent, and users told, what testdata/${name}.out.json says`, () => {
    assert.equal(outputOf(name), expectedOf(name), 'if the change is meant: npm run golden -- --update');
  });
}
