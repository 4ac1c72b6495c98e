import type { Graph } from '../collection/index.ts';
import { buildClasses } from './class-tables.ts';
import { buildHosts } from './host-tables.ts';
import { buildImporters } from './importer-tables.ts';
import { buildIssues } from './issue-tables.ts';
import { buildImported, buildRoutingHeads } from './routing-tables.ts';
import type { ScopeInputs, ScopeOutputs } from './types.ts';

export { proxyOfNode } from './proxy.ts';
export { proxyOfJson } from './proxy-json.ts';
export type * from './types.ts';

/**
 * Relates proxy classes to services, rules and VirtualServices (spec/istio.md 2.1 to 2.6), as rows:
 *
 *     proxies → classes → importers ─┐ (all classes of one namespace and Sidecar)
 *     services, rules → hosts ───────┼→ audience → views → visible and scoped rows of classes
 *     VirtualServices → heads ───────┴→ routing imports → imported rows of classes
 *
 * A new service recomputes its host and the views of those who import it; an endpoint recomputes nothing. A new class of a
 * known importer recomputes the rows of that importer, a new importer those who import from the same places.
 */
export function buildScope(graph: Graph, inputs: ScopeInputs): ScopeOutputs {
  const { classOf, classes } = buildClasses(graph, inputs);
  const importers = buildImporters(graph, inputs, classes);
  const routingHeads = buildRoutingHeads(graph, inputs);
  const hosts = buildHosts(graph, inputs, classes, routingHeads, importers);
  const imported = buildImported(graph, routingHeads, importers);
  const issues = buildIssues(graph, inputs, routingHeads, importers, hosts);
  return { classOf, classes, scopes: importers.scopes, visible: hosts.visible, scoped: hosts.scoped, imported, issues };
}
