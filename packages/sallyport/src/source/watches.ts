import { type FSWatcher, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** Follows directories and reports that something in them may have changed. What changed is for a scan to find out. */
export interface Watches {
  /** Watches exactly these directories, each without what is below it. */
  follow(directories: readonly string[]): void;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  /** Device and inode: a directory that was replaced needs a new watch. */
  readonly identity: string;
}

/**
 * Calls back with the path that may have changed, or with nothing if that is not known. One watch for each directory: Node's recursive watching follows no links and cannot tell when a directory is replaced.
 * A watch that fails is dropped and tried again at the next scan; until then the poll serves.
 */
export function createWatches(onChange: (path: string | undefined) => void): Watches {
  const watched = new Map<string, Watched>();

  function drop(path: string): void {
    watched.get(path)?.watcher.close();
    watched.delete(path);
  }

  function add(path: string, identity: string): void {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (name === null) onChange(undefined);
        else if (!isEditorsOwn(name)) onChange(join(path, name));
      });
      watcher.on('error', () => {
        drop(path);
        onChange(undefined);
      });
      watched.set(path, { watcher, identity });
      // What happened while there was no watch.
      onChange(undefined);
    } catch {
      // Too many watches, or the directory has just gone: the poll serves.
    }
  }

  return {
    follow(directories) {
      const wanted = new Set(directories);
      for (const path of watched.keys()) if (!wanted.has(path)) drop(path);
      for (const path of wanted) {
        const identity = identityOf(path);
        if (identity === undefined || watched.get(path)?.identity !== identity) drop(path);
        if (identity !== undefined && !watched.has(path)) add(path, identity);
      }
    },
    close() {
      for (const path of [...watched.keys()]) drop(path);
    },
  };
}

/** Files that editors keep for themselves. `..data` is none of them: with it a whole ConfigMap changes. */
function isEditorsOwn(name: string): boolean {
  return /^\.(?!\.)|~$|^#.*#$/.test(name);
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
}
