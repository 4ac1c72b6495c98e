import assert from 'node:assert/strict';
import { it } from 'node:test';
import { evidenceOf, translateGolden } from './testing/golden.ts';

for (const name of translateGolden.cases()) {
  it(`${name}: Gloo objects stand for what testdata/${name}.out.yaml says`, () => {
    assert.match(evidenceOf(name) ?? '', /^(C|API|OUT|DOC|INF|REC)\b/, 'the first line is `# evidence: GRADE …`');
    assert.equal(
      translateGolden.outputOf(name),
      translateGolden.expectedOf(name),
      'if the change is meant: npm run golden -- --update',
    );
  });
}
