import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../lib/error.ts';

const FILE = '.sallyport.lock';
const RETRY = 20;
const BUSY = 5;

/** Runs work while no other process, and nobody else in this one, works on the directory. */
export async function withLock<T>(directory: string, work: () => Promise<T>, patience = 10_000): Promise<T> {
  const release = await holdLock(directory, patience);
  if (release === undefined) throw new SallyportError('FILE', `${directory} is being changed by another process; try again`);
  try {
    return await work();
  } finally {
    release();
  }
}

/**
 * Takes the lock of a directory and gives what releases it, or undefined when somebody else still has it after `patience` milliseconds. It is one
 * of SQLite's on a hidden file: the operating system takes it back when a process dies, so that it never has to be guessed whether a lock is stale.
 */
export async function holdLock(directory: string, patience: number): Promise<(() => void) | undefined> {
  const lock = new DatabaseSync(join(directory, FILE), { timeout: 0 });
  const end = Date.now() + patience;
  try {
    while (!taken(lock)) {
      if (Date.now() > end) {
        lock.close();
        return undefined;
      }
      await sleep(RETRY);
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  return () => lock.close();
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
