import { type Collection, createGraph, type Graph, type Input, structural } from '../collection/index.ts';
import { actedOnGlooKinds } from '../config/index.ts';
import { buildEnvoy, type EnvoyOutputs } from '../envoy/index.ts';
import type { Answer, ConfigObject, Issue, Kind, ProxyNode } from '../model/index.ts';
import { buildRegistry, type RegistryOutputs, type RegistrySettings } from '../registry/index.ts';
import { buildScope, type ScopeOutputs } from '../scope/index.ts';
import {
  type AcceptedRoutes,
  buildTranslate,
  ISTIO_KINDS,
  type TranslateOutputs,
  type TranslateSettings,
} from '../translate/index.ts';
import { buildRefusals, type ObjectTables, type Refusal } from './refusals.ts';

export type { Vip } from '../registry/index.ts';

export interface Pipeline {
  readonly graph: Graph;
  /** What the outside world says: everything else follows from it. */
  readonly inputs: PipelineInputs;
  /** What Gloo objects stand for. */
  readonly translate: TranslateOutputs;
  /** Configuration objects by kind, those made from Gloo objects included. */
  readonly objects: ObjectTables;
  readonly registry: RegistryOutputs;
  readonly scope: ScopeOutputs;
  readonly envoy: EnvoyOutputs;
  /** Findings by whoever found them. */
  readonly issues: readonly Collection<Issue>[];
}

export interface PipelineInputs {
  /** Configuration objects by kind, keyed by object id. */
  readonly objects: Readonly<Record<ActedOnKind, Input<ConfigObject>>> & Readonly<Record<Kind, Input<ConfigObject> | undefined>>;
  /** Findings on single documents, keyed by anything that identifies them. */
  readonly documentIssues: Input<readonly Issue[]>;
  /** Connected proxies, by node id. */
  readonly proxies: Input<ProxyNode>;
  /** What proxies refused, as issues on the objects that caused it. */
  readonly refusals: Input<Refusal>;
  /** What DNS says to `envoy.questions`, by `questionKey`. Offline nobody asks. */
  readonly answers: Input<Answer>;
  readonly meshOverlay: Input<Readonly<Record<string, unknown>>>;
  readonly settings: Input<RegistrySettings>;
  readonly translateSettings: Input<TranslateSettings>;
  /** What `translate` gave out for it at earlier commits. */
  readonly acceptedRoutes: Input<AcceptedRoutes>;
}

/** Settings of the registry, and those of the translation that differ from standalone mode (spec/gloo.md 2.10). */
export type PipelineSettings = RegistrySettings & {
  readonly gloo?: Partial<Pick<TranslateSettings, 'cluster' | 'vipClusterName' | 'v1Profile'>>;
};

/** Kinds of Istio and Kubernetes that take part in the flow; of Gloo's kinds `config/kinds` says which are translated. */
export const ACTED_ON = [
  'ServiceEntry',
  'WorkloadEntry',
  'VirtualService',
  'DestinationRule',
  'Sidecar',
  'Gateway',
  'PeerAuthentication',
  'AuthorizationPolicy',
  'Service',
  'EndpointSlice',
  'Pod',
  'Namespace',
  'ConfigMap',
  'Secret',
] as const;
export type ActedOnKind = (typeof ACTED_ON)[number];

/**
 * The whole program on one page, in the direction data flows:
 * documents → objects → Istio objects → services and policy → what each class of proxies sees → Envoy resources.
 * `run`, `serve`, `validate`, `generate` and `explain` differ only in what writes the inputs and what reads the tables.
 */
