import { type FSWatcher, watch } from 'node:fs';
import { constants, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Material } from './material.ts';

const LARGEST = 1024 * 1024;
/** Writers of two files are given this long between them. */
const QUIET_MS = 100;
/** File systems that tell nothing of changes are looked at this often. */
const POLL_MS = 10_000;

export interface FollowFiles {
  readonly paths: readonly string[];
  /** What the texts of the files make; throws when they are no good. */
  readonly read: (texts: readonly string[]) => Material;
  readonly put: (material: Material) => void;
  readonly log: (message: string) => void;
}

/**
 * Reads files now and whenever they change, until told to stop. Files that are missing or no good are said once and change nothing:
 * what was good last stays. A directory is watched, not the file, since files are replaced by renaming.
 */
export function followFiles({ paths, read, put, log }: FollowFiles): () => void {
  const watchers = new Map<string, FSWatcher>();
  let isStopped = false;
  let said = '';
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    let complaint = '';
    try {
      const material = read(await Promise.all(paths.map(readRegular)));
      if (!isStopped) put(material);
    } catch (error) {
      complaint = `${paths.join(' and ')}: ${(error as Error).message}`;
    }
    if (complaint !== said && !isStopped) log(complaint === '' ? `${paths.join(' and ')}: read again` : complaint);
    said = complaint;
  };
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(look);
    }, QUIET_MS);
  };
  const attach = (): void => {
    for (const folder of new Set(paths.map((path) => dirname(path)))) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, lookSoon);
        watcher.on('error', () => {
          watcher.close();
          watchers.delete(folder);
        });
        watchers.set(folder, watcher);
      } catch {
        // Not there yet; the next poll tries again.
      }
    }
  };

  attach();
  running = look();
  const poll = setInterval(() => {
    attach();
    lookSoon();
  }, POLL_MS);
  poll.unref();
  return () => {
    isStopped = true;
    clearInterval(poll);
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}

/** The text of a regular file; links are followed, because that is how files are replaced under Kubernetes. */
async function readRegular(path: string): Promise<string> {
  // Opening a pipe must not wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error(`${path} is no regular file`);
    if (stats.size > LARGEST) throw new Error(`${path} is larger than ${LARGEST} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
