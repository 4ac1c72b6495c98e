import { isWildcard } from '../lib/host.ts';
import { canonicalIp, inCidr, parseCidr } from '../lib/ip.ts';
import { ipNumber, ipOfNumber, isCountable } from '../lib/ip-number.ts';
import {
  byAge,
  type ConfigObject,
  type Issue,
  objectId,
  type ServiceEntrySpec,
  type ServiceEntryStatus,
} from '../model/index.ts';
import { allocates } from './addresses.ts';

type Entry = ConfigObject<ServiceEntrySpec>;
type StatusAddress = NonNullable<ServiceEntryStatus['addresses']>[number];
type Family = 4 | 6;
const FAMILIES: readonly Family[] = [4, 6];

/** What has been given out, and where counting goes on. A value: whoever could not write keeps the one from before. */
export interface AddressPool {
  readonly prefixes: Readonly<Record<Family, string>>;
  /** In canonical form. Addresses of removed hosts and entries stay here, so that nobody is sent to a new owner by an old answer. */
  readonly used: ReadonlySet<string>;
  readonly next: Readonly<Record<Family, bigint>>;
}

/** Istio's prefixes (spec/istio.md 3.2). */
const PREFIXES = { 4: '240.240.0.0/16', 6: '2001:2::/48' } as const;

/** A pool of which nothing is used. Throws on a prefix that is none: it is the operator's setting, not the user's. */
export function addressPool(prefixes: AddressPool['prefixes'] = PREFIXES): AddressPool {
  return { prefixes, used: new Set(), next: { 4: rangeOf(prefixes, 4).first, 6: rangeOf(prefixes, 6).first } };
}

export interface Allocation {
  readonly pool: AddressPool;
  /** By object id: what `status.addresses` has to become. Entries whose status is right are absent. */
  readonly writes: ReadonlyMap<string, readonly StatusAddress[]>;
  readonly issues: readonly Issue[];
}

/**
 * Istio's present allocator: each host of each eligible entry gets the next free address of either family and keeps it
 * (spec/istio.md 3.2). Takes all entries there are; a first call with a fresh pool is Istio's start-up. Writes nothing.
 */
export function allocateStatus(entries: readonly Entry[], pool: AddressPool): Allocation {
  const inOrder = [...entries].sort(byAge);
  const { owners, losers } = claimsOf(inOrder);
  const ranges = FAMILIES.map((family) => parseCidr(pool.prefixes[family])).filter((range) => range !== undefined);
  const ours = [...owners.keys()].filter((address) => ranges.some((range) => inCidr(address, range)));
  const used = new Set([...pool.used, ...ours]);
  for (const entry of inOrder.filter((one) => !allocates(one)))
    for (const { value } of statusOf(entry)) if (!owners.has(canonicalIp(value))) used.delete(canonicalIp(value));

  const taker = takeFrom(pool, used);
  const writes = new Map<string, readonly StatusAddress[]>();
  const issues: Issue[] = [];
  for (const entry of inOrder) {
    const present = statusOf(entry);
    const kept = losers.has(entry) ? [] : present;
    const addresses = hostsOf(entry).flatMap((host) => {
      const own = kept.filter((address) => address.host === host);
      if (own.length > 0) return own;
      const taken = FAMILIES.map((family) => taker.take(family)).filter((value) => value !== undefined);
      if (taken.length < FAMILIES.length) issues.push(usedUp(entry, host, pool));
      return taken.map((value) => ({ value, host }));
    });
    if (!sameAddresses(addresses, present)) writes.set(objectId(entry.key), addresses);
  }
  return { pool: { ...pool, used, next: taker.next }, writes, issues };
}

/** The hosts that get addresses, in the entry's order: a wildcard only where any name under it is resolved alike. */
function hostsOf(entry: Entry): readonly string[] {
  if (!allocates(entry)) return [];
  const { hosts, resolution } = entry.spec;
  return [...new Set(hosts)].filter((host) => !isWildcard(host) || resolution === 'DYNAMIC_DNS');
}

function statusOf(entry: Entry): readonly StatusAddress[] {
  return (entry.status as ServiceEntryStatus | undefined)?.addresses ?? [];
}

/** Who has which address. One that a user wrote down is the user's; of entries that were given the same one the oldest keeps it. */
function claimsOf(inOrder: readonly Entry[]): {
  readonly owners: ReadonlyMap<string, Entry>;
  readonly losers: ReadonlySet<Entry>;
} {
  const owners = new Map<string, Entry>();
  const losers = new Set<Entry>();
  for (const entry of inOrder)
    for (const address of entry.spec.addresses ?? []) if (isCountable(address)) owners.set(canonicalIp(address), entry);
  for (const entry of inOrder.filter((one) => allocates(one))) {
    for (const { value } of statusOf(entry)) {
      const owner = owners.get(canonicalIp(value));
      if (owner === undefined) owners.set(canonicalIp(value), entry);
      else if (owner !== entry) losers.add(entry);
    }
  }
  return { owners, losers };
}

/** Gives out free addresses in turn, from the end of the prefix back to its beginning. */
function takeFrom({ prefixes, next }: AddressPool, used: Set<string>) {
  const at = { ...next };
  return {
    next: at,
    take(family: Family): string | undefined {
      const { first, last } = rangeOf(prefixes, family);
      const size = last - first + 1n;
      for (let tried = 0n; tried < size && tried <= BigInt(used.size); tried++) {
        const number = at[family] <= last ? at[family] : first;
        const address = ipOfNumber(number, family);
        at[family] = number + 1n;
        if (used.has(address)) continue;
        used.add(address);
        return address;
      }
      return undefined;
    },
  };
}

/** All of a prefix but the address that names it. */
function rangeOf(prefixes: AddressPool['prefixes'], family: Family): { readonly first: bigint; readonly last: bigint } {
  const cidr = parseCidr(prefixes[family]);
  if (cidr?.family !== family) throw new Error(`${prefixes[family]} is no IPv${family} prefix such as ${PREFIXES[family]}`);
  const start = ipNumber(cidr.prefix);
  return { first: start + 1n, last: start + 2n ** BigInt((family === 4 ? 32 : 128) - cidr.length) - 1n };
}

function sameAddresses(a: readonly StatusAddress[], b: readonly StatusAddress[]): boolean {
  const text = (addresses: readonly StatusAddress[]) => addresses.map(({ host = '', value }) => `${host} ${value}`).sort();
  return text(a).join('\n') === text(b).join('\n');
}

function usedUp({ key, spec }: Entry, host: string, { prefixes }: AddressPool): Issue {
  return {
    code: 'NO_ADDRESS',
    severity: 'warning',
    message: `${host} gets no automatic address of every family: ${prefixes[4]} or ${prefixes[6]} is used up`,
    hint: 'give the entry addresses of its own, or let the allocator have a larger prefix',
    object: key,
    field: ['spec', 'hosts', spec.hosts.indexOf(host)],
  };
}
