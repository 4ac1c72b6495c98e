import { type Collection, type Graph, structural } from '../collection/index.ts';
import { MESH, type ProxyClass } from '../model/index.ts';
import { askedByRouting, askedByRule, askedBySidecar, askedKey, meshRanksBy, rankingLabels } from './asked-labels.ts';
import { classOf } from './class.ts';
import type { ScopeInputs } from './types.ts';

export interface ClassTables {
  /** By node id. */
  readonly classOf: Collection<ProxyClass>;
  /** By class id. */
  readonly classes: Collection<ProxyClass>;
}

/** Proxies → classes. Asks label by label whether somebody cares, so that a new selector touches the proxies it names. */
export function buildClasses(graph: Graph, { proxies, mesh, sidecars, rules, routings, pools }: ScopeInputs): ClassTables {
  const bySidecars = graph.distinct('scope.labels-of-sidecars', sidecars, askedBySidecar);
  const byRules = graph.distinct('scope.labels-of-rules', rules, askedByRule);
  const byRoutings = graph.distinct('scope.labels-of-routings', routings, askedByRouting);
  const ranking = graph.distinct('scope.labels-that-rank', rules, rankingLabels);
  // The only place where endpoints are looked at: an address that no proxy has touches nobody.
  const endpointsAt = graph.index('scope.endpoints-at', pools, ({ endpoints }) => endpoints.map(({ address }) => address.value));
  const classOfProxy = graph.derive(
    'scope.class-of',
    proxies,
    (proxy, id, read) => {
      const settings = read.get(mesh, MESH);
      const value = classOf(proxy, {
        asksFor: (label, value) =>
          [bySidecars, byRules].some((of) => read.get(of, askedKey(proxy.namespace, label, value))) ||
          read.get(byRoutings, askedKey('', label, value)) === true,
        ranksBy: (label) => meshRanksBy(settings, label) || read.get(ranking, label) !== undefined,
        servesEndpoint: proxy.ips.some((ip) => read.lookup(endpointsAt, ip).size > 0),
        // Without a tracing provider no span is written, and none can be configured yet: naming workloads in listeners would only split classes.
        tracing: false,
      });
      return [[id, value]];
    },
    structural,
  );
  return { classOf: classOfProxy, classes: graph.distinct('scope.classes', classOfProxy, (row) => [[row.id, row]]) };
}
