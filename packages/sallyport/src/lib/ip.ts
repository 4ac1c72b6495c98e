import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** 4, 6, or 0 for what is no IP address. Strict: `010.0.0.1` and `1.2.3` are none, zones (`fe80::1%eth0`) are allowed. */
export function ipFamily(text: string): 0 | 4 | 6 {
  return isIP(text) as 0 | 4 | 6;
}

export interface Cidr {
  /** The prefix with host bits cleared. */
  readonly prefix: string;
  readonly length: number;
  readonly family: 4 | 6;
}

/** Parses `10.0.0.0/8` and the like; undefined for anything else, a plain address included. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, bits, rest] = text.split('/');
  const family = ipFamily(address ?? '');
  if (family === 0 || rest !== undefined || bits === undefined || address!.includes('%') || !/^(0|[1-9]\d{0,2})$/.test(bits))
    return undefined;
  const length = Number(bits);
  if (length > (family === 4 ? 32 : 128)) return undefined;
  const parse = family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
  return { prefix: parse.networkAddressFromCIDR(`${address}/${length}`).toString(), length, family };
}

/** Whether the address lies in the prefix; false when the families differ. */
export function inCidr(address: string, cidr: Cidr): boolean {
  if (ipFamily(address) !== cidr.family) return false;
  const parse = cidr.family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
  return (parse.parse(address) as ipaddr.IPv4).match(parse.parse(cidr.prefix) as ipaddr.IPv4, cidr.length);
}

/** Text form without leading zeros and with the longest run of zeros folded (RFC 5952); other text is given back as it is. */
export function canonicalIp(text: string): string {
  return ipFamily(text) === 6 && !text.includes('%') ? ipaddr.IPv6.parse(text).toRFC5952String() : text;
}
