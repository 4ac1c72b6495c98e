import { type Collection, type Graph, structural } from '../collection/index.ts';
import { wildcardsOf } from '../lib/host.ts';
import { byServiceAge, type Issue, MESH } from '../model/index.ts';
import { hostConflicts } from './host-conflicts.ts';
import type { HostTables } from './host-tables.ts';
import type { ImporterTables } from './importer-tables.ts';
import type { RoutingHead } from './routing-import.ts';
import { rowsAt } from './rows-at.ts';
import { sidecarIssues } from './sidecar-issues.ts';
import type { ScopeInputs } from './types.ts';

/** What users should know about their Sidecars and about hosts that several namespaces declare. */
export function buildIssues(
  graph: Graph,
  { mesh, services, sidecars }: ScopeInputs,
  routingHeads: Collection<RoutingHead>,
  { sidecarsIn }: ImporterTables,
  { hostFacts, servicesOf }: HostTables,
): readonly Collection<Issue>[] {
  const conflicts = graph.derive('scope.host-conflicts', hostFacts, (facts) => hostConflicts(facts.services), structural);
  const routingsNaming = graph.index('scope.routings-naming', routingHeads, (head) => head.hosts);
  const wildcardsAbove = graph.distinct('scope.wildcards-above', services, ({ host }) =>
    [...wildcardsOf(host)].filter((wildcard) => wildcard !== '*').map((wildcard) => [wildcard, true] as const),
  );
  const namespaces = graph.distinct('scope.namespaces', services, ({ namespace }) => [[namespace, true]]);
  const findings = graph.derive(
    'scope.sidecar-issues',
    sidecars,
    (sidecar, id, read) => {
      const isDeclared = (host: string) => read.lookup(servicesOf, host).size > 0;
      const found = sidecarIssues(sidecar, {
        rootNamespace: read.get(mesh, MESH)?.rootNamespace ?? '',
        neighbours: rowsAt(read, sidecars, read.lookup(sidecarsIn, sidecar.key.namespace)),
        servicesOf: (host) => rowsAt(read, services, read.lookup(servicesOf, host)).sort(byServiceAge),
        isRouted: (host) => [host, ...wildcardsOf(host)].some((name) => read.lookup(routingsNaming, name).size > 0),
        wildcardServices: (host) => [...wildcardsOf(host)].filter(isDeclared),
        hasServicesUnder: (wildcard) => isDeclared(wildcard) || read.get(wildcardsAbove, wildcard) === true,
        hasServicesIn: (namespace) => read.get(namespaces, namespace) === true,
      });
      return [...found].map(([key, issue]) => [`${id}\n${key}`, issue] as const);
    },
    structural,
  );
  return [conflicts, findings];
}
