import { Buffer } from 'node:buffer';
import ipaddr from 'ipaddr.js';
import { canonicalIp, ipFamily } from './ip.ts';

/** An IP address as a number, to count with. Takes what `ipFamily` knows and has no zone. */
export function ipNumber(address: string): bigint {
  return BigInt(`0x${Buffer.from(ipaddr.parse(address).toByteArray()).toString('hex')}`);
}

/** The address of this number, in the form of {@link canonicalIp}. The number must be one of the family. */
export function ipOfNumber(number: bigint, family: 4 | 6): string {
  const digits = number.toString(16).padStart(family === 4 ? 8 : 32, '0');
  return canonicalIp(ipaddr.fromByteArray([...Buffer.from(digits, 'hex')]).toString());
}

/** Whether the text is an address that can be counted with. */
export function isCountable(text: string): boolean {
  return ipFamily(text) !== 0 && !text.includes('%');
}

/** The 4 or 16 octets of an address, in the order of the network. */
export function ipOctets(address: string): Uint8Array {
  return Uint8Array.from(ipaddr.parse(address).toByteArray());
}
