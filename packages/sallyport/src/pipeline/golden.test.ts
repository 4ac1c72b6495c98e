import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pipelineGolden } from './testing/golden.ts';

for (const name of pipelineGolden.cases()) {
  it(`${name}: proxies are sent, and users told, what testdata/${name}.out.json says`, () => {
    assert.equal(
      pipelineGolden.outputOf(name),
      pipelineGolden.expectedOf(name),
      'if the change is meant: npm run golden -- --update',
    );
  });
}
