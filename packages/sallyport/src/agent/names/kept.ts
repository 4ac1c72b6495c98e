import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Asker } from '../resolver/short-forms.ts';
import type { NameRows, VersionedRow } from './rows.ts';

/** A table that changes all the time is written so often, in milliseconds. */
const PAUSE_MS = 2_000;
const FORMAT = 1;

interface NamesFile {
  readonly format: typeof FORMAT;
  readonly asker: Asker;
  readonly rows: Readonly<Record<string, VersionedRow>>;
}

export interface KeptNames {
  /** To be called when something is different. */
  changed(): void;
  /** Writes what is not written yet. */
  close(): Promise<void>;
}

/**
 * Keeps the table in a file, so that an agent that is started again while the control plane is away knows what the last one did. What the file
 * says is taken over at once. A file that cannot be read, or is another workload's, says nothing; one that cannot be written is said once.
 */
export async function keepNames(path: string, asker: Asker, rows: NameRows, say: (message: string) => void): Promise<KeptNames> {
  const before = await readNames(path, asker);
  if (before !== undefined) rows.restore(before);
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();
  let complained = false;
  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const file: NamesFile = { format: FORMAT, asker, rows: Object.fromEntries(rows.held()) };
    writing = writing
      .then(() => writeWhole(path, JSON.stringify(file)))
      .catch((error: Error) => {
        if (!complained) say(`the names cannot be kept in ${path}: ${error.message}`);
        complained = true;
      });
    return writing;
  };
  return {
    changed: () => {
      timer ??= setTimeout(() => void write(), PAUSE_MS);
    },
    close: () => (timer === undefined ? writing : write()),
  };
}

async function readNames(path: string, asker: Asker): Promise<readonly (readonly [string, VersionedRow])[] | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const file = JSON.parse(text) as Partial<NamesFile>;
    const isOurs = file.format === FORMAT && file.asker?.namespace === asker.namespace && file.asker.domain === asker.domain;
    return isOurs ? Object.entries(file.rows ?? {}).filter(([, { row }]) => Array.isArray(row.ips)) : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever reads finds the old file or the new one, never a part. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
