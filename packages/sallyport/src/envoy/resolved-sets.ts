import type { Answer, Endpoint, ProxyFacet, Question, Service } from '../model/index.ts';
import type { ClusterSpec } from './cluster-plan.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { inlineEndpoints } from './endpoints.ts';
import { knowledge, namesAmong, questionsOf, questionTypes, type ResolvedNames, resolvedNames } from './resolved-names.ts';
import type { ResolvedSet } from './types.ts';

/** What is to be looked up for a set; undefined where there is no name among its endpoints. */
export function resolvedSet(
  cluster: ClusterSpec,
  service: Service,
  endpoints: readonly Endpoint[],
  facet: ProxyFacet,
  config: ClusterMesh,
): ResolvedSet | undefined {
  const places = endpoints.flatMap(({ address, port }) => (address.kind === 'dns' ? [{ name: address.value, port }] : []));
  if (places.length === 0) return undefined;
  const questions = questionsOf(namesAmong(endpoints), typesFor(service, facet, config));
  return { cluster: cluster.name, service: service.key, questions, places };
}

/** The endpoints that a DNS cluster in the same place would have. */
export function resolvedEndpoints(
  pool: readonly Endpoint[],
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

const typesFor = ({ raceConnect }: Service, facet: ProxyFacet, { sallyport }: ClusterMesh) =>
  questionTypes(facet, raceConnect, sallyport.dualStack);
