// The ledger of virtual addresses: a real process killed two hundred times, and random histories over the model of a disk.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../packages/sallyport/src/ledger');
const { status } = spawnSync(
  'node',
  ['--test', '--test-reporter=spec', join(folder, 'kill.test.ts'), join(folder, 'histories.test.ts')],
  {
    stdio: 'inherit',
    env: { ...process.env, LEDGER_KILLS: '200', LEDGER_HISTORIES: '40000' },
  },
);
process.exitCode = status ?? 1;
