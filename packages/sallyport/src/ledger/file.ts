import { Buffer } from 'node:buffer';
import { dirname, join } from 'node:path';
import { SallyportError } from '../lib/error.ts';
import type { Disk } from './disk.ts';
import { Ledger, type LedgerStep } from './ledger.ts';
import type { LedgerStore } from './store.ts';
import { fileOf, type LedgerText, lineOf, readLedger } from './text.ts';

const FILE = 'ledger';
const NEXT = 'ledger.next';
/** A file with more lines than holdings, and than this, is written anew. */
const LEAST_LINES = 512;

/**
 * A ledger in a folder of its own. A step is one line, appended and synchronised; a file that has grown long, or whose end cannot be trusted, is
 * replaced: written beside, synchronised, renamed. Throws FILE for a file that cannot be read or is damaged: numbering anew
 * would move addresses that are in use. One process at a time: see `openLedger`.
 */
export class LedgerFile implements LedgerStore {
  readonly ledger: Ledger;
  /** What a crash had left half written and was thrown away, in octets. */
  readonly torn: number;
  readonly #disk: Disk;
  readonly #folder: string;
  #chain: string;
  #lines: number;
  /** The file must be replaced: it is not there, or what stands at its end is not known. */
  #isUncertain: boolean;

  constructor(folder: string, disk: Disk) {
    this.#disk = disk;
    this.#folder = folder;
    const found = readLedgerFile(folder, disk);
    this.ledger = found?.ledger ?? new Ledger();
    this.torn = found?.torn ?? 0;
    this.#chain = found?.chain ?? '';
    this.#lines = found?.lines ?? 0;
    this.#isUncertain = found === undefined || found.torn > 0;
    if (found === undefined) return;
    // Another life may have ended between writing this and synchronising it, and it is going to be used.
    disk.sync(join(folder, FILE));
    disk.sync(folder);
  }

  write(steps: readonly LedgerStep[]): void {
    if (steps.length === 0) return;
    if (this.#isUncertain || this.#lines > Math.max(LEAST_LINES, this.ledger.size)) this.#replace();
    const line = lineOf(this.#chain, steps);
    const path = join(this.#folder, FILE);
    this.#isUncertain = true;
    this.#disk.append(path, Buffer.from(line.text));
    this.#disk.sync(path);
    this.#isUncertain = false;
    this.#chain = line.chain;
    this.#lines += 1;
    this.ledger.take(steps);
  }

  /** Puts a file in place that says what the ledger holds, durably. */
  #replace(): void {
    const { text, chain, lines } = fileOf(this.ledger);
    const [path, next] = [join(this.#folder, FILE), join(this.#folder, NEXT)];
    this.#isUncertain = true;
    this.#disk.write(next, Buffer.from(text));
    this.#disk.sync(next);
    this.#disk.rename(next, path);
    this.#disk.sync(this.#folder);
    this.#isUncertain = false;
    this.#chain = chain;
    this.#lines = lines;
  }
}

/** What the ledger in a folder says; undefined when there is none. Throws as {@link LedgerFile} does. */
export function readLedgerFile(folder: string, disk: Disk): LedgerText | undefined {
  const path = join(folder, FILE);
  let bytes: Uint8Array | undefined;
  try {
    bytes = disk.read(path);
  } catch (cause) {
    throw new SallyportError('FILE', `the ledger of virtual addresses ${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  if (bytes === undefined) return undefined;
  const found = readLedger(bytes);
  if ('ledger' in found) return found;
  throw new SallyportError(
    'FILE',
    `the ledger of virtual addresses ${path} is damaged in line ${found.line}: ${found.what}; put a copy of it back, or move the folder ${dirname(path)} away to begin a new one, after which hosts may have other addresses`,
  );
}
