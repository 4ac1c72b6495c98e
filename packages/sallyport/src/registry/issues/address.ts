import { type Cidr, canonicalIp, ipFamily } from '../../lib/ip.ts';
import type { GrantedAddresses, Issue } from '../../model/index.ts';
import { claimedHosts, isReserved, statusAddresses } from '../addresses.ts';
import type { EntryHead } from '../entry-head.ts';
import { finding } from './finding.ts';

/** What the ledger says. */
export interface Answered {
  granted(host: string): GrantedAddresses | undefined;
  /** The host that an address was given to. */
  ownerOf(address: string): string | undefined;
}

/** Where an entry and the ledger do not agree, and who got nothing (docs/decisions/0016-virtual-addresses.md). */
export function addressFindings(entry: EntryHead, prefixes: readonly Cidr[], answered: Answered): readonly Issue[] {
  const hosts = claimedHosts(entry, prefixes);
  return [
    ...hosts.flatMap((host) => lackingFindings(entry, host, answered)),
    ...hosts.flatMap((host) => statusFindings(entry, host, statusAddresses(entry, host, prefixes), answered)),
    ...declaredFindings(entry, hosts, prefixes, answered),
  ];
}

function lackingFindings(entry: EntryHead, host: string, answered: Answered): readonly Issue[] {
  const { addresses = [], lacking } = answered.granted(host) ?? {};
  if (lacking === undefined) return [];
  const message =
    addresses.length === 0
      ? `${host} has no virtual address: ${lacking.why}`
      : `${host} has ${addresses.join(' and ')} but no virtual address of the other family: ${lacking.why}`;
  const index = entry.spec.hosts.findIndex((one) => one.toLowerCase() === host);
  return [finding(entry, 'NO_ADDRESS', 'error', ['spec', 'hosts', index], message, lacking.hint)];
}

function statusFindings(entry: EntryHead, host: string, said: readonly string[], answered: Answered): readonly Issue[] {
  const { addresses = [] } = answered.granted(host) ?? {};
  const lost = said.filter((address) => !addresses.includes(address));
  if (lost.length === 0 || addresses.length === 0) return [];
  const others = lost.flatMap((address) => {
    const owner = answered.ownerOf(address);
    return owner === undefined ? [] : [`${address} belongs to ${owner}`];
  });
  const message = [`status gives ${host} ${lost.join(' and ')}, but it has ${addresses.join(' and ')}`, ...others].join('; ');
  const hint =
    'nothing needs to be done: callers are answered with the address that it has; to be rid of this, remove the status';
  return [finding(entry, 'ADDRESS_CONFLICT', 'warning', ['status', 'addresses'], message, hint)];
}

function declaredFindings(
  entry: EntryHead,
  claimed: readonly string[],
  prefixes: readonly Cidr[],
  answered: Answered,
): readonly Issue[] {
  const hosts = entry.spec.hosts.map((host) => host.toLowerCase());
  return (entry.spec.addresses ?? []).flatMap((text, index) => {
    const address = canonicalIp(text);
    const owner = ipFamily(text) === 0 ? undefined : answered.ownerOf(address);
    const field = ['spec', 'addresses', index];
    if (isReserved(text, prefixes)) {
      if (owner !== undefined && hosts.includes(owner)) return [];
      const whose = owner === undefined ? '' : `; it is ${owner}’s`;
      const instead = claimed
        .map((host) => answered.granted(host)?.addresses.join(' and ') ?? '')
        .filter((given) => given !== '');
      const has = instead.length === 0 ? '' : `, and the host has ${instead.join(', ')}`;
      const message = `${text} is one of the virtual addresses, which are given out and not declared: it is left out${has}${whose}`;
      const hint = 'leave it out, or keep the prefix for yourself and name another one under sallyport.virtualAddresses';
      return [finding(entry, 'ADDRESS_CONFLICT', 'error', field, message, hint)];
    }
    if (owner === undefined || hosts.includes(owner)) return [];
    const message = `${text} is also the virtual address of ${owner}: on ports that both have, one of them is not reached`;
    return [finding(entry, 'ADDRESS_CONFLICT', 'warning', field, message, 'declare another address, or none to be given one')];
  });
}
