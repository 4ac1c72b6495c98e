import { MAX_EXPANDED_VALUES } from './limits.ts';

/** Whether a value stays bounded when every alias in it is written out; a document that contains itself does not. */
export function staysBounded(value: unknown): boolean {
  let left = MAX_EXPANDED_VALUES;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (--left < 0) return false;
    if (typeof next !== 'object' || next === null) continue;
    for (const item of Object.values(next)) pending.push(item);
  }
  return true;
}
