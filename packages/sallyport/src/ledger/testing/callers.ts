import assert from 'node:assert/strict';

/** What callers were told and may have kept: it must hold whatever happens to the ledger. Throws where it does not. */
export class Callers {
  readonly #given = new Map<string, { readonly addresses: readonly string[]; goneAt?: number }>();
  readonly #restMs: number;

  constructor(restMs: number) {
    this.#restMs = restMs;
  }

  /** The host is served with these addresses. */
  use(host: string, addresses: readonly string[], now: number): void {
    const before = this.#given.get(host);
    if (before !== undefined && !this.#hasRested(before, now))
      for (const address of before.addresses)
        assert.ok(addresses.includes(address), `${host} had ${before.addresses} and has ${addresses}`);
    for (const address of addresses)
      for (const [other, given] of this.#given) {
        if (other === host || !given.addresses.includes(address)) continue;
        assert.ok(this.#hasRested(given, now), `${address} of ${other} is given to ${host}`);
        this.#given.delete(other);
      }
    this.#given.set(host, { addresses });
  }

  /** Nobody wants the host any more. */
  leave(host: string, now: number): void {
    const given = this.#given.get(host);
    if (given !== undefined) given.goneAt ??= now;
  }

  #hasRested({ goneAt }: { readonly goneAt?: number }, now: number): boolean {
    return goneAt !== undefined && now - goneAt >= this.#restMs;
  }
}
