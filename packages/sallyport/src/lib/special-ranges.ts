import { type Cidr, inCidr, ipFamily, parseCidr } from './ip.ts';
import { ipNumber, ipOfNumber } from './ip-number.ts';

/** What an address that is not of the Internet stands for. */
export type SpecialUse = 'this host' | 'private' | 'shared' | 'loopback' | 'link-local' | 'metadata' | 'reserved' | 'multicast';

const IPV4: readonly (readonly [string, SpecialUse])[] = [
  ['0.0.0.0/8', 'this host'],
  ['10.0.0.0/8', 'private'],
  ['100.100.100.200/32', 'metadata'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'metadata'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];

/** Forms that carry an IPv4 address are refused whole, but for NAT64, by which whole networks reach the Internet. */
const IPV6: readonly (readonly [string, SpecialUse])[] = [
  ['::1/128', 'loopback'],
  ['::/96', 'reserved'],
  ['::ffff:0:0/96', 'reserved'],
  ['64:ff9b:1::/48', 'private'],
  ['100::/64', 'reserved'],
  ['2001::/32', 'reserved'],
  ['2001:2::/48', 'reserved'],
  ['2002::/16', 'reserved'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
];

const NAT64 = '64:ff9b::';

const ALL: readonly { readonly cidr: Cidr; readonly use: SpecialUse }[] = [
  ...IPV4.map(([text, use]) => ({ cidr: parseCidr(text)!, use })),
  ...IPV6.map(([text, use]) => ({ cidr: parseCidr(text)!, use })),
  ...IPV4.map(([text, use]) => ({ cidr: behindNat64(parseCidr(text)!), use })),
];

/**
 * What the address stands for, undefined for one of the Internet (RFC 6890, and the fixed addresses of clouds' metadata
 * services). Ranges for documentation count as the Internet (spec/security.md 1.0).
 */
export function specialUse(address: string): SpecialUse | undefined {
  return ALL.find(({ cidr }) => inCidr(address, cidr))?.use;
}

/** The ranges of {@link specialUse} without what is allowed of them: CIDRs, sorted. */
export function specialRanges(allowed: readonly string[]): readonly string[] {
  const kept = allowed.map(parseCidr).filter((cidr) => cidr !== undefined);
  const left = ALL.flatMap(({ cidr }) => kept.reduce<readonly Cidr[]>((rest, k) => rest.flatMap((c) => without(c, k)), [cidr]));
  return [...new Set(left.map(cidrText))].sort();
}

/** Whether the address lies in one of the ranges. */
export function inRanges(address: string, ranges: readonly string[]): boolean {
  return ranges.some((text) => {
    const cidr = parseCidr(text);
    return cidr !== undefined && inCidr(address, cidr);
  });
}

const cidrText = ({ prefix, length }: Cidr): string => `${prefix}/${length}`;

/** The parts of a range that another one leaves of it: halves of halves, until each is either in or out. */
function without(range: Cidr, taken: Cidr): readonly Cidr[] {
  if (range.family !== taken.family) return [range];
  if (taken.length <= range.length) return inCidr(range.prefix, taken) ? [] : [range];
  if (!inCidr(taken.prefix, range)) return [range];
  const length = range.length + 1;
  const low = { ...range, length };
  const bit = 1n << BigInt((range.family === 4 ? 32 : 128) - length);
  const high = { ...low, prefix: ipOfNumber(ipNumber(range.prefix) + bit, range.family) };
  return [...without(low, taken), ...without(high, taken)];
}

function behindNat64({ prefix, length }: Cidr): Cidr {
  return { prefix: ipOfNumber(ipNumber(NAT64) + ipNumber(prefix), 6), length: 96 + length, family: 6 };
}

/** Whether a name is one that only the Internet's DNS can answer for: no single label, and under no name reserved for private use (RFC 6762 appendix G, RFC 8375). */
export function isPublicName(name: string): boolean {
  const labels = name.replace(/\.$/, '').toLowerCase().split('.');
  return (
    labels.length > 1 && ipFamily(name) === 0 && !PRIVATE_NAMES.has(labels.at(-1)!) && labels.slice(-2).join('.') !== 'home.arpa'
  );
}

const PRIVATE_NAMES: ReadonlySet<string> = new Set([
  ...['local', 'localhost', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'localdomain', 'test', 'invalid'],
]);
