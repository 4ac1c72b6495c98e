import type { ConfigObject, ServiceEntrySpec } from '../model/index.ts';

/**
 * A ServiceEntry without its endpoints, which change more often than all the rest of it. What reads the head is not computed
 * again for another endpoint; its type has no endpoints, so that nothing can read them by mistake.
 */
export type EntryHead = ConfigObject<Omit<ServiceEntrySpec, 'endpoints'>>;

export function headOfEntry({ spec: { endpoints: _, ...spec }, ...entry }: ConfigObject<ServiceEntrySpec>): EntryHead {
  return { ...entry, spec };
}
