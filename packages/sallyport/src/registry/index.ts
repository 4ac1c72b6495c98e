import type { Graph } from '../collection/index.ts';
import { buildFindings } from './finding-tables.ts';
import { buildMesh } from './mesh-tables.ts';
import { buildRoutings, buildRules } from './policy-tables.ts';
import { buildPools } from './pool-tables.ts';
import { buildServices } from './service-tables.ts';
import type { RegistryInputs, RegistryOutputs } from './types.ts';

export type { RegistryInputs, RegistryOutputs, RegistrySettings } from './types.ts';

/**
 * From typed objects to services, endpoint pools, merged rules and routings (spec/istio.md 1.4, 2.5, 2.6, 12). Nothing is
 * there before `inputs.settings` has its row `settings`.
 */
export function buildRegistry(graph: Graph, inputs: RegistryInputs): RegistryOutputs {
  const { mesh, meshIssues, withDefaults } = buildMesh(graph, inputs);
  const services = buildServices(graph, inputs, withDefaults);
  const { pools, ...places } = buildPools(graph, inputs, services, withDefaults);
  const { rules, ...ruleTables } = buildRules(graph, inputs, withDefaults);
  const { routings, expanded } = buildRoutings(graph, inputs, withDefaults);
  const findings = buildFindings(graph, { inputs, services, rules, expanded, ...places, ...ruleTables });
  return { mesh, services, pools, rules, routings, issues: [meshIssues, ...findings] };
}
