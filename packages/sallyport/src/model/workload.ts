import type { ObjectKey } from './object.ts';

/** A Pod or WorkloadEntry, as far as it says which services the proxy beside it serves. Row key: its object id. */
export interface PlacedWorkload {
  readonly key: ObjectKey;
  readonly namespace: string;
  /** What selectors match, topology labels included. */
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Port numbers by port name. */
  readonly ports: Readonly<Record<string, number>>;
}
