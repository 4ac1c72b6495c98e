import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../lib/error.ts';

const FILE = '.sallyport.lock';
const RETRY = 20;
const BUSY = 5;

/**
 * Runs work while no other process, and nobody else in this one, works on the directory. The lock is one of SQLite's on a hidden file:
 * the operating system takes it back when a process dies, so that it never has to be guessed whether a lock is stale.
 */
export async function withLock<T>(directory: string, work: () => Promise<T>, patience = 10_000): Promise<T> {
  const lock = new DatabaseSync(join(directory, FILE), { timeout: 0 });
  try {
    const end = Date.now() + patience;
    while (!taken(lock)) {
      if (Date.now() > end) throw new SallyportError('FILE', `${directory} is being changed by another process; try again`);
      await sleep(RETRY);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function taken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return false;
    throw error;
  }
}