export function createPipeline(settings: PipelineSettings, meshOverlay: Readonly<Record<string, unknown>> = {}): Pipeline {
  const graph = createGraph();
  const written = Object.fromEntries(
    [...ACTED_ON, ...actedOnGlooKinds].map((kind) => [kind, graph.input(`objects.${kind}`)]),
  ) as PipelineInputs['objects'];
  const inputs: PipelineInputs = {
    objects: written,
    documentIssues: graph.input('documentIssues'),
    proxies: graph.input('proxies'),
    refusals: graph.input('refusals'),
    answers: graph.input<Answer>('answers', structural),
    meshOverlay: graph.input('meshOverlay'),
    settings: graph.input('settings'),
    translateSettings: graph.input('translateSettings'),
    acceptedRoutes: graph.input('acceptedRoutes'),
  };

  // Gloo objects → Istio objects.
  const translate = buildTranslate(graph, {
    gloo: (kind) => as(existing(written[kind], kind)),
    written: (kind) => written[kind],
    workloadEntries: as(written.WorkloadEntry),
    namespaces: as(written.Namespace),
    services: as(written.Service),
    pods: as(written.Pod),
    proxies: inputs.proxies,
    settings: inputs.translateSettings,
    acceptedRoutes: inputs.acceptedRoutes,
  });
  const objects = withTranslated(graph, written, translate);

  // Istio objects → services, endpoints, rules, routings.
  const registry = buildRegistry(graph, {
    serviceEntries: as(objects.ServiceEntry),
    workloadEntries: as(objects.WorkloadEntry),
    destinationRules: as(objects.DestinationRule),
    virtualServices: as(objects.VirtualService),
    sidecars: as(objects.Sidecar),
    gateways: as(objects.Gateway),
    peerAuthentications: as(objects.PeerAuthentication),
    authorizationPolicies: as(objects.AuthorizationPolicy),
    services: as(objects.Service),
    endpointSlices: as(objects.EndpointSlice),
    pods: as(objects.Pod),
    namespaces: as(objects.Namespace),
    configMaps: as(objects.ConfigMap),
    secrets: as(objects.Secret),
    meshOverlay: inputs.meshOverlay,
    settings: inputs.settings,
  });

  // Who sees what: proxies → classes, and rows (class, service).
  const scope = buildScope(graph, { ...registry, proxies: inputs.proxies, sidecars: as(objects.Sidecar) });

  // Rows → clusters, endpoints, listeners, routes, encoded once and linked to the classes that have them.
  const envoy = buildEnvoy(graph, { ...registry, ...scope, answers: inputs.answers });

  // What proxies refused → issues on the objects to blame.
  const refusals = buildRefusals(graph, inputs.refusals, envoy.tables, { ...written, ...objects });

  const { gloo, ...registrySettings } = settings;
  const { clusterDomain, rootNamespace } = settings;
  graph.commit((tx) => {
    tx.set(inputs.settings, 'settings', registrySettings);
    tx.set(inputs.translateSettings, 'settings', { ...STANDALONE, clusterDomain, rootNamespace, ...gloo });
    tx.set(inputs.meshOverlay, 'mesh', meshOverlay);
  });
  const issues = [...translate.issues, ...registry.issues, ...scope.issues, ...envoy.issues, refusals];
  return { graph, inputs, translate, objects, registry, scope, envoy, issues };
}

/** Of the one cluster that a control plane of ours serves (spec/gloo.md 2.10). */
const STANDALONE = { cluster: 'mgmt-cluster', vipClusterName: '', v1Profile: 'v1.1' } as const;

/** Objects as later stages read them: where Gloo objects give objects of a kind, too, what the user wrote comes first. */
function withTranslated(
  graph: Graph,
  written: PipelineInputs['objects'],
  translate: TranslateOutputs,
): Readonly<Record<ActedOnKind, Collection<ConfigObject>>> {
  const kinds = ISTIO_KINDS.filter((kind) => written[kind] !== undefined);
  const both = kinds.map((kind) => [kind, graph.union(`united.${kind}`, written[kind]!, translate.objects[kind])] as const);
  const all = ACTED_ON.map((kind) => [kind, written[kind]] as const);
  return Object.fromEntries<Collection<ConfigObject>>([...all, ...both]) as Readonly<
    Record<ActedOnKind, Collection<ConfigObject>>
  >;
}

function existing<T>(value: T | undefined, kind: Kind): T {
  if (value === undefined) throw new Error(`${kind} is translated, but the table of kinds does not act on it`);
  return value;
}

/** The kind of an input says what its specs are; the table of kinds has checked them. */
function as<S>(objects: Collection<ConfigObject>): Collection<ConfigObject<S>> {
  return objects as Collection<ConfigObject<S>>;
}
