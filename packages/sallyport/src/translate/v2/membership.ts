import { selects } from '../../lib/host.ts';
import type { WorkspaceCluster, WorkspaceSpec } from '../../model/index.ts';

/** Whether a name is meant by a pattern in which `*` stands for any text. No pattern means every name. */
export function matchesName(pattern: string | undefined, name: string): boolean {
  if (pattern === undefined || pattern === '' || pattern === '*') return true;
  if (!pattern.includes('*')) return pattern === name;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(name);
}

export interface ClusterIdentity {
  readonly name: string;
  /** Labels of the KubernetesCluster of that name, if there is one. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The entries of a Workspace that are for this cluster (spec/gloo.md 2.10). */
export function entriesFor({ workloadClusters = [] }: WorkspaceSpec, cluster: ClusterIdentity): readonly WorkspaceCluster[] {
  return workloadClusters.filter(
    ({ name, selector = {} }) => matchesName(name, cluster.name) && selects(selector, cluster.labels),
  );
}

export interface Membership {
  /** Whether Gloo objects in the namespace are read. */
  readonly configured: boolean;
}

/** Whether a namespace belongs to a workspace with these entries; name and labels of one item must both match. */
export function membershipOf(
  entries: readonly WorkspaceCluster[],
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Membership | undefined {
  const configured = entries.flatMap(({ namespaces = [], configEnabled = true }) =>
    namespaces
      .filter((item) => (item.name ?? '') !== '' || Object.keys(item.labels ?? {}).length > 0)
      .filter((item) => matchesName(item.name, namespace) && selects(item.labels ?? {}, labels))
      .map((item) => configEnabled && (item.configEnabled ?? true)),
  );
  return configured.length === 0 ? undefined : { configured: configured.includes(true) };
}

/** Namespaces that a Workspace names without a wildcard: they count as existing. */
export function namedNamespaces(entries: readonly WorkspaceCluster[]): readonly string[] {
  return entries.flatMap(({ namespaces = [] }) =>
    namespaces.flatMap(({ name = '', labels = {} }) =>
      name === '' || name.includes('*') || Object.keys(labels).length > 0 ? [] : [name],
    ),
  );
}
