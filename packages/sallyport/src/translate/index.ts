import type { Graph } from '../collection/index.ts';
import { buildStanding } from './standing-tables.ts';
import type { TranslateInputs, TranslateOutputs } from './types.ts';
import { buildV1 } from './v1/index.ts';
import { buildGateways } from './v2/gateways/gateway-tables.ts';
import { buildRoutes } from './v2/routes-tables.ts';
import { buildServices } from './v2/services-tables.ts';
import { buildWorkspaces } from './v2/workspace-tables.ts';

export { ISTIO_KINDS, type IstioKind, type TranslateInputs, type TranslateOutputs, type TranslateSettings } from './types.ts';
export type { RoutePlan as AcceptedRoutes } from './v2/routes/plan.ts';

/**
 * From Gloo objects of both generations to the Istio objects that they stand for (spec/gloo.md). Each kind has one file of pure functions
 * from objects to a `Translation`; the `*-tables.ts` files join them to the graph. Whatever is made passes `buildStanding`, and
 * from there on lives as if it had been written by hand.
 */
export function buildTranslate(graph: Graph, inputs: TranslateInputs): TranslateOutputs {
  const workspaces = buildWorkspaces(graph, inputs);
  const v1 = buildV1(graph, inputs);
  const gateways = buildGateways(graph, inputs, workspaces);
  const services = buildServices(graph, inputs, workspaces, gateways);
  const routes = buildRoutes(graph, inputs, { workspaces, gateways, services });
  const translations = graph.union(
    'translate.translations',
    ...v1,
    ...workspaces.findings,
    ...services.translations,
    ...routes.translations,
  );
  return { ...buildStanding(graph, inputs, translations), acceptedRoutes: routes.accepted };
}
