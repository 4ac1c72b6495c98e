import { type Cidr, ipFamily } from '../lib/ip.ts';
import { type AddressClaim, compareText } from '../model/index.ts';
import { addressFor } from './choose.ts';
import { type Holding, isForgotten, type LedgerStep, type LedgerView } from './ledger.ts';

export type Family = 4 | 6;
export const FAMILIES: readonly Family[] = [4, 6];

export interface Terms {
  readonly prefixes: Readonly<Record<Family, Cidr>>;
  /** How long an address that nobody wants any more belongs to its last host all the same. */
  readonly restMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Settled {
  /** What is to be made durable before any of it is used; nothing to do is no step. */
  readonly steps: readonly LedgerStep[];
  /** Hosts that got no address of a family, because its prefix is used up. */
  readonly usedUp: ReadonlyMap<string, readonly Family[]>;
  /** When the next resting address may be given out, if somebody waits for one. */
  readonly retryAt?: number;
}

/**
 * The next steps of a ledger: `gone` hosts are wanted by nobody any more, `wanted` ones by somebody. Changes nothing. A host that has an
 * address keeps it, whatever else happens; one that comes back while its address rests has it again; an address that rests belongs
 * to its host until it has rested. The order in which hosts are given means nothing.
 */
export function settle(ledger: LedgerView, claims: readonly AddressClaim[], gone: Iterable<string>, terms: Terms): Settled {
  const draft = new Draft(ledger, terms);
  for (const host of [...gone].sort(compareText)) draft.free(host);
  const wanted = [...claims].sort((a, b) => compareText(a.host, b.host));
  for (const { host } of wanted) draft.revive(host);
  // What was given elsewhere before is taken over first: callers know it already.
  for (const claim of wanted.toSorted((a, b) => a.createdAt - b.createdAt))
    for (const address of claim.imported) draft.take(claim.host, address, 'status');
  const usedUp = new Map<string, readonly Family[]>();
  for (const { host } of wanted) {
    const lacking = FAMILIES.filter((family) => !draft.complete(host, family));
    if (lacking.length > 0) usedUp.set(host, lacking);
  }
  return { steps: draft.steps(), usedUp, ...(usedUp.size > 0 && { retryAt: draft.nextRested() }) };
}

/** A ledger and the steps that are being put together. */
class Draft {
  readonly #ledger: LedgerView;
  readonly #terms: Terms;
  readonly #steps = new Map<string, LedgerStep>();
  readonly #owners = new Map<string, string>();
  /** Families of which nothing is free: of a full prefix every address would be looked at for every host. */
  readonly #full = new Set<Family>();

  constructor(ledger: LedgerView, terms: Terms) {
    this.#ledger = ledger;
    this.#terms = terms;
  }

  steps(): readonly LedgerStep[] {
    return [...this.#steps.values()];
  }

  free(host: string): void {
    const held = this.#holding(host);
    if (held !== undefined && held.freed === undefined) this.#steps.set(host, { ...held, freed: this.#terms.now });
  }

  revive(host: string): void {
    const held = this.#holding(host);
    if (held?.freed === undefined) return;
    const { freed: _, ...kept } = held;
    this.#steps.set(host, kept);
  }

  /** Whether the host has an address of the family now; gives it one if there is one. */
  complete(host: string, family: Family): boolean {
    if (this.#has(host, family)) return true;
    if (this.#full.has(family)) return false;
    const address = addressFor(host, this.#terms.prefixes[family], (one) => this.#isFree(one));
    if (address === undefined) this.#full.add(family);
    else this.take(host, address, 'ledger');
    return address !== undefined;
  }

  /** Nothing happens if the address is another's, or the host has one of this family. */
  take(host: string, address: string, from: Holding['from']): void {
    if (this.#has(host, ipFamily(address) as Family) || !this.#isFree(address)) return;
    const before = this.#owner(address);
    if (before !== undefined) this.#forget(before);
    const held = this.#holding(host) ?? { host, addresses: [], since: this.#terms.now, from };
    const addresses = [...held.addresses, address].sort((a, b) => ipFamily(a) - ipFamily(b));
    this.#steps.set(host, { ...held, addresses });
    this.#owners.set(address, host);
  }

  nextRested(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { host } of this.#ledger.holdings()) {
      const freed = this.#holding(host)?.freed;
      if (freed !== undefined) next = Math.min(next, freed + this.#terms.restMs);
    }
    for (const step of this.#steps.values())
      if (!isForgotten(step) && step.freed !== undefined) next = Math.min(next, step.freed + this.#terms.restMs);
    return next;
  }

  #has(host: string, family: Family): boolean {
    return this.#holding(host)?.addresses.some((address) => ipFamily(address) === family) ?? false;
  }

  #isFree(address: string): boolean {
    const owner = this.#owner(address);
    if (owner === undefined) return true;
    const freed = this.#holding(owner)?.freed;
    return freed !== undefined && this.#terms.now - freed >= this.#terms.restMs;
  }

  #forget(host: string): void {
    this.#steps.set(host, { host, forgotten: true });
  }

  #holding(host: string): Holding | undefined {
    const step = this.#steps.get(host);
    if (step === undefined) return this.#ledger.holding(host);
    return isForgotten(step) ? undefined : step;
  }

  #owner(address: string): string | undefined {
    const owner = this.#owners.get(address) ?? this.#ledger.ownerOf(address);
    return owner !== undefined && this.#holding(owner)?.addresses.includes(address) ? owner : undefined;
  }
}
