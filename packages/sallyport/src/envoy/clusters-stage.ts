import { ClusterSchema } from '@sallyport/apis/cluster';
import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { contentHash } from '../lib/hash.ts';
import { canonicalJson } from '../lib/json.ts';
import type {
  Bundle,
  Bundled,
  Endpoint,
  Issue,
  ProxyClass,
  ProxyFacet,
  Question,
  Resource,
  ResourceLink,
  RuleKey,
} from '../model/index.ts';
import { facetKey, isSniDnat, linkKey, MESH, peerRulings, poolKey, rulingAt } from '../model/index.ts';
import { outboundClusterResource } from './cluster.ts';
import { ruleIssues } from './cluster-issues.ts';
import {
  type ClusterSpec,
  clustersOf,
  coreOf,
  type EndpointsSpec,
  isResolved,
  type PlannedCluster,
  serviceView,
  type Viewpoint,
} from './cluster-plan.ts';
import { effectivePolicy, endpointTls } from './cluster-policy.ts';
import { poolFacts } from './cluster-pool.ts';
import { type ClusterMesh, clusterMesh, clusterSettings } from './cluster-settings.ts';
import { encode } from './encode.ts';
import { endpointAssignment, resolvedAssignment } from './endpoints.ts';
import { localityPlan } from './locality.ts';
import { foundNames, resolvedEndpoints } from './resolved-sets.ts';
import { answersIn, buildResolved } from './resolved-tables.ts';
import { staticClusterResource, staticClusters } from './static-clusters.ts';
import type { EnvoyInputs, ResolvedSet, ResourceTable } from './types.ts';

export interface ClustersOutputs {
  /** Clusters of services, and those of no service. Read by ads and by `generate`. */
  readonly clusters: ResourceTable;
  /** One set for each EDS cluster; endpoints of DNS clusters are inside the cluster. */
  readonly endpoints: ResourceTable;
  readonly issues: readonly Collection<Issue>[];
  /** As in `EnvoyOutputs`. */
  readonly questions: Collection<Question>;
  readonly resolved: Collection<ResolvedSet>;
  /** What a class with an AUTO_PASSTHROUGH server passes TLS on to, sorted by host. */
  readonly sniDnat: (proxies: string, read: Read) => readonly SniDnatHost[];
}

/** The clusters of one host that callers name in TLS. */
export interface SniDnatHost {
  readonly host: string;
  readonly rule?: RuleKey;
  readonly clusters: readonly Pick<ClusterSpec, 'name' | 'port' | 'subset'>[];
}

/**
 * Clusters and endpoint sets. Two classes that see a service alike share its resources:
 * (class, host) → view, each once → plan of its clusters → specs, each once → one cluster and one endpoint set.
 * The view is the class's link to all that is planned for it.
 * A change of a pool recomputes its endpoint sets and nothing else, as long as what clusters read of it stays.
 */
