import type { Graph } from '../collection/index.ts';
import { buildClusters } from './clusters-stage.ts';
import { buildListeners } from './listeners-stage.ts';
import { buildRoutes } from './routes-stage.ts';
import type { EnvoyInputs, EnvoyOutputs } from './types.ts';

export type { EnvoyInputs, EnvoyOutputs, ResourceTable } from './types.ts';

/** Model rows to Envoy resources: clusters and endpoints, listeners, routes. */
export function buildEnvoy(graph: Graph, inputs: EnvoyInputs): EnvoyOutputs {
  const clusters = buildClusters(graph, inputs);
  const listeners = buildListeners(graph, inputs);
  const routes = buildRoutes(graph, inputs);
  return {
    tables: [clusters.clusters, clusters.endpoints, listeners.listeners, routes.routes],
    issues: [...clusters.issues, ...listeners.issues, ...routes.issues],
  };
}
