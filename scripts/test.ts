// Everything: the checks, conversations over real gRPC, and the stories with a real Envoy. `npm test`, the README's command.
//   npm test                 all of it
//   npm test -- registry     only tests whose path contains the word
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { resolveEnvoy } from 'sallyport/agent/envoy-binary.ts';

const [filter] = process.argv.slice(2);
const matching = (patterns: readonly string[]): string[] =>
  patterns
    .flatMap((pattern) => globSync(pattern, { exclude: ['**/node_modules/**'] }))
    .filter((file) => filter === undefined || file.includes(filter))
    .sort();

function run(title: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  console.log(`\n== ${title}`);
  const { status } = spawnSync(file, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) failures.push(title);
}

const failures: string[] = [];
const envoy = await resolveEnvoy();
console.log(`Envoy ${envoy.version} (${envoy.origin})`);

if (filter === undefined) {
  run('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']);
  run('lint', 'biome', ['check', '.']);
  run('law', 'depcruise', ['--config', '.dependency-cruiser.mjs', 'packages', 'e2e', 'bench', 'scripts']);
  run('dead code', 'knip', []);
}
const stories = matching(['e2e/**/*.e2e.ts']);
const files = [
  ...matching([
    'packages/**/*.test.ts',
    'packages/**/*.conversation.test.ts',
    'scripts/**/*.test.ts',
    'e2e/**/*.test.ts',
    'bench/**/*.test.ts',
  ]),
  ...stories,
];
// One run, so that the runner's own summary counts everything; two files at a time, for stories bring processes of their own.
run('tests', 'node', ['--test', '--test-concurrency=2', '--test-timeout=240000', ...new Set(files)], { ENVOY_PATH: envoy.path });

console.log(`\nstories with a real Envoy: ${stories.length} files`);
if (filter === undefined && stories.length === 0) failures.push('no story ran with a real Envoy');
if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
