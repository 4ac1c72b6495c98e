import { canonicalIp, ipFamily, parseCidr } from '../lib/ip.ts';
import type { ServiceEntryStatus } from '../model/index.ts';
import type { EntryHead } from './entry-head.ts';

/** Declared addresses as used: IPs, prefixes of full length as IPs, other prefixes as they are; anything else is left out (spec/istio.md 1.4). */
export function declaredAddresses(addresses: readonly string[] | undefined): readonly string[] {
  return (addresses ?? []).flatMap((address) => {
    if (ipFamily(address) !== 0) return [address];
    const cidr = parseCidr(address);
    if (cidr === undefined) return [];
    return [cidr.length === (cidr.family === 4 ? 32 : 128) ? cidr.prefix : address];
  });
}

const OPT_OUT = 'networking.istio.io/enable-autoallocate-ip';

/** Whether hosts of this entry are given virtual addresses: not for resolution NONE, declared addresses or the opt-out label (spec/istio.md 3.2). */
export function allocates(entry: EntryHead): boolean {
  const { resolution = 'NONE', addresses = [] } = entry.spec;
  return resolution !== 'NONE' && addresses.length === 0 && entry.labels[OPT_OUT]?.toLowerCase() !== 'false';
}

/** The addresses that the entry's status gives this host: at most one of each family, the last said, IPv4 first (spec/istio.md 1.4). */
export function statusAddresses(entry: EntryHead, host: string): readonly string[] {
  if (!allocates(entry)) return [];
  const given = ((entry.status as ServiceEntryStatus | undefined)?.addresses ?? []).filter((a) => a.host?.toLowerCase() === host);
  return ([4, 6] as const).flatMap((family) => {
    const last = given.findLast(({ value }) => ipFamily(value) === family);
    return last === undefined ? [] : [canonicalIp(last.value)];
  });
}
