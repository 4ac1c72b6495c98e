import { Buffer } from 'node:buffer';
import { contentHash } from '../lib/hash.ts';
import { canonicalIp, ipFamily } from '../lib/ip.ts';
import { isForgotten, Ledger, type LedgerStep } from './ledger.ts';

/** The first line of a ledger file: what it is, for whoever finds it, and the version of the format. */
const HEADER = '# sallyport ledger 1: which host has which virtual addresses; not to be edited';
const END = 0x0a;
/** A new file has its holdings in lines of this many, so that none grows with the mesh. */
const STEPS_IN_LINE = 256;

/** What a ledger file says. */
export interface LedgerText {
  readonly ledger: Ledger;
  /** What the hash of the next line begins with: each line vouches for all before it. */
  readonly chain: string;
  readonly lines: number;
  /** Octets at the end of which a crash left only a part; they were never used, and the next line must not follow them. */
  readonly torn: number;
}

/** A file that is no ledger, or not the whole of one. */
export interface Damage {
  readonly line: number;
  readonly what: string;
}

/** One line for steps that become durable together, and the chain after it. */
export function lineOf(chain: string, steps: readonly LedgerStep[]): { readonly text: string; readonly chain: string } {
  const json = JSON.stringify(steps);
  const next = contentHash(chain, json);
  return { text: `${next} ${json}\n`, chain: next };
}

/** A whole file that holds what the ledger holds. */
export function fileOf(ledger: Ledger): { readonly text: string; readonly chain: string; readonly lines: number } {
  const holdings = [...ledger.holdings()];
  const parts = [`${HEADER}\n`];
  let chain = HEADER;
  for (let i = 0; i < holdings.length; i += STEPS_IN_LINE) {
    const line = lineOf(chain, holdings.slice(i, i + STEPS_IN_LINE));
    parts.push(line.text);
    chain = line.chain;
  }
  return { text: parts.join(''), chain, lines: parts.length - 1 };
}

/**
 * Reads a ledger file. A crash may leave a part of the last line, for a line is written at once: its end is missing, or pages of it are
 * zeros. Anything else that does not fit is damage.
 */
export function readLedger(bytes: Uint8Array): LedgerText | Damage {
  const ledger = new Ledger();
  let [chain, line, at] = [HEADER, 0, 0];
  for (;;) {
    const end = bytes.indexOf(END, at);
    if (end === -1) break;
    const slice = Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at);
    line += 1;
    if (line === 1) {
      if (slice.toString() !== HEADER) return { line, what: 'it does not begin as a ledger of this version does' };
    } else {
      const read = readLine(slice.toString(), chain, ledger);
      if (typeof read === 'object') {
        // Only the last line can be half of one.
        const isTorn = end === bytes.length - 1 && slice.includes(0);
        return isTorn ? { ledger, chain, lines: line - 2, torn: bytes.length - at } : { line, what: read.what };
      }
      chain = read;
    }
    at = end + 1;
  }
  if (line === 0)
    return { line: 1, what: bytes.length === 0 ? 'it is empty' : 'it does not begin as a ledger of this version does' };
  return { ledger, chain, lines: line - 1, torn: bytes.length - at };
}

/** The chain after a line whose steps have been taken, or what is wrong with it. */
function readLine(text: string, chain: string, ledger: Ledger): string | { readonly what: string } {
  const space = text.indexOf(' ');
  const json = text.slice(space + 1);
  const next = contentHash(chain, json);
  if (text.slice(0, space) !== next) return { what: 'it has been changed, or a line before it is missing' };
  try {
    const steps: unknown = JSON.parse(json);
    if (!Array.isArray(steps) || !steps.every(isStep)) return { what: 'it holds no steps of a ledger' };
    ledger.take(steps);
    return next;
  } catch (error) {
    return { what: (error as Error).message };
  }
}

function isStep(value: unknown): value is LedgerStep {
  if (typeof value !== 'object' || value === null || !('host' in value) || typeof value.host !== 'string') return false;
  const step = value as LedgerStep;
  if (isForgotten(step)) return true;
  const { addresses, since, from, freed } = step;
  return (
    Array.isArray(addresses) &&
    addresses.every((address) => ipFamily(address) !== 0 && canonicalIp(address) === address) &&
    Number.isFinite(since) &&
    (from === 'ledger' || from === 'status') &&
    (freed === undefined || Number.isFinite(freed))
  );
}
