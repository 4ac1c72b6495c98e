import type { Visibility } from '../model/index.ts';

/** Whether something exported like this is seen in the namespace (spec/istio.md 2.2). */
export function reaches(exportTo: Visibility, namespace: string): boolean {
  return exportTo.kind === 'public' || (exportTo.kind === 'namespaces' && exportTo.names.includes(namespace));
}

/** Whether some namespace may see both. */
export function meet(a: Visibility, b: Visibility): boolean {
  if (a.kind === 'none' || b.kind === 'none') return false;
  if (a.kind === 'public' || b.kind === 'public') return true;
  return a.names.some((name) => b.names.includes(name));
}

/** Whether the names are those of one export list, in whatever order. */
export function sameVisibility(a: Visibility, b: Visibility): boolean {
  if (a.kind !== 'namespaces' || b.kind !== 'namespaces') return a.kind === b.kind;
  return a.names.length === b.names.length && a.names.every((name) => b.names.includes(name));
}
