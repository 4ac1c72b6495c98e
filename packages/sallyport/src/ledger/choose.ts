import { contentHash } from '../lib/hash.ts';
import type { Cidr } from '../lib/ip.ts';
import { ipNumber, ipOfNumber } from '../lib/ip-number.ts';

/**
 * The first free address of a prefix for a host, from a place that the host's name alone decides: two ledgers that know nothing of each other, or
 * one that was lost, mostly agree. Undefined when none is free. The first and the last address of a prefix are not given out, nor IPv4 addresses
 * that end in 0 or 255 where the prefix has others, which some software takes for those of a network.
 */
export function addressFor(host: string, prefix: Cidr, isFree: (address: string) => boolean): string | undefined {
  const { family, length } = prefix;
  const first = ipNumber(prefix.prefix);
  const size = 2n ** BigInt((family === 4 ? 32 : 128) - length);
  const avoidsEnds = family === 4 && length <= 24;
  const start = BigInt(`0x${contentHash(`${family} ${host}`)}`) % size;
  for (let tried = 0n; tried < size; tried += 1n) {
    const at = (start + tried) % size;
    if (size > 2n && (at === 0n || at === size - 1n)) continue;
    const last = at & 255n;
    if (avoidsEnds && (last === 0n || last === 255n)) continue;
    const address = ipOfNumber(first + at, family);
    if (isFree(address)) return address;
  }
  return undefined;
}
