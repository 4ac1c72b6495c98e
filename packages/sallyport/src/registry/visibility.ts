import type { Visibility } from '../model/index.ts';

const PUBLIC: Visibility = { kind: 'public' };
const NOBODY: Visibility = { kind: 'none' };

/**
 * What an `exportTo` list means for an object of this namespace; an empty or absent list takes the mesh's default, and
 * an empty default is public. `*` makes everything else moot, then `~` does, and `.` is the own namespace (spec/istio.md 2.2).
 */
export function exportedTo(
  exportTo: readonly string[] | undefined,
  namespace: string,
  meshDefault: readonly string[],
): Visibility {
  const list = exportTo !== undefined && exportTo.length > 0 ? exportTo : meshDefault;
  if (list.length === 0 || list.includes('*')) return PUBLIC;
  if (list.includes('~')) return NOBODY;
  const names = new Set(list.map((entry) => (entry === '.' ? namespace : entry)));
  return { kind: 'namespaces', names: [...names].sort() };
}

/** Whether objects of this namespace may see it. */
export function isVisibleIn(visibility: Visibility, namespace: string): boolean {
  return visibility.kind === 'public' || (visibility.kind === 'namespaces' && visibility.names.includes(namespace));
}

/** Whether `outer` names every namespace that `inner` names, as texts: `*` is a name of its own here (spec/istio.md 2.5). */
export function namesAll(outer: Visibility, inner: Visibility): boolean {
  const names = new Set(namesOf(outer));
  return namesOf(inner).every((name) => names.has(name));
}

export function sameVisibility(a: Visibility, b: Visibility): boolean {
  return namesAll(a, b) && namesAll(b, a);
}

function namesOf(visibility: Visibility): readonly string[] {
  if (visibility.kind === 'namespaces') return visibility.names;
  return visibility.kind === 'public' ? ['*'] : ['~'];
}

/** For people: `every namespace`, `no namespace`, `namespaces a, b`. */
export function visibilityText(visibility: Visibility): string {
  if (visibility.kind === 'public') return 'every namespace';
  if (visibility.kind === 'none') return 'no namespace';
  return visibility.names.length === 1 ? `namespace ${visibility.names[0]}` : `namespaces ${visibility.names.join(', ')}`;
}
