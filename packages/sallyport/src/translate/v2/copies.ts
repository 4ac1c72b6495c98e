import type { Read } from '../../collection/index.ts';
import type { TranslateInputs } from '../types.ts';
import type { Destination } from './destination.ts';
import type { Copy } from './service-entry.ts';
import type { Workspaces } from './workspace-tables.ts';

/** Where the objects of a destination are written: into each namespace of the workspace that sees it, or once while there is no Workspace. */
export type CopiesOf = (read: Read, destination: Destination) => readonly Copy[];

export function copiesIn(inputs: TranslateInputs, workspaces: Workspaces): CopiesOf {
  return (read, { viewer, object, at }) => {
    const cluster = read.get(inputs.settings, 'settings')?.cluster ?? '';
    const copies = workspaces.explicit(read);
    const namespaces = copies ? workspaces.namespacesOf(read, viewer) : [at ?? object.key.namespace];
    return namespaces.map((namespace) => ({ cluster, namespace, workspace: viewer, copies }));
  };
}
