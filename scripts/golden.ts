// Golden files: `npm run golden` compares those of every stage, `npm run golden -- --update [case]` writes them anew.
import { pipelineGolden } from 'sallyport/pipeline/testing/golden.ts';
import { translateGolden } from 'sallyport/translate/testing/golden.ts';

const STAGES = { pipeline: pipelineGolden, translate: translateGolden };

const [flag, only] = process.argv.slice(2);
for (const [stage, golden] of Object.entries(STAGES)) {
  if (flag === '--update') {
    console.log(`${stage}: written ${golden.update(only).join(', ')}`);
    continue;
  }
  const different = golden.cases().filter((name) => golden.outputOf(name) !== golden.expectedOf(name));
  console.log(
    `${stage}: ${different.length === 0 ? 'all golden files are as they should be' : `different: ${different.join(', ')}`}`,
  );
  if (different.length > 0) process.exitCode = 1;
}
