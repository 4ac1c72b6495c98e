import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { differencesText, PACKAGED } from './differences.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

it('every issue code is explained in docs/issues.md, and no other', () => {
  const declared = [...read('packages/sallyport/src/model/issue.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map((m) => m[1]);
  const explained = [...read('docs/issues.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((m) => m[1]);
  assert.deepEqual(explained.toSorted(), declared.toSorted());
});

it('docs/differences.md is what docs/differences.json says', () => {
  assert.equal(read('docs/differences.md'), differencesText(), 'run: node scripts/differences.ts');
});

it('the package brings the list of intended differences as it is in docs/differences.json', () => {
  assert.equal(readFileSync(PACKAGED, 'utf8'), read('docs/differences.json'), 'run: node scripts/differences.ts');
});

it('every intended difference names a test file that exists', () => {
  const { differences } = JSON.parse(read('docs/differences.json')) as { differences: { test: string }[] };
  for (const { test } of differences) assert.ok(read(test.split(':')[0]!).length > 0);
});

it('decisions are numbered without gaps or doubles', () => {
  const numbers = readdirSync(join(root, 'docs/decisions'))
    .sort()
    .map((name) => Number(name.slice(0, 4)));
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i + 1),
  );
});

it('every folder of the product is in the code map and in the import law', () => {
  const map = read('docs/architecture.md');
  const law = read('scripts/law.ts');
  for (const folder of readdirSync(join(root, 'packages/sallyport/src'))) {
    assert.ok(map.includes(`| \`${folder}/\` |`), `docs/architecture.md does not speak of ${folder}/`);
    assert.match(law, new RegExp(`^ {2}${folder}: \\{`, 'm'), `scripts/law.ts does not speak of ${folder}/`);
  }
});

it('docs/gloo.md says of every part of the API what becomes of it, and names tests that exist', () => {
  const rows = read('docs/gloo.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Gloo |'))
    .map((line) => line.split(' | '));
  assert.ok(rows.length > 40, `${rows.length} rows`);
  for (const [gloo = '', , here = '', tests = ''] of rows) {
    assert.match(here, /^(supported|partly: .+|refused: .+)$/, gloo);
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    assert.notEqual(named.length, 0, `${gloo} names no test`);
    for (const name of named) {
      const path = name.endsWith('.ts') ? name : `packages/sallyport/src/translate/testdata/${name}.in.yaml`;
      assert.ok(existsSync(join(root, path)), `${gloo}: there is no ${path}`);
    }
  }
});
