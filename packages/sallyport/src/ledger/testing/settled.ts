import { settle, type Terms } from '../settle.ts';
import type { LedgerStore } from '../store.ts';

/** Makes a store hold what these hosts want, as `pipeline/addresses.ts` does; gives their addresses. What the status claims is by host. */
export function settled(
  store: LedgerStore,
  claimed: ReadonlyMap<string, readonly string[]>,
  terms: Terms,
): ReadonlyMap<string, readonly string[]> {
  const gone = [...store.ledger.holdings()]
    .filter(({ host, freed }) => freed === undefined && !claimed.has(host))
    .map(({ host }) => host);
  const claims = [...claimed].map(([host, imported], createdAt) => ({ host, imported, createdAt }));
  store.write(settle(store.ledger, claims, gone, terms).steps);
  return new Map([...claimed.keys()].map((host) => [host, store.ledger.holding(host)?.addresses ?? []]));
}
