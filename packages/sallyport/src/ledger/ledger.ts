/** What one host has. */
export interface Holding {
  readonly host: string;
  /** Canonical; at most one of each family, IPv4 first. */
  readonly addresses: readonly string[];
  /** When the host got the first of them, milliseconds since the epoch. */
  readonly since: number;
  readonly from: 'ledger' | 'status';
  /** Since when nobody wants the host; absent while somebody does. The addresses rest. */
  readonly freed?: number;
}

/** One step of the ledger: what a host has from now on, or that it has nothing any more and its addresses are free. */
export type LedgerStep = Holding | { readonly host: string; readonly forgotten: true };

/** Which host has which addresses: the steps so far, folded. An address has one owner, and a host one holding. */
export interface LedgerView {
  readonly size: number;
  holding(host: string): Holding | undefined;
  /** The host that an address belongs to, also while it rests. */
  ownerOf(address: string): string | undefined;
  holdings(): Iterable<Holding>;
}

export class Ledger implements LedgerView {
  readonly #holdings = new Map<string, Holding>();
  readonly #owners = new Map<string, string>();

  get size(): number {
    return this.#holdings.size;
  }

  holding(host: string): Holding | undefined {
    return this.#holdings.get(host);
  }

  ownerOf(address: string): string | undefined {
    return this.#owners.get(address);
  }

  holdings(): Iterable<Holding> {
    return this.#holdings.values();
  }

  /** Takes steps that belong together. Throws, with nothing taken, if an address would have two owners: such steps are none of ours. */
  take(steps: readonly LedgerStep[]): void {
    const owners = new Map<string, string | undefined>();
    for (const { host } of steps) for (const address of this.#holdings.get(host)?.addresses ?? []) owners.set(address, undefined);
    for (const step of steps) {
      if (isForgotten(step)) continue;
      for (const address of step.addresses) {
        const owner = owners.has(address) ? owners.get(address) : this.#owners.get(address);
        if (owner !== undefined && owner !== step.host) throw new Error(`${address} of ${step.host} belongs to ${owner}`);
        owners.set(address, step.host);
      }
    }
    for (const step of steps) {
      if (isForgotten(step)) this.#holdings.delete(step.host);
      else this.#holdings.set(step.host, step);
    }
    for (const [address, host] of owners) {
      if (host === undefined) this.#owners.delete(address);
      else this.#owners.set(address, host);
    }
  }
}

export function isForgotten(step: LedgerStep): step is Extract<LedgerStep, { readonly forgotten: true }> {
  return 'forgotten' in step;
}
