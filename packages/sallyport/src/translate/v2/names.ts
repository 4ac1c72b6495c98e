import { createHash } from 'node:crypto';
import type { ConfigObject } from '../../model/index.ts';

const MOST = 63;
const KEPT = 31;

/**
 * A Kubernetes name of any text, as Gloo's `SanitizeNameV2` makes it: signs become dashes; above 63 characters the first 31, a dash and
 * 31 hexadecimal digits of MD5 over the whole (spec/gloo.md 2.4, U11).
 */
export function sanitizedName(...parts: readonly string[]): string {
  const name = parts
    .join('-')
    .replaceAll(/[[\]\n"']/g, '')
    .replaceAll(/[*/.:_ ]/g, '-');
  if (name.length <= MOST) return name.toLowerCase();
  const hash = createHash('md5').update(name).digest('hex');
  return `${name.slice(0, KEPT)}-${hash}`.slice(0, MOST).toLowerCase();
}

/** Where a translated object lives, and for whom. */
export interface Place {
  readonly cluster: string;
  readonly namespace: string;
  readonly workspace: string;
}

/** The labels that Gloo writes on everything it makes of a v2 object (spec/gloo.md 2.4). */
export function publishedLabels(
  parent: ConfigObject,
  { cluster, namespace, workspace }: Place,
): Readonly<Record<string, string>> {
  const slash = parent.apiVersion.lastIndexOf('/');
  return {
    'agent.gloo.solo.io': 'gloo-mesh',
    'cluster.multicluster.solo.io': '',
    'context.mesh.gloo.solo.io/cluster': cluster,
    'context.mesh.gloo.solo.io/namespace': namespace,
    'context.mesh.gloo.solo.io/workspace': workspace,
    'gloo.solo.io/parent_cluster': cluster,
    'gloo.solo.io/parent_group': parent.apiVersion.slice(0, Math.max(0, slash)),
    'gloo.solo.io/parent_kind': parent.key.kind,
    'gloo.solo.io/parent_name': parent.key.name,
    'gloo.solo.io/parent_namespace': parent.key.namespace,
    'gloo.solo.io/parent_version': parent.apiVersion.slice(slash + 1),
    'owner.gloo.solo.io/name': 'gloo-mesh',
    'reconciler.mesh.gloo.solo.io/name': 'translator',
    'relay.solo.io/cluster': cluster,
  };
}
