import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { type Answer, type Issue, MESH, type ProxyFacet, type Question, questionKey } from '../model/index.ts';
import type { ClusterSpec, EndpointsSpec } from './cluster-plan.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { lookupIssues } from './lookup-issues.ts';
import { resolvedEndpoints, resolvedSet } from './resolved-sets.ts';
import type { EnvoyInputs, ResolvedSet } from './types.ts';

/** The tables around look-ups of the control plane. */
export interface ResolvedTables {
  /** By `questionKey`. */
  readonly questions: Collection<Question>;
  /** By the key of the set's spec. */
  readonly resolved: Collection<ResolvedSet>;
  readonly issues: Collection<Issue>;
}

export interface ResolvedInputs {
  readonly inputs: Pick<EnvoyInputs, 'services' | 'pools' | 'answers'>;
  readonly mesh: Collection<ClusterMesh>;
  readonly facets: Collection<ProxyFacet>;
  /** Sets of endpoints that proxies see and whose names the control plane looks up. */
  readonly specs: Collection<EndpointsSpec>;
  readonly labelsOf: (cluster: ClusterSpec, read: Read) => Readonly<Record<string, string>> | undefined;
}

/** Sets that proxies see → the questions behind them, each once → what is to be said of the answers. */
export function buildResolved(graph: Graph, { inputs, mesh, facets, specs, labelsOf }: ResolvedInputs): ResolvedTables {
  const resolved = graph.derive(
    'clusters.resolved',
    specs,
    ({ cluster, facet: at }, key, read) => {
      const service = read.get(inputs.services, cluster.service);
      const facet = read.get(facets, at);
      const config = read.get(mesh, MESH);
      if (!service || !facet || !config) return [];
      const pool = read.get(inputs.pools, cluster.pool)?.endpoints ?? [];
      const set = resolvedSet(cluster, service, resolvedEndpoints(pool, cluster, labelsOf(cluster, read)), facet, config);
      return set === undefined ? [] : [[key, set]];
    },
    structural,
  );
  const questions = graph.distinct('clusters.questions', resolved, (set) => set.questions.map((q) => [questionKey(q), q]));
  const found = graph.derive(
    'clusters.lookupFindings',
    resolved,
    (set, key, read) => {
      const service = read.get(inputs.services, set.service);
      return service === undefined ? [] : [[key, lookupIssues(service, set.questions, answersIn(inputs.answers, read))]];
    },
    structural,
  );
  // Every port and subset of a service would say the same.
  const issues = graph.distinct('clusters.lookupIssues', found, (list) => list.map((issue) => [JSON.stringify(issue), issue]));
  return { questions, resolved, issues };
}

export const answersIn = (answers: Collection<Answer>, read: Read) => (question: Question) =>
  read.get(answers, questionKey(question));
