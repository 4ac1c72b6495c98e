import { isWildcard } from '../lib/host.ts';
import { type Cidr, canonicalIp, inCidr, ipFamily, parseCidr } from '../lib/ip.ts';
import type { ServiceEntryStatus } from '../model/index.ts';
import type { EntryHead } from './entry-head.ts';
import { carriesNoName, usualProtocol } from './protocol.ts';

/**
 * Declared addresses as used: IPs, prefixes of full length as IPs, other prefixes as they are; anything else is left out (spec/istio.md 1.4), and
 * what lies in a reserved prefix, where nobody but the ledger says whose an address is (docs/decisions/0016-virtual-addresses.md).
 */
export function declaredAddresses(addresses: readonly string[] | undefined, reserved: readonly Cidr[] = []): readonly string[] {
  return (addresses ?? []).flatMap((address) => {
    if (isReserved(address, reserved)) return [];
    if (ipFamily(address) !== 0) return [address];
    const cidr = parseCidr(address);
    if (cidr === undefined) return [];
    return [cidr.length === (cidr.family === 4 ? 32 : 128) ? cidr.prefix : address];
  });
}

/** Whether an address, or all of a prefix, lies in one of these prefixes. */
export function isReserved(address: string, reserved: readonly Cidr[]): boolean {
  const [first = '', bits] = address.split('/');
  return reserved.some((prefix) => inCidr(first, prefix) && (bits === undefined || Number(bits) >= prefix.length));
}

const OPT_OUT = 'networking.istio.io/enable-autoallocate-ip';

/** Whether hosts of this entry are given virtual addresses: not for resolution NONE, declared addresses or the opt-out label (spec/istio.md 3.2). */
export function allocates(entry: EntryHead, reserved: readonly Cidr[] = []): boolean {
  const { resolution = 'NONE', addresses = [] } = entry.spec;
  const hasOwn = addresses.some((address) => !isReserved(address, reserved));
  return resolution !== 'NONE' && !hasOwn && entry.labels[OPT_OUT]?.toLowerCase() !== 'false';
}

/**
 * The hosts of this entry that want addresses of the ledger, each once. Of those that may have some (spec/istio.md 3.2; of wildcards only those under which
 * any name is resolved) the ones that callers could not find or tell apart without: see {@link isFoundOutside}.
 */
export function claimedHosts(entry: EntryHead, reserved: readonly Cidr[]): readonly string[] {
  if (!allocates(entry, reserved)) return [];
  const { hosts, resolution } = entry.spec;
  const wanting = hosts.filter((host) =>
    isWildcard(host) ? resolution === 'DYNAMIC_DNS' : !isFoundOutside(entry, host, reserved),
  );
  return [...new Set(wanting.map((host) => host.toLowerCase()))];
}

/**
 * Whether DNS knows the host, for the proxies themselves look it up there, and every port carries its name. With an address of ours such a host
 * would only lose: what it does not declare would be sent to an address that nobody has, and TLS would be told apart by the address
 * instead of by the name (docs/decisions/0016-virtual-addresses.md).
 */
function isFoundOutside(entry: EntryHead, host: string, reserved: readonly Cidr[]): boolean {
  const { resolution, workloadSelector, ports = [] } = entry.spec;
  const isLookedUp = (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') && entry.hasEndpoints !== true;
  if (!isLookedUp || workloadSelector !== undefined) return false;
  const isNamed = ports.every(({ number, protocol }) =>
    protocol === undefined || protocol === '' ? usualProtocol(number) !== 'TCP' : !carriesNoName(protocol),
  );
  return isNamed && statusAddresses(entry, host.toLowerCase(), reserved).length === 0;
}

/** The addresses that the entry's status gives this host: at most one of each family, the last said, IPv4 first (spec/istio.md 1.4). */
export function statusAddresses(entry: EntryHead, host: string, reserved: readonly Cidr[] = []): readonly string[] {
  if (!allocates(entry, reserved)) return [];
  const given = ((entry.status as ServiceEntryStatus | undefined)?.addresses ?? []).filter((a) => a.host?.toLowerCase() === host);
  return ([4, 6] as const).flatMap((family) => {
    const last = given.findLast(({ value }) => ipFamily(value) === family);
    return last === undefined ? [] : [canonicalIp(last.value)];
  });
}
