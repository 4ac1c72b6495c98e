import type { ConfigObject } from '../../model/index.ts';
import { type Marked, took } from '../sourced.ts';

const PARENTS = 'parents.networking.mesh.gloo.solo.io';

/** Who caused a v1 object, as Gloo notes it: JSON by kind in Go's spelling, references in the order they were appended. */
export function parentsAnnotation(parents: readonly ConfigObject[]): Marked<Readonly<Record<string, string>>> {
  const [first] = parents;
  if (first === undefined) return {};
  const refs = new Map<string, { name: string; namespace: string }[]>();
  for (const { key, apiVersion } of parents) {
    const kind = `${apiVersion}, Kind=${key.kind.split('.')[0]}`;
    const { name, namespace } = key;
    refs.set(kind, [...(refs.get(kind) ?? []), { name, namespace }]);
  }
  const sorted = Object.fromEntries([...refs].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { [PARENTS]: took(first, ['metadata', 'name'], JSON.stringify(sorted)) };
}
