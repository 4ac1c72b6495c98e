import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { selects } from '../lib/host.ts';
import { byServiceAge, MESH, type MeshConfig, type ProxyClass, type ProxyNode, poolKey, type Service } from '../model/index.ts';
import {
  askedByAuthorization,
  askedByGateway,
  askedByPeers,
  askedByRouting,
  askedByRule,
  askedBySidecar,
  askedKey,
  meshRanksBy,
  rankingLabels,
} from './asked-labels.ts';
import { classOf } from './class.ts';
import { type Placed, placedOf } from './placed.ts';
import { rowsAt } from './rows-at.ts';
import { servesOf } from './serves.ts';
import { ingressByAddress } from './sidecar.ts';
import type { ScopeInputs } from './types.ts';

export interface ClassTables {
  /** By node id. */
  readonly classOf: Collection<ProxyClass>;
  /** By class id. */
  readonly classes: Collection<ProxyClass>;
}

/** The only key of a table that says whether there is any. */
const ANY = 'any';

/** Proxies → classes. Asks label by label whether somebody cares, so that a new selector touches the proxies it names. */
export function buildClasses(graph: Graph, inputs: ScopeInputs): ClassTables {
  const { proxies, mesh, services, sidecars, rules, routings, peers } = inputs;
  const bySidecars = graph.distinct('scope.labels-of-sidecars', sidecars, askedBySidecar);
  const byRules = graph.distinct('scope.labels-of-rules', rules, askedByRule);
  const byPeers = graph.distinct('scope.labels-of-peers', peers, askedByPeers);
  const byAuthorizations = graph.distinct('scope.labels-of-authorizations', inputs.authorizations, askedByAuthorization);
  const byRoutings = graph.distinct('scope.labels-of-routings', routings, askedByRouting);
  const byGateways = graph.distinct('scope.labels-of-gateways', inputs.gateways, askedByGateway);
  const ranking = graph.distinct('scope.labels-that-rank', rules, rankingLabels);
  const listeningAt = graph.distinct('scope.ingress-by-address', sidecars, (sidecar) =>
    ingressByAddress(sidecar) ? [[sidecar.key.namespace, true as const]] : [],
  );
  const nodeLocal = graph.distinct('scope.node-local', services, (service) => (service.nodeLocal ? [[ANY, true as const]] : []));
  const standing = buildStanding(graph, inputs);
  const classOfProxy = graph.derive(
    'scope.class-of',
    proxies,
    (proxy, id, read) => {
      const settings = read.get(mesh, MESH);
      const { serves, byOwnAddress } = standing(proxy, read);
      const value = classOf(proxy, {
        asksFor: (label, value) =>
          [bySidecars, byRules, byPeers, byAuthorizations].some((of) => read.get(of, askedKey(proxy.namespace, label, value))) ||
          [byRoutings, byAuthorizations].some((of) => read.get(of, askedKey('', label, value))) ||
          (proxy.role === 'router' && read.get(byGateways, askedKey('', label, value)) === true),
        ranksBy: (label) => meshRanksBy(settings, label) || read.get(ranking, label) !== undefined,
        asksForAddress: byOwnAddress || homes(proxy, settings).some((home) => read.get(listeningAt, home)),
        asksForNode: read.get(nodeLocal, ANY) === true,
        serves,
        // Without a tracing provider no span is written, and none can be configured yet: naming workloads in listeners would only split classes.
        tracing: false,
      });
      return [[id, value]];
    },
    structural,
  );
  return { classOf: classOfProxy, classes: graph.distinct('scope.classes', classOfProxy, (row) => [[row.id, row]]) };
}

/** Namespaces whose Sidecars may apply to a proxy. */
function homes(proxy: ProxyNode, mesh: MeshConfig | undefined): readonly string[] {
  return mesh === undefined ? [proxy.namespace] : [proxy.namespace, mesh.rootNamespace];
}

/** What a proxy serves where it stands. An address that no proxy has touches nobody. */
function buildStanding(graph: Graph, { services, pools, workloads }: ScopeInputs) {
  const placed = graph.split('scope.placed', pools, placedOf, structural);
  const placedAt = graph.index('scope.placed-at', placed, ({ address }) => [address]);
  const servicesOf = graph.index('scope.services-of-pools', services, (service) => [poolKey(service)]);
  const workloadsAt = graph.index('scope.workloads-at', workloads, ({ namespace, addresses }) =>
    addresses.map((address) => `${namespace}/${address}`),
  );
  const selectors = graph.index('scope.selectors', services, selectorPlace);
  return (proxy: ProxyNode, read: Read) => {
    const here = proxy.ips.flatMap((ip) => rowsAt(read, placed, read.lookup(placedAt, ip)));
    const own = here.filter(({ namespace }) => namespace === proxy.namespace).sort(byPlace);
    const of = (pool: string) => rowsAt(read, services, read.lookup(servicesOf, pool)).sort(byServiceAge);
    const serves = servesOf(proxy, {
      workloads: rowsAt(read, workloads, read.lookup(workloadsAt, `${proxy.namespace}/${proxy.ips[0]}`)),
      placed: own,
      servicesOf: of,
      selecting: (labels) =>
        Object.entries(labels)
          .flatMap(([label, value]) => rowsAt(read, services, read.lookup(selectors, askedKey(proxy.namespace, label, value))))
          .filter(({ selector }) => selects(selector ?? {}, labels)),
    });
    // Where every endpoint has a listener, the proxy's own is left out.
    const byOwnAddress = here.some((row) => of(poolKey(row)).some(({ resolution }) => resolution === 'none'));
    return { serves, byOwnAddress };
  };
}

/** A Kubernetes Service is found by one label of its selector. */
function selectorPlace({ registry, namespace, selector }: Service): readonly string[] {
  const [first] = registry === 'kubernetes' ? Object.entries(selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
  return first === undefined ? [] : [askedKey(namespace, ...first)];
}

function byPlace(a: Placed, b: Placed): number {
  return a.address < b.address || (a.address === b.address && a.host < b.host) ? -1 : 1;
}
