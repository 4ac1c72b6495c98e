import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';

/** What a ledger does to a disk, step by step: a crash may come between any two, and undo what was not synchronised. */
export interface Disk {
  /** Undefined when there is no such file. */
  read(path: string): Uint8Array | undefined;
  /** Makes the file, or empties it, and writes. */
  write(path: string, bytes: Uint8Array): void;
  /** Writes at the end of a file that is there. */
  append(path: string, bytes: Uint8Array): void;
  /** Makes the content of a file, or the names in a folder, outlast a crash. */
  sync(path: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

export const nodeDisk: Disk = {
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  write: (path, bytes) => writeAll(path, 'w', bytes),
  append: (path, bytes) => writeAll(path, 'a', bytes),
  sync: (path) => withFile(path, 'r', fsyncSync),
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};

function writeAll(path: string, flags: string, bytes: Uint8Array): void {
  withFile(path, flags, (file) => {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  });
}

function withFile(path: string, flags: string, work: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    work(file);
  } finally {
    closeSync(file);
  }
}
