/** A host that some ServiceEntry wants virtual addresses for. Row key: the host, in lower case. */
export interface AddressClaim {
  readonly host: string;
  /** What `status.addresses` of the oldest entry that says anything gives the host: at most one address of each family, IPv4 first. */
  readonly imported: readonly string[];
  /** Age of that entry, or of the oldest one; of two claims to one address the older counts. */
  readonly createdAt: number;
}

/** What a host was given. Row key: the host. */
export interface GrantedAddresses {
  /** At most one of each family, IPv4 first; durable. */
  readonly addresses: readonly string[];
  /** Milliseconds since the epoch; absent if there is no address. */
  readonly since?: number;
  /** Who chose them: we, or whoever wrote `status.addresses`. */
  readonly from?: 'ledger' | 'status';
  /** Why an address is missing, and what helps: clauses without full stop. */
  readonly lacking?: { readonly why: string; readonly hint: string };
}

/** Where the ledger takes addresses from, and how long a freed one rests (docs/decisions/0016-virtual-addresses.md). */
export interface VirtualAddressTerms {
  /** Prefixes such as `243.0.0.0/16`. */
  readonly ipv4: string;
  readonly ipv6: string;
  readonly rest: string;
}

/** Why these: docs/decisions/0016-virtual-addresses.md. */
export const VIRTUAL_ADDRESSES: VirtualAddressTerms = { ipv4: '243.0.0.0/16', ipv6: 'fd73:616c:6c79::/96', rest: '24h' };
