import { Buffer } from 'node:buffer';
import { isWildcard } from '../lib/host.ts';
import { byAge } from '../model/index.ts';
import type { EntryHead } from './entry-head.ts';

/** Usable pairs in 240.240.0.0/16: 256 third octets and 254 fourth ones, as Istio counts them. */
const SLOTS = 65024;
const PRIME = 65011;

/**
 * Istio's older allocator: a virtual address pair for each `namespace/host`, from a hash of the name and the other names
 * present (spec/istio.md 3.1). It depends on all names at once, and adding one may move others: kept to compare with
 * Istio, not for use. The list is in order of creation; a name may stand in it several times, which matters.
 */
export function allocateLegacy(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const slots = new Map<number, string>();
  for (const name of names.slice(0, SLOTS)) {
    const slot = freeSlot(hash32(name), slots);
    if (slot !== undefined) slots.set(slot, name);
  }
  const given = new Map<string, readonly string[]>();
  let x = 0;
  let walked = 0;
  for (const slot of [...slots.keys()].sort((a, b) => a - b)) {
    x += slot + 1 - walked;
    walked = slot + 1;
    if (x % 255 === 0) x += 1;
    const name = slots.get(slot)!;
    if (!given.has(name)) given.set(name, addressPair(Math.floor(x / 255), x % 255));
  }
  return given;
}

/** The names that this entry asks addresses for, in its own order. */
export function legacyNames(entry: EntryHead): readonly string[] {
  const { resolution = 'NONE', addresses = [], hosts } = entry.spec;
  if (resolution === 'NONE' || addresses.length > 0) return [];
  return hosts.filter((host) => !isWildcard(host)).map((host) => `${entry.key.namespace}/${host.toLowerCase()}`);
}

/** All names in the order of Istio's collection: services by creation time, then host, then namespace. */
export function legacyOrder(entries: readonly EntryHead[]): readonly string[] {
  return [...entries].sort(byAge).flatMap(legacyNames);
}

function freeSlot(hash: number, taken: ReadonlyMap<number, string>): number | undefined {
  const first = hash % SLOTS;
  if (!taken.has(first)) return first;
  const step = PRIME - (hash % PRIME);
  for (let i = 1; i < 32 * SLOTS; i++) {
    const slot = ((hash + i * step) % 2 ** 32) % (SLOTS - 1);
    if (!taken.has(slot)) return slot;
  }
  return undefined;
}

/** FNV-1a, 32 bit. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function addressPair(third: number, fourth: number): readonly string[] {
  // Without padding, as Istio writes it: (1, 0x23) and (0x12, 3) get one text.
  const low = third === 0 ? fourth.toString(16) : third.toString(16) + fourth.toString(16);
  return [`240.240.${third}.${fourth}`, `2001:2::f0f0:${low}`];
}
