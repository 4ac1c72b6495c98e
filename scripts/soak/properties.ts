// Runs the property tests again and again with fresh seeds for so many minutes. Stops at the first failure and shows its seed.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const minutes = Number(process.argv[2]);
const files = globSync('packages/**/*.test.ts', { exclude: ['**/node_modules/**'] })
  .filter((file) => readFileSync(file, 'utf8').includes("from 'fast-check'"))
  .sort();
const end = performance.now() + minutes * 60_000;
let rounds = 0;
while (performance.now() < end) {
  const { status, stdout } = spawnSync('node', ['--test', '--test-reporter=spec', ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) {
    console.log(stdout);
    console.log(`failed in round ${rounds + 1}`);
    process.exit(1);
  }
  rounds += 1;
  console.log(`round ${rounds}: ${files.length} files of properties hold`);
}
