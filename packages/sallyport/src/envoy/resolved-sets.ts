import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { type Answer, type Issue, MESH, type ProxyFacet, type Question, questionKey, type Service } from '../model/index.ts';
import type { ClusterSpec, EndpointsSpec } from './cluster-plan.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { inlineEndpoints } from './endpoints.ts';
import { lookupIssues } from './lookup-issues.ts';
import { knowledge, namesAmong, questionsOf, questionTypes, type ResolvedNames, resolvedNames } from './resolved-names.ts';
import type { EnvoyInputs, ResolvedSet } from './types.ts';

/** The tables around look-ups of the control plane, and how sets of endpoints are made from them. */
export interface ResolvedTables {
  readonly questions: Collection<Question>;
  readonly resolved: Collection<ResolvedSet>;
  readonly issues: Collection<Issue>;
}

/** What a set is made from. */
export interface ResolvedSources {
  readonly inputs: Pick<EnvoyInputs, 'services' | 'pools' | 'answers'>;
  readonly mesh: Collection<ClusterMesh>;
  readonly facets: Collection<ProxyFacet>;
  /** Those of clusters whose names the control plane looks up only. */
  readonly specs: Collection<EndpointsSpec>;
  readonly labelsOf: (cluster: ClusterSpec, read: Read) => Readonly<Record<string, string>> | undefined;
}

/** Sets that proxies see → the questions behind them, each once → what is to be said of the answers. */
export function buildResolved(graph: Graph, sources: ResolvedSources): ResolvedTables {
  const { inputs, mesh, facets, specs, labelsOf } = sources;
  const resolved = graph.derive(
    'clusters.resolved',
    specs,
    ({ cluster, facet: at }, key, read) => {
      const service = read.get(inputs.services, cluster.service);
      const facet = read.get(facets, at);
      const config = read.get(mesh, MESH);
      if (!service || !facet || !config) return [];
      const endpoints = resolvedEndpoints(
        read.get(inputs.pools, cluster.pool)?.endpoints ?? [],
        cluster,
        labelsOf(cluster, read),
      );
      const questions = questionsOf(namesAmong(endpoints), typesFor(service, facet, config));
      const places = endpoints.flatMap(({ address, port }) => (address.kind === 'dns' ? [{ name: address.value, port }] : []));
      return places.length === 0 ? [] : [[key, { cluster: cluster.name, service: service.key, questions, places }]];
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
  const issues = graph.distinct('clusters.lookupIssues', found, (list) => list.map((issue) => [JSON.stringify(issue), issue]));
  return { questions, resolved, issues };
}

/** The endpoints that a DNS cluster in the same place would have. */
export function resolvedEndpoints(
  pool: Parameters<typeof inlineEndpoints>[0],
  { port, policy }: ClusterSpec,
  labels: Readonly<Record<string, string>> | undefined,
) {
  const all = inlineEndpoints(pool, port.number, labels);
  return policy.discovery === 'resolved-logical-dns' ? all.slice(0, 1) : all;
}

/** How the names of a set are replaced, and whether that much is known of them. */
export function foundNames(
  set: ResolvedSet | undefined,
  { policy }: ClusterSpec,
  service: Service,
  facet: ProxyFacet,
  config: ClusterMesh,
  answerOf: (question: Question) => Answer | undefined,
): { readonly names: ResolvedNames; readonly unknown?: 'hold' | 'keep' } {
  const use = policy.discovery === 'resolved-logical-dns' ? 'first' : 'all';
  const names = resolvedNames(answerOf, typesFor(service, facet, config), use, service.guard);
  const state = knowledge(set?.questions ?? [], answerOf);
  return { names, ...(state !== 'known' && { unknown: state === 'asked' ? 'hold' : 'keep' }) };
}

export const answersIn = (answers: Collection<Answer>, read: Read) => (question: Question) =>
  read.get(answers, questionKey(question));

const typesFor = ({ raceConnect }: Service, facet: ProxyFacet, { sallyport }: ClusterMesh) =>
  questionTypes(facet, raceConnect, sallyport.dualStack);
