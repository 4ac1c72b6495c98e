import type { Diff } from '../collection/index.ts';
import { FAMILIES, type LedgerStore, type Settled, settle, type Terms } from '../ledger/index.ts';
import { parseDuration } from '../lib/duration.ts';
import { parseCidr } from '../lib/ip.ts';
import { type AddressClaim, type GrantedAddresses, MESH } from '../model/index.ts';
import type { Pipeline } from './index.ts';

export interface AddressKeeper {
  /** Somebody waits: for an address that rests, or for a disk that could not be written. Any commit tries again. */
  readonly isWaiting: boolean;
  /** Frees what nobody wants. To be called once all objects have been read: before that, an object that is not there yet would seem gone. */
  reconcile(): void;
}

export interface KeeperOptions {
  readonly store: LedgerStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

type Grant = (host: string, row: GrantedAddresses | undefined) => void;

/** Lets the ledger answer the hosts that want virtual addresses, in the commits that make them want. What is answered is durable. */
export function keepAddresses(pipeline: Pipeline, options: KeeperOptions): AddressKeeper {
  const { graph, registry } = pipeline;
  const keeper = new Keeper(pipeline, options);
  registry.grantedAddresses.by((changes, grant) => keeper.answer(changes, grant));
  return {
    get isWaiting() {
      return keeper.isWaiting;
    },
    reconcile() {
      keeper.freeAllBut(registry.addressClaims);
      graph.commit(() => {});
    },
  };
}

class Keeper {
  readonly #registry: Pipeline['registry'];
  readonly #store: LedgerStore;
  readonly #now: () => number;
  /** Hosts whose claim is new or not fully answered, and hosts that nobody wants any more. */
  readonly #wanted = new Map<string, AddressClaim>();
  readonly #gone = new Set<string>();
  /** When there is no use in trying before, and under which terms that was so. */
  #notBefore: { readonly at: number; readonly terms: string } | undefined;

  constructor({ registry }: Pipeline, { store, now }: KeeperOptions) {
    this.#registry = registry;
    this.#store = store;
    this.#now = now;
  }

  get isWaiting(): boolean {
    return this.#wanted.size > 0 || this.#gone.size > 0;
  }

  freeAllBut(claims: { get(host: string): AddressClaim | undefined }): void {
    for (const { host, freed } of this.#store.ledger.holdings())
      if (freed === undefined && claims.get(host) === undefined) this.#gone.add(host);
  }

  answer(changes: Diff<AddressClaim>, grant: Grant): void {
    for (const [host, { after }] of changes) {
      this.#wanted.delete(host);
      this.#gone.delete(host);
      if (after !== undefined) this.#wanted.set(host, after);
      else {
        this.#gone.add(host);
        grant(host, undefined);
      }
    }
    if (changes.size === 0 && !this.#isDue()) return;
    const terms = this.#terms();
    if (terms === undefined) return;
    const settled = settle(this.#store.ledger, [...this.#wanted.values()], this.#gone, terms);
    try {
      this.#store.write(settled.steps);
    } catch (error) {
      this.#notBefore = undefined;
      const why = `the ledger cannot be written (${(error as Error).message})`;
      for (const host of this.#wanted.keys())
        grant(host, this.#held(host, { why, hint: 'mend the disk or its rights: it is tried again' }));
      return;
    }
    this.#gone.clear();
    for (const host of [...this.#wanted.keys()]) {
      const lacking = lackingOf(host, settled, this.#addressTerms()!);
      grant(host, this.#held(host, lacking));
      if (lacking === undefined) this.#wanted.delete(host);
    }
    this.#notBefore =
      settled.retryAt === undefined ? undefined : { at: settled.retryAt, terms: JSON.stringify(this.#addressTerms()) };
  }

  /** Nothing has changed since the last time, but time itself, or the terms. */
  #isDue(): boolean {
    if (!this.isWaiting) return false;
    const { at, terms } = this.#notBefore ?? { at: 0, terms: undefined };
    return this.#now() >= at || terms !== JSON.stringify(this.#addressTerms());
  }

  #held(host: string, lacking: GrantedAddresses['lacking']): GrantedAddresses {
    const held = this.#store.ledger.holding(host);
    const { addresses = [] } = held ?? {};
    return { addresses, ...(held !== undefined && { since: held.since, from: held.from }), ...(lacking && { lacking }) };
  }

  #addressTerms() {
    return this.#registry.mesh.get(MESH)?.sallyport.virtualAddresses;
  }

  #terms(): Terms | undefined {
    const { ipv4 = '', ipv6 = '', rest = '' } = this.#addressTerms() ?? {};
    const [four, six] = [parseCidr(ipv4), parseCidr(ipv6)];
    if (four === undefined || six === undefined) return undefined;
    return { prefixes: { 4: four, 6: six }, restMs: (parseDuration(rest) ?? 0) / 1e6, now: this.#now() };
  }
}

function lackingOf(
  host: string,
  { usedUp }: Settled,
  { ipv4, ipv6 }: { readonly ipv4: string; readonly ipv6: string },
): GrantedAddresses['lacking'] {
  const families = usedUp.get(host);
  if (families === undefined) return undefined;
  const prefixes = FAMILIES.filter((family) => families.includes(family)).map((family) => (family === 4 ? ipv4 : ipv6));
  return {
    why: `${prefixes.join(' and ')} ${prefixes.length === 1 ? 'is' : 'are'} used up`,
    hint: 'free some, which rest before they are given out again, or write a larger prefix under sallyport.virtualAddresses in the mesh configuration',
  };
}
