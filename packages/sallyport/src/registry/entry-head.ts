import type { ConfigObject, ServiceEntrySpec } from '../model/index.ts';

/**
 * A ServiceEntry without its endpoints, which change more often than all the rest of it. What reads the head is not computed
 * again for another endpoint; its type has no endpoints, so that nothing can read them by mistake.
 */
export interface EntryHead extends ConfigObject<Omit<ServiceEntrySpec, 'endpoints'>> {
  /** There are some. */
  readonly hasEndpoints?: true;
}

export function headOfEntry({ spec: { endpoints, ...spec }, ...entry }: ConfigObject<ServiceEntrySpec>): EntryHead {
  return { ...entry, spec, ...((endpoints?.length ?? 0) > 0 && { hasEndpoints: true }) };
}
