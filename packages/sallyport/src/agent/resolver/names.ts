import { wildcardsOf } from '../../lib/host.ts';
import { ipFamily } from '../../lib/ip.ts';

export type AddressType = 'A' | 'AAAA';

/**
 * What a table of names says about a question. `unknown`: not ours, ask upstream. `known` with no addresses of this type: the name
 * exists and has nothing of the kind, which is another answer than that it does not exist.
 */
export type Found =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly addresses: readonly string[] }
  /** Nobody can say yet, so ask again: SERVFAIL. */
  | { readonly kind: 'not-ready' };

export interface Names {
  /** `name` is lower case and without the final dot. Types other than addresses of a known name: no addresses. */
  lookup(name: string, type: string): Found;
}

export const noNames: Names = { lookup: () => ({ kind: 'unknown' }) };

/** A fixed table: name, also `*.example.com`, → addresses of both families. An exact name wins, then the longest wildcard. */
export function staticNames(table: Readonly<Record<string, readonly string[]>>): Names {
  const byName = new Map(Object.entries(table).map(([name, addresses]) => [canonicalName(name), addresses]));
  return {
    lookup(name, type) {
      const addresses =
        byName.get(name) ?? [...wildcardsOf(name)].map((wildcard) => byName.get(wildcard)).find((a) => a !== undefined);
      if (addresses === undefined) return { kind: 'unknown' };
      const family = type === 'A' ? 4 : type === 'AAAA' ? 6 : undefined;
      return { kind: 'known', addresses: addresses.filter((address) => ipFamily(address) === family) };
    },
  };
}

export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
