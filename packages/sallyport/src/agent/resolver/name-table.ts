import { compareText } from '../../model/index.ts';
import { byFamily, canonicalName, type Found, type Names, UNKNOWN } from './names.ts';
import { type Asker, type NamedHost, shortForms } from './short-forms.ts';

/** A line of the name table (spec/istio.md 3.3), under its host. */
export interface NameRow extends NamedHost {
  readonly ips: readonly string[];
}

/** One line, and what may be asked for it. */
interface Held {
  readonly host: string;
  readonly row: NameRow;
  readonly known: Extract<Found, { kind: 'known' }>;
  /** Its own name first, then short forms. */
  readonly names: readonly string[];
}

/**
 * The names of a control plane, kept by row (spec/istio.md 3.4): taking one in costs what its names cost. Answers as if it had been made from all rows at
 * once: a host's own name is never taken by a short form of another; of equal claims the first host by text has it, which Istio leaves
 * to chance.
 */
export class NameTable implements Names {
  readonly #asker: Asker;
  /** First search domain of the clients, with a dot before it; others are not answered for, as in Istio. */
  readonly #search: string | undefined;
  readonly #hosts = new Map<string, Held>();
  /** Who claims a name, without its final dot: mostly one, and then no list. */
  readonly #claims = new Map<string, Held | readonly Held[]>();
  /** False until it is known to be whole; nothing is said before, since what is missing would be asked for elsewhere. */
  ready = false;

  constructor(asker: Asker, search?: string) {
    this.#asker = asker;
    this.#search = search === undefined || search === '' ? undefined : `.${search.toLowerCase()}`;
  }

  get size(): number {
    return this.#hosts.size;
  }

  *rows(): Generator<readonly [string, NameRow]> {
    for (const [host, { row }] of this.#hosts) yield [host, row];
  }

  put(host: string, row: NameRow): void {
    const before = this.#hosts.get(host);
    const names = [...new Set([host, ...shortForms(host, row, this.#asker)].map(canonicalName))];
    const held: Held = { host, row, known: { kind: 'known', addresses: byFamily(row.ips) }, names };
    if (before !== undefined) this.#withdraw(before);
    this.#hosts.set(host, held);
    for (const name of names) this.#claim(name, held);
  }

  delete(host: string): void {
    const held = this.#hosts.get(host);
    if (held === undefined) return;
    this.#hosts.delete(host);
    this.#withdraw(held);
  }

  /** Every name that is answered for with its final dot, and the host that it means. */
  *names(): Generator<readonly [string, string]> {
    for (const name of this.#claims.keys()) yield [`${name}.`, this.#holder(name)!.host];
  }

  lookup(name: string): Found {
    if (!this.ready) return NOT_READY;
    const exact = this.#exact(name);
    if (exact !== undefined) return exact;
    // Clients try their search domains first: they are led to the name that they mean.
    const search = this.#search;
    const isSearched = search !== undefined && name.endsWith(search);
    if (isSearched) {
      const alias = this.#aliased(name.slice(0, -search.length), search);
      if (alias !== undefined) return alias;
    }
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      const wildcard = `*${name.slice(dot)}`;
      const general = this.#exact(wildcard);
      if (general !== undefined) return general;
      if (!isSearched || dot >= name.length - search.length) continue;
      const alias = this.#aliased(wildcard.slice(0, -search.length), search);
      if (alias !== undefined) return alias;
    }
    return UNKNOWN;
  }

  /** A name that ends in the search domain already is not searched for behind it once more. */
  #aliased(name: string, search: string): Found | undefined {
    if (name.endsWith(search)) return undefined;
    const meant = this.#exact(name);
    return meant && { kind: 'known', addresses: meant.addresses, alias: name };
  }

  #exact(name: string): Held['known'] | undefined {
    return this.#holder(name)?.known;
  }

  #holder(name: string): Held | undefined {
    const claims = this.#claims.get(name);
    return claims === undefined || 'host' in claims ? claims : claims[0];
  }

  #claim(name: string, held: Held): void {
    const claims = this.#claims.get(name);
    if (claims === undefined) this.#claims.set(name, held);
    else {
      const all = 'host' in claims ? [claims, held] : [...claims, held];
      const rank = (one: Held): number => (one.names[0] === name ? 0 : 1);
      this.#claims.set(
        name,
        all.sort((a, b) => rank(a) - rank(b) || compareText(a.host, b.host)),
      );
    }
  }

  #withdraw(held: Held): void {
    for (const name of held.names) {
      const claims = this.#claims.get(name);
      if (claims === held) this.#claims.delete(name);
      else if (claims !== undefined && !('host' in claims)) {
        const left = claims.filter((one) => one !== held);
        this.#claims.set(name, left.length === 1 ? left[0]! : left);
      }
    }
  }
}

const NOT_READY: Found = { kind: 'not-ready' };
