import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import type { Cidr } from '../lib/ip.ts';
import { type AddressClaim, compareText, type GrantedAddresses, type Issue, objectId } from '../model/index.ts';
import { claimedHosts, statusAddresses } from './addresses.ts';
import type { EntryHead } from './entry-head.ts';
import { addressFindings } from './issues/address.ts';
import type { WithDefaults } from './mesh-tables.ts';

/** What is to be said of an entry whose hosts take their addresses from the ledger. */
export type AddressFindings = (entry: EntryHead, prefixes: readonly Cidr[], read: Read) => readonly Issue[];

/** That one entry wants addresses for one host. */
interface Wish extends AddressClaim {
  readonly host: string;
  readonly entry: string;
}

/**
 * Which hosts want addresses of the ledger, what it answered, and what is to be said about it. The answer is there before services are made,
 * so that nobody sees a service first without its addresses and then with them.
 */
export function buildAddresses(graph: Graph, heads: Collection<EntryHead>, withDefaults: WithDefaults) {
  const wishes = graph.derive(
    'registry.address-wishes',
    heads,
    withDefaults((entry, { ledgerPrefixes }) => {
      if (ledgerPrefixes === undefined) return [];
      const id = objectId(entry.key);
      return claimedHosts(entry, ledgerPrefixes).map((host) => {
        const imported = statusAddresses(entry, host, ledgerPrefixes);
        return [`${host}\n${id}`, { host, entry: id, imported, createdAt: entry.createdAt }] as const;
      });
    }),
    structural,
  );
  const wishesOf = graph.index('registry.address-wishes-by-host', wishes, ({ host }) => [host]);
  const hosts = graph.distinct('registry.claimed-hosts', wishes, ({ host }) => [[host, host]]);
  const claims: Collection<AddressClaim> = graph.derive(
    'registry.address-claims',
    hosts,
    (host, _, read) => [[host, claimOf([...read.lookup(wishesOf, host)].map((key) => read.get(wishes, key)!))]],
    structural,
  );
  const granted = graph.answer<AddressClaim, GrantedAddresses>('registry.granted-addresses', claims, structural);
  const ownersOf = graph.index('registry.owners-of-addresses', granted, ({ addresses }) => addresses);
  const findings: AddressFindings = (entry, prefixes, read) =>
    addressFindings(entry, prefixes, {
      granted: (host) => read.get(granted, host),
      ownerOf: (address) => [...read.lookup(ownersOf, address)].sort(compareText)[0],
    });
  return { claims, granted, addressFindings: findings };
}

/** All entries of a host share its addresses; the oldest that was given some says which (spec/istio.md 3.2). */
function claimOf(wishes: readonly Wish[]): AddressClaim {
  const sorted = wishes.toSorted((a, b) => a.createdAt - b.createdAt || compareText(a.entry, b.entry));
  const { host, imported, createdAt } = sorted.find((wish) => wish.imported.length > 0) ?? sorted[0]!;
  return { host, imported, createdAt };
}
