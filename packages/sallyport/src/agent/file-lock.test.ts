import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from './file-lock.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const deadPid = () => spawnSync('true').pid;

test('one at a time, whatever the others do, and the lock is gone afterwards also when the work fails', async () => {
  const path = join(folder, 'deep', 'a.lock');
  let [inside, most, done] = [0, 0, 0];
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(5);
    inside -= 1;
    done += 1;
    if (done % 2 === 0) throw new Error('half of them fail');
  };
  const all = await Promise.allSettled(Array.from({ length: 8 }, () => withFileLock(path, work)));
  assert.deepEqual([most, done, all.filter((one) => one.status === 'rejected').length], [1, 8, 4]);
  assert.deepEqual(await readdir(join(folder, 'deep')), []);
});

test('a lock whose process is gone is taken over, by one of those who wait', async () => {
  const path = join(folder, 'b.lock');
  await writeFile(path, String(deadPid()));
  let [inside, most] = [0, 0];
  await Promise.all(
    Array.from({ length: 6 }, () =>
      withFileLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await sleep(3);
        inside -= 1;
      }),
    ),
  );
  assert.equal(most, 1);
});

test('a lock that names no process, or has not been touched for a minute, is taken over', async () => {
  const path = join(folder, 'c.lock');
  await writeFile(path, '');
  assert.equal(await withFileLock(path, async () => 'taken'), 'taken');
  await writeFile(path, String(process.pid));
  const old = new Date(Date.now() - 61_000);
  await utimes(path, old, old);
  assert.equal(await withFileLock(path, async () => 'taken'), 'taken');
});

test('a lock of a process that lives is waited for, and free when that process is killed', async () => {
  const path = join(folder, 'd.lock');
  const script = `
    const { withFileLock } = await import(${JSON.stringify(new URL('./file-lock.ts', import.meta.url).href)});
    await withFileLock(${JSON.stringify(path)}, () => new Promise((r) => { console.log('held'); setTimeout(r, 60_000); }));`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(other.stdout, 'data');
  assert.equal(await readFile(path, 'utf8'), String(other.pid));
  let taken = false;
  const mine = withFileLock(path, async () => {
    taken = true;
  });
  await sleep(300);
  assert.equal(taken, false);
  other.kill('SIGKILL');
  await mine;
  assert.equal(existsSync(path), false);
});
