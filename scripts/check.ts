// The inner loop: types, lint, law, dead code, units, goldens and properties. `npm run check`. What needs an Envoy, starts programs or speaks
// over sockets takes minutes, and is for `npm test`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

/** The drift test reads Envoy's binary. */
function testFiles(): string[] {
  const files = globSync(['packages/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'], {
    exclude: ['**/node_modules/**'],
  });
  return files.filter((file) => !/(drift|\.conversation)\.test\.ts$/.test(file) && !startsPrograms(file)).sort();
}

function startsPrograms(file: string): boolean {
  return /'node:child_process'|testing\/(sallyport|killed)\.ts'/.test(readFileSync(file, 'utf8'));
}

const DOTS = ['--test-reporter=dot'];

/** Folders whose tests touch no files, processes or environment, in two halves that take about as long. */
const isPureFirst = (file: string): boolean => /\/src\/(pipeline|translate)\/|^bench\//.test(file);
const isPureSecond = (file: string): boolean =>
  /\/src\/(lib|collection|model|config|registry|scope|envoy|explain|ads|dns)\//.test(file);
const isPure = (file: string): boolean => isPureFirst(file) || isPureSecond(file);

/** What takes longest comes first, so that two at a time end together. */
const STEPS: readonly Step[] = [
  // Pure folders share one process: starting one for each of their files took longer than the tests in them.
  { name: 'pipeline', command: ['node', '--test', '--test-isolation=none', ...DOTS, ...testFiles().filter(isPureFirst)] },
  { name: 'others', command: ['node', '--test', '--test-concurrency=2', ...DOTS, ...testFiles().filter((f) => !isPure(f))] },
  { name: 'stages', command: ['node', '--test', '--test-isolation=none', ...DOTS, ...testFiles().filter(isPureSecond)] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'law', command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'packages', 'e2e', 'bench', 'scripts'] },
  { name: 'dead code', command: ['knip'] },
];

async function run(step: Step): Promise<{ readonly ok: boolean; readonly seconds: number; readonly output: string }> {
  const started = performance.now();
  const [file, ...args] = step.command as [string, ...string[]];
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: '.cache/compiled' },
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { ok: code === 0, seconds: (performance.now() - started) / 1000, output };
}

// Two at a time: the machine this is meant for has two cores.
const queue = [...STEPS];
let failed = 0;
async function worker(): Promise<void> {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
    const { ok, seconds, output } = await run(step);
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${step.name.padEnd(10)} ${seconds.toFixed(1)} s`);
    if (ok) continue;
    failed += 1;
    console.log(output.trimEnd());
  }
}
await Promise.all([worker(), worker()]);
process.exitCode = failed === 0 ? 0 : 1;
