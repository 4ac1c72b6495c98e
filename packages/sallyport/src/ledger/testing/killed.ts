// A process that keeps a ledger until it is killed: `node killed.ts FOLDER NOW HOSTS`. Writes a line before each change with the hosts that are wanted, and
// one after it with the addresses they have: what is written there, callers know.
import { writeSync } from 'node:fs';
import { parseCidr } from '../../lib/ip.ts';
import { openLedger } from '../index.ts';
import { settled } from './settled.ts';

export const REST_MS = 20_000;
const HOSTS = Array.from({ length: 24 }, (_, i) => `host-${i}.example`);
/** Fewer than hosts, so that addresses change hands. */
const PREFIXES = { 4: parseCidr('243.0.0.0/28')!, 6: parseCidr('fd73::/124')! } as const;

export interface KilledLine {
  readonly now: number;
  readonly wanted?: readonly string[];
  readonly used?: Readonly<Record<string, readonly string[]>>;
}

if (import.meta.main) {
  const [folder = '', start = '0', hosts = ''] = process.argv.slice(2);
  const say = (line: KilledLine) => writeSync(1, `${JSON.stringify(line)}\n`);
  let now = Number(start);
  let wanted = new Set(hosts.split(',').filter((host) => host !== ''));
  const { store } = await openLedger(folder);
  for (;;) {
    say({ now, wanted: [...wanted] });
    const used = settled(store, new Map([...wanted].map((host) => [host, []])), { prefixes: PREFIXES, restMs: REST_MS, now });
    say({ now, used: Object.fromEntries(used) });
    now += 1_000;
    wanted = new Set(wanted);
    for (const host of HOSTS)
      if (Math.random() < 0.08) {
        if (wanted.has(host)) wanted.delete(host);
        else wanted.add(host);
      }
  }
}
