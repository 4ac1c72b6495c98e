const OFFSET = 2_166_136_261;
const PRIME = 16_777_619;
const RESERVED = 240;
/** The broadcast address can be no virtual address. */
const BROADCAST = '255.255.255.255';

/**
 * Gloo's virtual address of the service that these parts name together: 32 bits of FNV-1 (multiply, then xor) of the parts without
 * separators, least significant byte first, inside 240.0.0.0/4 (spec/gloo.md 1.5; `unique_ip.go`).
 */
export function uniqueIp(...parts: readonly string[]): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(parts.join(''))) hash = (Math.imul(hash, PRIME) ^ byte) >>> 0;
  return [(hash & 0xff) | RESERVED, (hash >>> 8) & 0xff, (hash >>> 16) & 0xff, hash >>> 24].join('.');
}

/**
 * The virtual address of the last of several services, given by the parts of their names, all of which would get the same one: the first
 * keeps it, each further one takes that of its parts with `#1`, `#2`, … appended that nobody before it has.
 */
export function uniqueIpAmong(services: readonly (readonly string[])[]): string {
  const taken = new Set([BROADCAST]);
  let address = BROADCAST;
  for (const parts of services) {
    address = uniqueIp(...parts);
    for (let i = 1; taken.has(address); i++) address = uniqueIp(...parts, `#${i}`);
    taken.add(address);
  }
  return address;
}
