import type { Kind } from '../../model/index.ts';
import { kubernetesKinds } from './cluster.ts';
import { glooKinds } from './gloo.ts';
import { istioKinds } from './istio.ts';
import type { KindRow } from './row.ts';

/** The one table of kinds: what is not in it is unknown to Sallyport. */
export const kinds: readonly KindRow[] = [...istioKinds, ...kubernetesKinds, ...glooKinds];

/** Kinds whose objects a {@link ConfigStore} gives out. */
export const actedOnKinds: readonly Kind[] = kinds.filter((row) => row.use.acted).map((row) => row.kind);

const byName = new Map<string, KindRow>(kinds.map((row) => [`${row.group}/${row.kind}`, row]));

export function findKind(group: string, kind: Kind): KindRow | undefined {
  return byName.get(`${group}/${kind}`);
}

/** Rows of any group with this kind. */
export function namesakes(kind: Kind): readonly KindRow[] {
  return kinds.filter((row) => row.kind === kind);
}
