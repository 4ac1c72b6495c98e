import type { Graph } from '../collection/index.ts';
import { buildAuthorized } from './authorization-tables.ts';
import { buildClasses } from './class-tables.ts';
import { buildGateways } from './gateway-tables.ts';
import { buildHosts } from './host-tables.ts';
import { buildImporters } from './importer-tables.ts';
import { buildInbound } from './inbound-tables.ts';
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
 *     classes, PeerAuthentications → inbound rows of classes
 *     classes, AuthorizationPolicies → authorized rows of classes
 *     classes of routers, Gateways → open ports → VirtualServices bound there
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
  const inbound = buildInbound(graph, inputs, classes, importers.scopes);
  const authorized = buildAuthorized(graph, inputs, classes);
  const { issues: gatewayIssues, ...gateways } = buildGateways(graph, inputs, classes);
  const issues = buildIssues(graph, inputs, routingHeads, importers, hosts);
  const { scopes } = importers;
  const { visible, scoped } = hosts;
  return {
    classOf,
    classes,
    scopes,
    visible,
    scoped,
    imported,
    inbound,
    authorized,
    ...gateways,
    issues: [...issues, gatewayIssues],
  };
}
