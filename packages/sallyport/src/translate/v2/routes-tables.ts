import type { Collection, Graph } from '../../collection/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import type { Services } from './services-tables.ts';
import type { Workspaces } from './workspace-tables.ts';

/** RouteTable, VirtualGateway, egress through gateways, what policies do to routes (spec/gloo.md 2.6, 2.7, 2.9). */
export function buildRoutes(
  _graph: Graph,
  _inputs: TranslateInputs,
  _workspaces: Workspaces,
  _services: Services,
): readonly Collection<Translation>[] {
  return [];
}