export function buildClusters(graph: Graph, inputs: EnvoyInputs): ClustersOutputs {
  const mesh = graph.derive('clusters.mesh', inputs.mesh, (row) => [[MESH, clusterMesh(row)]], structural);
  const facts = graph.derive('clusters.pools', inputs.pools, (pool, key) => [[key, poolFacts(pool)]], structural);
  const sniDnat = graph.distinct('clusters.sniDnatClasses', inputs.openPorts, ({ class: of, servers }) =>
    servers.some(isSniDnat) ? [[of, true as const]] : [],
  );
  const classes = graph.derive(
    'clusters.classes',
    inputs.classes,
    (row, id, read) => [[id, seenFrom(row, row.role === 'router' && read.get(sniDnat, id) === true)]],
    structural,
  );
  const facets = graph.distinct('clusters.facets', classes, ({ from, whole, bare }) => [
    [from.facet, whole],
    [from.core, bare],
  ]);
  const modeIn =
    (namespace: string, { rootNamespace }: ClusterMesh, read: Read) =>
    (endpoint?: Endpoint) => {
      const rulings = peerRulings(read.get(inputs.peers, rootNamespace), read.get(inputs.peers, namespace), endpoint?.labels);
      return endpoint === undefined ? rulings.mode : rulingAt(rulings, endpoint.port).mode;
    };
  const ruleOf = (key: RuleKey | undefined, read: Read) => (key === undefined ? undefined : read.get(inputs.rules, key));

  const views = graph.derive(
    'clusters.views',
    inputs.scoped,
    (scoped, key, read) => {
      const seenBy = read.get(classes, scoped.class);
      const view = seenBy && serviceView(scoped, seenBy.from);
      return view === undefined ? [] : [[key, { class: scoped.class, bundle: view.key, view }]];
    },
    (a, b) => a.bundle === b.bundle,
  );
  const distinctViews = graph.distinct('clusters.distinctViews', views, ({ view }) => [[view.key, view]]);
  const plans = graph.derive(
    'clusters.plans',
    distinctViews,
    (view, key, read) => {
      const service = read.get(inputs.services, view.service);
      const config = read.get(mesh, MESH);
      if (!service || !config) return [];
      const planned = clustersOf(view, service, ruleOf(view.rule, read), config, () => read.get(facts, poolKey(service)));
      return [[key, hostPlan(planned)]];
    },
    samePlan,
  );
  const specs = graph.distinct('clusters.specs', plans, (plan) => plan.cluster.map((spec) => [spec.key, spec]));
  const endpointSpecs = graph.distinct('clusters.endpointSpecs', plans, (plan) => plan.endpoints.map((spec) => [spec.key, spec]));

  const policies = graph.distinct('clusters.policies', specs, ({ policy }) => [[policy.key, policy]]);
  const settings = graph.derive(
    'clusters.settings',
    policies,
    (policy, key, read) => {
      const facet = read.get(facets, policy.facet);
      const config = read.get(mesh, MESH);
      if (facet === undefined || config === undefined) return [];
      const made = clusterSettings(policy, ruleOf(policy.rule, read), facet, config);
      return [[key, encode(ClusterSchema, made)]];
    },
    structural,
  );

  const outbound = graph.derive(
    'clusters.outbound',
    specs,
    (spec, key, read) => {
      const service = read.get(inputs.services, spec.service);
      const facet = read.get(facets, spec.policy.facet);
      const half = read.get(settings, spec.policy.key);
      const config = read.get(mesh, MESH);
      if (!service || !facet || !half || !config) return [];
      const pool = isDns(spec) ? read.get(inputs.pools, spec.pool) : undefined;
      const shared = { facts: read.get(facts, spec.pool), rule: ruleOf(spec.policy.rule, read), mesh: config };
      const mode = modeIn(service.namespace, config, read);
      return [[key, outboundClusterResource({ spec, service, facet, settings: half, pool, mode, ...shared })]];
    },
    sameResource,
  );

  const labelsOf = ({ subset, policy }: ClusterSpec, read: Read) =>
    ruleOf(policy.rule, read)?.subsets.find(({ name }) => name === subset)?.labels;
  const resolvedSpecs = graph.distinct('clusters.resolvedSpecs', plans, (plan) =>
    plan.endpoints.flatMap((spec) => (isResolved(spec.cluster.policy.discovery) ? [[spec.key, spec]] : [])),
  );
  const lookups = buildResolved(graph, { inputs, mesh, facets, specs: resolvedSpecs, labelsOf });

  const assignments = graph.derive(
    'clusters.endpoints',
    endpointSpecs,
    ({ cluster: spec, facet: at }, key, read) => {
      const service = read.get(inputs.services, spec.service);
      const facet = read.get(facets, at);
      const config = read.get(mesh, MESH);
      if (!service || !facet || !config) return [];
      const rule = ruleOf(spec.policy.rule, read);
      const policy = effectivePolicy(rule, spec.subset, spec.port.number, config);
      const plan = localityPlan(policy.loadBalancer, policy.outlierDetection !== undefined, service, config);
      const labels = labelsOf(spec, read);
      const pool = read.get(inputs.pools, spec.pool)?.endpoints ?? [];
      const mode = modeIn(service.namespace, config, read);
      const prefersNear = service.trafficDistribution !== undefined;
      const tls = endpointTls(rule, spec.subset, spec.port.number);
      const shared = { policy, tls, plan, facet, mode, prefersNear };
      const choice = { ...shared, nodeLocal: service.nodeLocal, mutualOnly: spec.policy.sniDnat };
      if (isResolved(spec.policy.discovery)) {
        const answerOf = answersIn(inputs.answers, read);
        const { names, ...state } = foundNames(read.get(lookups.resolved, key), spec, service, facet, config, answerOf);
        const endpoints = resolvedEndpoints(pool, spec, labels);
        return [[key, { ...resolvedAssignment(spec.name, endpoints, choice, names), ...state }]];
      }
      return [[key, endpointAssignment(spec.name, pool, { port: spec.port, labels, ...choice })]];
    },
    sameResource,
  );

  const staticPlans = graph.derive(
    'clusters.staticPlans',
    inputs.scopes,
    ({ outboundPolicy }, id, read) => {
      const seenBy = read.get(classes, id);
      return seenBy === undefined ? [] : [[id, staticClusters(seenBy.from, outboundPolicy.mode, seenBy.dnsCapture)]];
    },
    structural,
  );
  const staticSpecs = graph.distinct('clusters.staticSpecs', staticPlans, (plan) => plan.map((spec) => [spec.key, spec]));
  const statics = graph.derive(
    'clusters.static',
    staticSpecs,
    (spec, key, read) => {
      const facet = read.get(facets, spec.facet);
      const config = read.get(mesh, MESH);
      return !facet || !config ? [] : [[key, staticClusterResource(spec, facet, config)]];
    },
    sameResource,
  );

  const staticLinks = graph.derive(
    'clusters.staticLinks',
    staticPlans,
    (plan, id) => plan.map(({ name, key }) => linkTo(id, name, key)),
    sameLink,
  );

  const usedRules = graph.distinct('clusters.usedRules', distinctViews, ({ rule, from: { role, certificates } }) => {
    const withoutIdentity = certificates.withoutIdentity === true && certificates.clientCertificates === undefined;
    return rule === undefined ? [] : [[`${rule} ${role} ${withoutIdentity}`, { rule, role, withoutIdentity }]];
  });
  const found = graph.derive(
    'clusters.ruleIssues',
    usedRules,
    ({ rule, role, withoutIdentity }, key, read) => {
      const present = read.get(inputs.rules, rule);
      const facet = { role, ...(withoutIdentity && { withoutIdentity }) };
      return present === undefined ? [] : [[key, ruleIssues(present, facet)]];
    },
    structural,
  );
  // A rule used by sidecars and by gateways would be spoken of twice.
  const issues = graph.distinct('clusters.issues', found, (list) => list.map((issue) => [canonicalJson(issue), issue]));

  const passing = graph.index('clusters.sniDnatViews', views, ({ class: of, view }) => (view.from.sniDnat ? [of] : []));
  const passedOn = (proxies: string, read: Read) =>
    [...read.lookup(passing, proxies)].sort().flatMap((key): readonly SniDnatHost[] => {
      const view = read.get(views, key)?.view;
      const host = view && read.get(inputs.scoped, key)?.host;
      const clusters = view && read.get(plans, view.key)?.cluster.filter(({ policy }) => policy.sniDnat);
      const [first] = clusters ?? [];
      if (host === undefined || !clusters || !first) return [];
      return [{ host, ...(view.rule !== undefined && { rule: view.rule }), clusters }];
    });

  // What a class has of a host it has as a whole, and the same as every class with the same view.
  const bundles = { links: views, rows: plans };
  return {
    clusters: {
      type: 'cluster',
      links: staticLinks,
      bundles,
      resources: graph.union('clusters.resources', outbound, statics),
    },
    endpoints: { type: 'endpoints', links: graph.union('clusters.endpointsLinks'), bundles, resources: assignments },
    issues: [issues, lookups.issues],
    questions: lookups.questions,
    resolved: lookups.resolved,
    sniDnat: passedOn,
  };
}

