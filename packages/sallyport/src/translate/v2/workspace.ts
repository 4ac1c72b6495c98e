import type { ConfigObject, WorkspaceCluster, WorkspaceSpec } from '../../model/index.ts';

/** The name of the workspace of standalone mode. */
export const IMPLICIT_WORKSPACE = 'default';

/** A Workspace, as far as it concerns this cluster (spec/gloo.md 2.10). */
export interface Workspace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly entries: readonly WorkspaceCluster[];
  readonly createdAt: number;
}

export function workspaceOf(
  { key, labels, createdAt }: ConfigObject<WorkspaceSpec>,
  entries: readonly WorkspaceCluster[],
): Workspace {
  return { name: key.name, labels, entries, createdAt };
}

/** What holds all namespaces while there is no Workspace object. */
export const implicitWorkspace: Workspace = {
  name: IMPLICIT_WORKSPACE,
  labels: {},
  entries: [{ name: '*', namespaces: [{ name: '*' }] }],
  createdAt: 0,
};
