import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { law } from './law.ts';

const SRC = 'packages/sallyport/src';
const root = join(import.meta.dirname, '..');
let tree: string;

/** Runs the law on a tree of its own that holds these files, and gives the names of the rules that were broken. */
function broken(files: Readonly<Record<string, string>>): string[] {
  rmSync(join(tree, 'packages'), { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const { stdout } = spawnSync('depcruise', ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'packages'], {
    cwd: tree,
    encoding: 'utf8',
  });
  const { summary } = JSON.parse(stdout) as { summary: { totalCruised: number; violations: { rule: { name: string } }[] } };
  assert.ok(
    summary.totalCruised >= Object.keys(files).length,
    'the tool must have read the modules, or its silence means nothing',
  );
  return [...new Set(summary.violations.map((v) => v.rule.name))];
}

describe('the import law', () => {
  before(() => {
    tree = mkdtempSync(join(tmpdir(), 'sallyport-law-'));
    mkdirSync(join(tree, 'scripts'));
    for (const file of ['.dependency-cruiser.mjs', 'scripts/law.ts', 'package.json']) cpSync(join(root, file), join(tree, file));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  });
  after(() => rmSync(tree, { recursive: true }));

  it('catches a builder that reads the registry', () => {
    const files = {
      [`${SRC}/envoy/cluster.ts`]: "import { x } from '../registry/x.ts';\nexport const y = x;",
      [`${SRC}/registry/x.ts`]: 'export const x = 1;',
    };
    assert.deepEqual(broken(files), ['envoy-imports']);
  });

  it('catches a type import across stages as well: stages share model types only', () => {
    const files = {
      [`${SRC}/ads/a.ts`]: "import type { X } from '../envoy/x.ts';\nexport const y: X = 1;",
      [`${SRC}/envoy/x.ts`]: 'export type X = number;',
    };
    assert.deepEqual(broken(files), ['ads-imports']);
  });

  it('catches a pure stage that opens a file', () => {
    assert.deepEqual(
      broken({ [`${SRC}/scope/a.ts`]: "import { readFileSync } from 'node:fs';\nexport const y = readFileSync;" }),
      ['restrict-io'],
    );
  });

  it('catches a cycle', () => {
    const files = {
      [`${SRC}/lib/a.ts`]: "import { b } from './b.ts';\nexport const a = () => b;",
      [`${SRC}/lib/b.ts`]: "import { a } from './a.ts';\nexport const b = () => a;",
    };
    assert.deepEqual(broken(files), ['no-cycles']);
  });

  it('catches an import that leads nowhere', () => {
    assert.deepEqual(broken({ [`${SRC}/lib/a.ts`]: "import { b } from './gone.ts';\nexport const a = b;" }), ['no-unresolvable']);
  });

  it('lets everything through that its table allows', () => {
    for (const [folder, { may }] of Object.entries(law)) {
      const targets = ['lib', ...may].filter((to) => to !== 'apis' && to !== folder);
      const files = Object.fromEntries(targets.map((to) => [`${SRC}/${to}/x.ts`, 'export const x = 1;']));
      const text = targets.map((to, i) => `import { x as x${i} } from '../${to}/x.ts';\nexport const y${i} = x${i};`).join('\n');
      assert.deepEqual(broken({ ...files, [`${SRC}/${folder}/own.ts`]: text }), [], `${folder} may import ${targets.join(', ')}`);
    }
  });

  it('gives every rule a comment that says where the code belongs', () => {
    for (const { otherwise } of Object.values(law)) assert.ok(otherwise.length > 20);
  });
});
