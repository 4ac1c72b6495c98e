export type { Holding, LedgerStep, LedgerView } from './ledger.ts';
export { lookAtLedger, type OpenLedger, openLedger } from './open.ts';
export { FAMILIES, type Settled, settle, type Terms } from './settle.ts';
export { type LedgerStore, memoryStore } from './store.ts';
