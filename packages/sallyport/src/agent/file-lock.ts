import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
/** A holder that has not shown itself for so long is gone, even if its process id means another process by now. */
const STALE_MS = 60_000;

/**
 * Runs `work` while this process alone holds the lock file. A lock whose holder is gone is taken over.
 * Waits without end: what is behind a lock ends or dies.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  while (!(await take(path))) await sleep(50 + Math.random() * 50);
  const heartbeat = setInterval(() => void touch(path), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

let claims = 0;

async function take(path: string): Promise<boolean> {
  claims += 1;
  const claim = `${path}.${process.pid}.${claims}`;
  // A link appears with its content, so nobody sees a lock that does not say whose it is.
  await writeFile(claim, String(process.pid));
  try {
    await link(claim, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(claim, { force: true });
  }
  if (await isAbandoned(path)) await removeAbandoned(path, claim);
  return false;
}

/** Moved away first: of all who want to remove it, one moves it, and sees whether it moved what it had looked at. */
async function removeAbandoned(path: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
    if (!(await isAbandoned(aside))) await link(aside, path).catch(() => {});
    await rm(aside, { force: true });
  } catch {
    // Somebody else was faster.
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    const holder = Number(await readFile(path, 'utf8'));
    return Date.now() - mtimeMs > STALE_MS || !isAlive(holder);
  } catch {
    return false;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
