import type { Graph } from '../collection/index.ts';
import { buildClusters } from './clusters-stage.ts';
import { buildGateways, type GatewayInputs } from './gateways-stage.ts';
import { buildInbound } from './inbound-stage.ts';
import { buildListeners } from './listeners-stage.ts';
import { buildNames } from './names-stage.ts';
import { routeConfiguration } from './routes/assemble.ts';
import { buildRoutes } from './routes-stage.ts';
import { buildSecrets, type SecretInputs } from './secrets-stage.ts';
import type { EnvoyOutputs, ResourceTable } from './types.ts';

export { answersTo, nameTableOf } from './names/at-once.ts';
export { refusedAddresses } from './resolved-names.ts';
export type { EnvoyInputs, EnvoyOutputs, ResolvedSet, ResourceTable } from './types.ts';

/** Model rows to Envoy resources: clusters and endpoints, listeners, routes; and name tables for agents. */
export function buildEnvoy(graph: Graph, inputs: GatewayInputs & SecretInputs): EnvoyOutputs {
  const clusters = buildClusters(graph, inputs);
  const listeners = buildListeners(graph, inputs);
  const inbound = buildInbound(graph, inputs);
  const routes = buildRoutes(graph, inputs);
  const gateways = buildGateways(graph, inputs, clusters.sniDnat);
  const secrets = buildSecrets(graph, inputs);
  return {
    tables: [
      joined(graph, clusters.clusters, inbound.clusters),
      clusters.endpoints,
      joined(graph, listeners.listeners, inbound.listeners, gateways.listeners),
      { ...joined(graph, routes.routes, gateways.routes), placeholder: (name) => routeConfiguration(name, []) },
      secrets.secrets,
      ...buildNames(graph, inputs),
    ],
    issues: [...clusters.issues, ...listeners.issues, ...inbound.issues, ...routes.issues, ...gateways.issues, ...secrets.issues],
    questions: clusters.questions,
    resolved: clusters.resolved,
  };
}

/** Resources of one type that several stages make, under names of their own. */
function joined(graph: Graph, first: ResourceTable, ...others: readonly ResourceTable[]): ResourceTable {
  const { type } = first;
  const all = [first, ...others];
  return {
    ...first,
    links: graph.union(`${type} links of all stages`, ...all.map(({ links }) => links)),
    resources: graph.union(`${type}s of all stages`, ...all.map(({ resources }) => resources)),
  };
}
