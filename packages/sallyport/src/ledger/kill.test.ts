import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lookAtLedger } from './index.ts';
import { Callers } from './testing/callers.ts';
import { type KilledLine, REST_MS } from './testing/killed.ts';

/** `npm run soak` asks for more. */
const KILLS = Number(process.env['LEDGER_KILLS'] ?? 20);
const CHILD = join(import.meta.dirname, 'testing', 'killed.ts');

test(`a process that is killed ${KILLS} times keeps every promise that it made`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-kill-'));
  try {
    const callers = new Callers(REST_MS);
    let [now, wanted]: [number, readonly string[]] = [1_000_000, []];
    let [changes, between] = [0, 0];
    for (let life = 0; life < KILLS; life += 1) {
      const lines = await lived(join(folder, 'addresses'), now, wanted, [1 + Math.floor(Math.random() * 12), Math.random() * 4]);
      for (const line of lines) {
        for (const host of wanted) if (line.wanted !== undefined && !line.wanted.includes(host)) callers.leave(host, line.now);
        wanted = line.wanted ?? wanted;
        for (const [host, addresses] of Object.entries(line.used ?? {}))
          if (addresses.length > 0) callers.use(host, addresses, line.now);
        now = line.now + 1_000;
      }
      changes += lines.filter(({ used }) => used !== undefined).length;
      between += lines.at(-1)?.wanted === undefined ? 0 : 1;
    }
    assert.ok(lookAtLedger(join(folder, 'addresses')).size > 0);
    t.diagnostic(`${changes} changes in ${KILLS} lives, ${between} of which ended between asking and answering`);
    assert.ok(changes > KILLS && between > 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Lets the process say so many lines and live a moment longer, kills it, and gives what it said. */
async function lived(
  folder: string,
  now: number,
  wanted: readonly string[],
  [lines, ms]: readonly [lines: number, ms: number],
): Promise<readonly KilledLine[]> {
  const child = spawn(process.execPath, [CHILD, folder, String(now), wanted.join(',')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let out = '';
  const enough = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.split('\n').length > lines) enough.resolve();
  });
  await Promise.race([enough.promise, closed]);
  await sleep(ms);
  child.kill('SIGKILL');
  assert.deepEqual((await closed)[1], 'SIGKILL', 'the process ended by itself');
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as KilledLine);
}
