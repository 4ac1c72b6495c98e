import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SallyportError } from '../lib/error.ts';
import { holdLock } from '../source/index.ts';
import { nodeDisk } from './disk.ts';
import { LedgerFile, readLedgerFile } from './file.ts';
import type { LedgerView } from './ledger.ts';

/** A process that was killed a moment ago may not have been taken apart yet. */
const PATIENCE_MS = 2_000;

export interface OpenLedger {
  readonly store: LedgerFile;
  close(): void;
}

/** Opens the ledger in a folder, made if it is not there, for this process alone. Throws FILE: see {@link LedgerFile}, and when another process has it. */
export async function openLedger(folder: string): Promise<OpenLedger> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    nodeDisk.sync(dirname(folder));
  } catch (cause) {
    throw new SallyportError('FILE', `the ledger of virtual addresses cannot be kept in ${folder}: ${(cause as Error).message}`, {
      cause,
    });
  }
  const release = await holdLock(folder, PATIENCE_MS);
  if (release === undefined)
    throw new SallyportError(
      'FILE',
      `the ledger of virtual addresses in ${folder} is in use by another control plane; stop it, or give this one a --state-dir of its own`,
    );
  try {
    return { store: new LedgerFile(folder, nodeDisk), close: release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The ledger in a folder as it stands, for a look: nothing is locked, made or written. Throws FILE, also when there is none. */
export function lookAtLedger(folder: string): LedgerView {
  const found = readLedgerFile(folder, nodeDisk);
  if (found !== undefined) return found.ledger;
  throw new SallyportError(
    'FILE',
    `${folder} holds no ledger of virtual addresses; name the folder "addresses" in the state directory of run`,
  );
}
