import type { Graph, Read } from '../../collection/index.ts';
import type { ConfigObject } from '../../model/index.ts';
import type { TranslateInputs } from '../types.ts';

/** Which namespaces see what (spec/gloo.md 2.10). Every question is asked through `read`, so that answers stay up to date. */
export interface Workspaces {
  /** Absent while no Workspace object exists: one implicit workspace holds all namespaces, and nothing is copied. */
  explicit(read: Read): boolean;
  /** The workspace that a namespace belongs to; absent where Gloo objects are not read. */
  ofNamespace(read: Read, namespace: string): string | undefined;
  /** Namespaces of a workspace in the cluster, sorted. */
  namespacesOf(read: Read, workspace: string): readonly string[];
  /** Workspaces that own the object or have imported it, the owner first, then sorted. */
  viewersOf(read: Read, object: ConfigObject): readonly string[];
}

/** The name of the workspace of standalone mode. */
export const IMPLICIT_WORKSPACE = 'default';

export function buildWorkspaces(_graph: Graph, _inputs: TranslateInputs): Workspaces {
  return {
    explicit: () => false,
    ofNamespace: () => IMPLICIT_WORKSPACE,
    namespacesOf: () => [],
    viewersOf: () => [IMPLICIT_WORKSPACE],
  };
}
