import { wildcardsOf } from '../../lib/host.ts';
import { ipFamily } from '../../lib/ip.ts';

export type AddressType = 'A' | 'AAAA';

/** Addresses of one name by family. The arrays stay the same as long as what is in them: encoded answers are kept by them. */
export interface Addresses {
  readonly A: readonly string[];
  readonly AAAA: readonly string[];
}

/** What a table of names says about a name. `unknown`: not ours, ask upstream. */
export type Found =
  | { readonly kind: 'unknown' }
  /** A name that has no addresses of a family exists all the same, which is another answer than that it does not. */
  | {
      readonly kind: 'known';
      readonly addresses: Addresses;
      /** The name that has the addresses, if it is not the one asked for. */
      readonly alias?: string;
    }
  /** Nobody can say yet, so ask again: SERVFAIL. */
  | { readonly kind: 'not-ready' };

export interface Names {
  /** `name` is lower case and without the final dot. */
  lookup(name: string): Found;
}

export const UNKNOWN: Found = { kind: 'unknown' };
export const noNames: Names = { lookup: () => UNKNOWN };

/** A fixed table: name, also `*.example.com`, → addresses of both families. An exact name wins, then the longest wildcard. */
export function staticNames(table: Readonly<Record<string, readonly string[]>>): Names {
  const byName = new Map(
    Object.entries(table).map(([name, ips]) => [canonicalName(name), { kind: 'known', addresses: byFamily(ips) } as const]),
  );
  return {
    lookup(name) {
      const found = byName.get(name);
      if (found !== undefined) return found;
      for (const wildcard of wildcardsOf(name)) {
        const general = byName.get(wildcard);
        if (general !== undefined) return general;
      }
      return UNKNOWN;
    },
  };
}

/** The first table that knows a name has it; one that is not ready keeps the others from being asked. */
export function layered(...tables: readonly Names[]): Names {
  return {
    lookup(name) {
      for (const table of tables) {
        const found = table.lookup(name);
        if (found.kind !== 'unknown') return found;
      }
      return UNKNOWN;
    },
  };
}

export function byFamily(ips: readonly string[]): Addresses {
  return { A: ips.filter((ip) => ipFamily(ip) === 4), AAAA: ips.filter((ip) => ipFamily(ip) === 6) };
}

export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
