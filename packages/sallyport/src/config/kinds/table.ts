import type { Kind } from '../../model/index.ts';
import { kubernetesKinds } from './cluster.ts';
import { glooKinds } from './gloo.ts';
import { istioKinds } from './istio.ts';
import { type KindRow, keyKind } from './row.ts';

/** The one table of kinds: what is not in it is unknown to Sallyport. */
export const kinds: readonly KindRow[] = [...istioKinds, ...kubernetesKinds, ...glooKinds];

/** Kinds whose objects a {@link ConfigStore} gives out. */
export const actedOnKinds: readonly Kind[] = kinds.filter((row) => row.use.acted).map(keyKind);

/** Those of Gloo Mesh, of which `translate/` makes Istio objects. */
export const actedOnGlooKinds: readonly Kind[] = glooKinds.filter((row) => row.use.acted).map(keyKind);

const byName = new Map<string, KindRow>(kinds.map((row) => [`${row.group}/${row.kind}`, row]));

const acted = new Map<Kind, KindRow>(kinds.filter((row) => row.use.acted).map((row) => [keyKind(row), row]));

export function isGloo({ group }: KindRow): boolean {
  return group.endsWith('gloo.solo.io');
}

export function findKind(group: string, kind: Kind): KindRow | undefined {
  return byName.get(`${group}/${kind}`);
}

/** The row of objects whose keys have this kind, if they are acted on. */
export function rowOf(kind: Kind): KindRow | undefined {
  return acted.get(kind);
}

/** Rows of any group with this kind. */
export function namesakes(kind: Kind): readonly KindRow[] {
  return kinds.filter((row) => row.kind === kind);
}
