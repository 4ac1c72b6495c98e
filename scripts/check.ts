// The inner loop: types, lint, law, dead code, and every test that needs no Envoy. `npm run check`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

const STEPS: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'law', command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'packages', 'e2e', 'bench', 'scripts'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'tests', command: ['node', '--test', '--test-reporter=dot', 'packages/**/*.test.ts', 'scripts/**/*.test.ts'] },
];

async function run(step: Step): Promise<{ readonly ok: boolean; readonly seconds: number; readonly output: string }> {
  const started = performance.now();
  const [file, ...args] = step.command as [string, ...string[]];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
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
