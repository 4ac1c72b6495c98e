import { type Collection, createGraph, type Graph, type Input } from '../collection/index.ts';
import { buildEnvoy, type EnvoyOutputs } from '../envoy/index.ts';
import type { ConfigObject, Issue, ProxyNode } from '../model/index.ts';
import { buildRegistry, type RegistryOutputs, type RegistrySettings } from '../registry/index.ts';
import { buildScope, type ScopeOutputs } from '../scope/index.ts';
import { buildRefusals, type Refusal } from './refusals.ts';

export interface Pipeline {
  readonly graph: Graph;
  /** What the outside world says: everything else follows from it. */
  readonly inputs: PipelineInputs;
  readonly registry: RegistryOutputs;
  readonly scope: ScopeOutputs;
  readonly envoy: EnvoyOutputs;
  /** Findings by whoever found them. */
  readonly issues: readonly Collection<Issue>[];
}

export interface PipelineInputs {
  /** Configuration objects by kind, keyed by object id. */
  readonly objects: Readonly<Record<ActedOnKind, Input<ConfigObject>>>;
  /** Findings on single documents, keyed by anything that identifies them. */
  readonly documentIssues: Input<readonly Issue[]>;
  /** Connected proxies, by node id. */
  readonly proxies: Input<ProxyNode>;
  /** What proxies refused, as issues on the objects that caused it. */
  readonly refusals: Input<Refusal>;
  readonly meshOverlay: Input<Readonly<Record<string, unknown>>>;
  readonly settings: Input<RegistrySettings>;
}

/** The kinds that take part in the flow; `config/kinds` knows more, and says of the others that they are not acted on. */
export const ACTED_ON = [
  'ServiceEntry',
  'WorkloadEntry',
  'VirtualService',
  'DestinationRule',
  'Sidecar',
  'Gateway',
  'PeerAuthentication',
  'Service',
  'EndpointSlice',
  'Pod',
  'Namespace',
  'ConfigMap',
] as const;
export type ActedOnKind = (typeof ACTED_ON)[number];

/**
 * The whole program on one page, in the direction data flows:
 * documents → objects → services and policy → what each class of proxies sees → Envoy resources.
 * `run`, `serve`, `validate`, `generate` and `explain` differ only in what writes the inputs and what reads the tables.
 */
export function createPipeline(settings: RegistrySettings, meshOverlay: Readonly<Record<string, unknown>> = {}): Pipeline {
  const graph = createGraph();
  const objects = Object.fromEntries(ACTED_ON.map((kind) => [kind, graph.input(`objects.${kind}`)])) as Record<
    ActedOnKind,
    Input<ConfigObject>
  >;
  const inputs: PipelineInputs = {
    objects,
    documentIssues: graph.input('documentIssues'),
    proxies: graph.input('proxies'),
    refusals: graph.input('refusals'),
    meshOverlay: graph.input('meshOverlay'),
    settings: graph.input('settings'),
  };

  // Istio objects → services, endpoints, rules, routings.
  const registry = buildRegistry(graph, {
    serviceEntries: as(objects.ServiceEntry),
    workloadEntries: as(objects.WorkloadEntry),
    destinationRules: as(objects.DestinationRule),
    virtualServices: as(objects.VirtualService),
    sidecars: as(objects.Sidecar),
    gateways: as(objects.Gateway),
    peerAuthentications: as(objects.PeerAuthentication),
    services: as(objects.Service),
    endpointSlices: as(objects.EndpointSlice),
    pods: as(objects.Pod),
    namespaces: as(objects.Namespace),
    configMaps: as(objects.ConfigMap),
    meshOverlay: inputs.meshOverlay,
    settings: inputs.settings,
  });

  // Who sees what: proxies → classes, and rows (class, service).
  const scope = buildScope(graph, { ...registry, proxies: inputs.proxies, sidecars: as(objects.Sidecar) });

  // Rows → clusters, endpoints, listeners, routes, encoded once and linked to the classes that have them.
  const envoy = buildEnvoy(graph, { ...registry, ...scope });

  // What proxies refused → issues on the objects to blame.
  const refusals = buildRefusals(graph, inputs.refusals, envoy.tables, objects);

  graph.commit((tx) => {
    tx.set(inputs.settings, 'settings', settings);
    tx.set(inputs.meshOverlay, 'mesh', meshOverlay);
  });
  return { graph, inputs, registry, scope, envoy, issues: [...registry.issues, ...scope.issues, ...envoy.issues, refusals] };
}

/** The kind of an input says what its specs are; the table of kinds has checked them. */
function as<S>(objects: Collection<ConfigObject>): Collection<ConfigObject<S>> {
  return objects as Collection<ConfigObject<S>>;
}
