import { loadAll } from 'js-yaml';
import { createGraph, type Graph, type GraphOptions, type Input, structural } from '../../collection/index.ts';
import { KUBERNETES_YAML } from '../../config/yaml/scalars.ts';
import { type ConfigObject, type Issue, MESH, objectId } from '../../model/index.ts';
import { buildRegistry, type RegistryOutputs, type RegistrySettings } from '../index.ts';

/** A registry with inputs that a test writes. */
export interface TestRegistry {
  readonly graph: Graph;
  readonly outputs: RegistryOutputs;
  /** Writes all documents of a YAML text, in one commit; a document written again replaces the earlier one. */
  write(text: string): void;
  set(...objects: readonly ConfigObject[]): void;
  remove(...objects: readonly Pick<ConfigObject, 'key'>[]): void;
  setMesh(overlay: Readonly<Record<string, unknown>> | undefined): void;
  issues(): readonly Issue[];
}

const INPUT_OF_KIND = {
  ServiceEntry: 'serviceEntries',
  WorkloadEntry: 'workloadEntries',
  DestinationRule: 'destinationRules',
  VirtualService: 'virtualServices',
  Sidecar: 'sidecars',
  PeerAuthentication: 'peerAuthentications',
  AuthorizationPolicy: 'authorizationPolicies',
  Gateway: 'gateways',
  Service: 'services',
  EndpointSlice: 'endpointSlices',
  Pod: 'pods',
  Namespace: 'namespaces',
  ConfigMap: 'configMaps',
  Secret: 'secrets',
} as const;

export const SETTINGS: RegistrySettings = {
  clusterDomain: 'cluster.local',
  clusterId: 'Kubernetes',
  rootNamespace: 'istio-system',
};

export function testRegistry(settings: Partial<RegistrySettings> = {}, options?: GraphOptions): TestRegistry {
  const graph = createGraph(options);
  const input = <V>(name: string): Input<V> => graph.input<V>(name, structural);
  const inputs = {
    ...Object.fromEntries(Object.values(INPUT_OF_KIND).map((name) => [name, input<ConfigObject>(name)])),
    meshOverlay: input<Readonly<Record<string, unknown>>>('meshOverlay'),
    settings: input<RegistrySettings>('settings'),
  } as unknown as Record<(typeof INPUT_OF_KIND)[keyof typeof INPUT_OF_KIND], Input<ConfigObject>> & {
    meshOverlay: Input<Readonly<Record<string, unknown>>>;
    settings: Input<RegistrySettings>;
  };
  const outputs = buildRegistry(graph, inputs as unknown as Parameters<typeof buildRegistry>[1]);
  graph.commit((tx) => tx.set(inputs.settings, 'settings', { ...SETTINGS, ...settings }));
  const inputFor = (kind: string) => inputs[INPUT_OF_KIND[kind as keyof typeof INPUT_OF_KIND]];
  const set = (...objects: readonly ConfigObject[]) =>
    graph.commit((tx) => {
      for (const object of objects) tx.set(inputFor(object.key.kind), objectId(object.key), object);
    });
  return {
    graph,
    outputs,
    set,
    write: (text) => set(...objectsOf(text)),
    remove: (...objects) =>
      graph.commit((tx) => {
        for (const { key } of objects) tx.set(inputFor(key.kind), objectId(key), undefined);
      }),
    setMesh: (overlay) => graph.commit((tx) => tx.set(inputs.meshOverlay, MESH, overlay)),
    issues: () => outputs.issues.flatMap((issues) => [...issues.entries()].sort().map(([, issue]) => issue)),
  };
}

/** The rows of a collection in the order of their keys. */
export function rowsOf<V>(collection: { entries(): Iterable<[string, V]> }): readonly [string, V][] {
  return [...collection.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
  };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Objects as `config` would give them, created one second apart in the order written (conformance/README.md 1). */
export function objectsOf(text: string): readonly ConfigObject[] {
  const documents = (loadAll(text, { schema: KUBERNETES_YAML }) as (Document | null)[]).filter((d) => d !== null);
  return documents
    .map((document, index) => objectOf(document, Date.UTC(2024, 0, 1) + index * 1000))
    .filter(({ key }) => Object.hasOwn(INPUT_OF_KIND, key.kind));
}

function objectOf({ apiVersion, kind, metadata, spec, status, ...rest }: Document, createdAt: number): ConfigObject {
  const { name, namespace = 'default', labels = {}, annotations = {}, creationTimestamp } = metadata;
  return {
    key: { kind, namespace: kind === 'Namespace' ? '' : namespace, name },
    apiVersion,
    labels,
    annotations,
    createdAt: creationTimestamp === undefined ? createdAt : Date.parse(creationTimestamp),
    spec: spec ?? rest,
    ...(status !== undefined && { status }),
    origin: { source: 'test', path: '-', line: 1, column: 1 },
  };
}
