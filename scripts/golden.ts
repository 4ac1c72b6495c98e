// Golden files of the whole pipeline: `npm run golden` compares, `npm run golden -- --update [case]` writes them anew.
import { expectedOf, goldenCases, outputOf, updateGolden } from 'sallyport/pipeline/testing/golden.ts';

const [flag, only] = process.argv.slice(2);
if (flag === '--update') {
  console.log(`written: ${updateGolden(only).join(', ')}`);
} else {
  const different = goldenCases().filter((name) => outputOf(name) !== expectedOf(name));
  console.log(different.length === 0 ? 'all golden files are as they should be' : `different: ${different.join(', ')}`);
  process.exitCode = different.length === 0 ? 0 : 1;
}
