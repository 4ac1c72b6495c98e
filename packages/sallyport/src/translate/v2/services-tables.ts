import type { Collection, Graph } from '../../collection/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import type { Workspaces } from './workspace-tables.ts';

/** ExternalService and ExternalEndpoint, what policies do to destinations, VirtualDestination (spec/gloo.md 2.2–2.5, 2.8, 2.9). */
export function buildServices(
  _graph: Graph,
  _inputs: TranslateInputs,
  _workspaces: Workspaces,
): readonly Collection<Translation>[] {
  return [];
}
