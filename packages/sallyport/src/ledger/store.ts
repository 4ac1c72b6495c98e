import { Ledger, type LedgerStep, type LedgerView } from './ledger.ts';

/**
 * Where a ledger is kept. A store that cannot say at once whether something is durable must not take it: the host waits for its
 * address until the answer is there, and then the address comes the way all others come that were given elsewhere, by `status.addresses`.
 */
export interface LedgerStore {
  readonly ledger: LedgerView;
  /** Returns when the steps are durable and part of `ledger`; throws, with none of them taken, when they are not known to be. */
  write(steps: readonly LedgerStep[]): void;
}

/** A ledger that lasts as long as the process, for commands that only look. It begins with what `view` holds. */
export function memoryStore(view?: LedgerView): LedgerStore {
  const ledger = new Ledger();
  if (view !== undefined) ledger.take([...view.holdings()]);
  return { ledger, write: (steps) => ledger.take(steps) };
}
