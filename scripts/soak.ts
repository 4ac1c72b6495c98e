// Long runs that look for what short ones miss: `npm run soak -- [MINUTES] [PART …]`. A part is a program of its own that is told the
// minutes, says what it saw, and exits 1 at the first failure. To add one: a file in scripts/soak/, and a line here.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

interface Part {
  readonly about: string;
  /** Parts that count what they do instead of the time take no notice of the minutes. */
  readonly program: string;
}

const PARTS: Readonly<Record<string, Part>> = {
  properties: { about: 'the property tests again and again with fresh seeds', program: 'properties.ts' },
  dns: { about: 'a million mutated packets at the agent’s DNS server', program: 'dns.ts' },
  ledger: { about: 'virtual addresses: 200 kills of a real process, 40,000 histories', program: 'ledger.ts' },
};

const given = process.argv.slice(2);
const minutes = Number(given.find((word) => /^[\d.]+$/.test(word)) ?? 10);
const named = given.filter((word) => !/^[\d.]+$/.test(word));
if (!(minutes > 0) || named.some((name) => PARTS[name] === undefined)) {
  console.error('npm run soak -- [MINUTES] [PART …]   (10 minutes, all parts)');
  for (const [name, { about }] of Object.entries(PARTS)) console.error(`  ${name.padEnd(12)} ${about}`);
  process.exit(2);
}

const failed: string[] = [];
for (const name of named.length === 0 ? Object.keys(PARTS) : named) {
  const { about, program } = PARTS[name]!;
  console.log(`== ${name}: ${about}`);
  const started = performance.now();
  const { status } = spawnSync('node', [join(import.meta.dirname, 'soak', program), String(minutes)], { stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok' : 'FAILED'} after ${((performance.now() - started) / 60_000).toFixed(1)} min\n`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