/** A class as far as clusters and endpoints depend on it. */
function seenFrom({ facet: whole, facetKey: wholeKey, traits: { dnsCapture } }: ProxyClass, sniDnat: boolean) {
  const bare = coreOf(whole);
  const from: Viewpoint = {
    facet: contentHash(wholeKey),
    core: contentHash(facetKey(bare)),
    role: whole.role,
    certificates: certificatesOf(whole),
    ...(sniDnat && { sniDnat }),
  };
  return { from, whole, bare, dnsCapture };
}

function certificatesOf({ withoutIdentity, clientCertificates }: ProxyFacet): Viewpoint['certificates'] {
  return { ...(withoutIdentity && { withoutIdentity }), ...(clientCertificates && { clientCertificates }) };
}

const isDns = ({ policy: { discovery } }: ClusterSpec): boolean => discovery === 'strict-dns' || discovery === 'logical-dns';

function linkTo(id: string, name: string, target: string): readonly [string, ResourceLink] {
  const link: ResourceLink = { class: id, type: 'cluster', name, target };
  return [linkKey(link), link];
}

/** The clusters and endpoint sets of a host: a bundle of resources. */
interface HostPlan extends Bundle {
  readonly cluster: readonly ClusterSpec[];
  readonly endpoints: readonly EndpointsSpec[];
}

function hostPlan(planned: readonly PlannedCluster[]): HostPlan {
  return {
    cluster: planned.map(({ cluster }) => cluster),
    endpoints: planned.flatMap(({ endpoints }) => endpoints ?? []),
  };
}

const samePlan = (a: HostPlan, b: HostPlan): boolean => sameKeys(a.cluster, b.cluster) && sameKeys(a.endpoints, b.endpoints);
const sameKeys = (a: readonly Bundled[], b: readonly Bundled[]): boolean =>
  a.length === b.length && a.every(({ key }, i) => key === b[i]?.key);
const sameResource = (a: Resource, b: Resource): boolean =>
  a.version === b.version && a.name === b.name && a.unknown === b.unknown;
const sameLink = (a: ResourceLink, b: ResourceLink): boolean => a.target === b.target;
