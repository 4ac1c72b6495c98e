import type { Graph } from '../../collection/index.ts';
import type { TranslateInputs } from '../types.ts';
import { buildAccess } from './gateways/access-tables.ts';
import { buildEgress } from './gateways/egress-tables.ts';
import type { Gateways } from './gateways/gateway-tables.ts';
import { buildRouteTables, type RouteTables } from './routes/route-tables.ts';
import type { Services } from './services-tables.ts';
import type { Workspaces } from './workspace-tables.ts';

export interface AroundRoutes {
  readonly workspaces: Workspaces;
  readonly gateways: Gateways;
  readonly services: Services;
}

/** RouteTable, VirtualGateway, egress through gateways, what policies do to routes (spec/gloo.md 2.6, 2.7, 2.9). */
export function buildRoutes(
  graph: Graph,
  inputs: TranslateInputs,
  around: AroundRoutes,
): Pick<RouteTables, 'accepted' | 'translations'> {
  const { plans, accepted, translations } = buildRouteTables(graph, inputs, around);
  const egress = buildEgress(graph, inputs, { ...around, plans });
  const access = buildAccess(graph, inputs, around);
  return { accepted, translations: [...around.gateways.translations, ...translations, ...egress, ...access] };
}
