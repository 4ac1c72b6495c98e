import type { Read } from '../../collection/index.ts';
import type { TranslateInputs } from '../types.ts';
import type { Destination } from './destination.ts';
import type { Copy } from './service-entry.ts';
import type { Workspaces } from './workspace-tables.ts';

/** Where the objects of a destination are written: into each namespace of the workspace that sees it, or once while there is no Workspace. */
export type CopiesOf = (read: Read, destination: Destination) => readonly Copy[];

export function copiesIn(inputs: TranslateInputs, workspaces: Workspaces): CopiesOf {
  const everywhere = callersIn(inputs, workspaces);
  return (read, destination) => {
    if (workspaces.explicit(read)) return everywhere(read, destination);
    const cluster = read.get(inputs.settings, 'settings')?.cluster ?? '';
    const namespace = destination.at ?? destination.object.key.namespace;
    return [{ cluster, namespace, workspace: destination.viewer, copies: false }];
  };
}

/** Every namespace of the workspace that sees a destination, also while there is no Workspace. */
export function callersIn(inputs: TranslateInputs, workspaces: Workspaces): CopiesOf {
  return (read, { viewer }) => {
    const cluster = read.get(inputs.settings, 'settings')?.cluster ?? '';
    const copies = workspaces.explicit(read);
    return workspaces.namespacesOf(read, viewer).map((namespace) => ({ cluster, namespace, workspace: viewer, copies }));
  };
}
