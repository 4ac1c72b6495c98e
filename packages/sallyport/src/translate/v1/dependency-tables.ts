import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import {
  byAge,
  type ConfigObject,
  compareText,
  type DestinationSelectorV1,
  objectId,
  type ServiceDependencySpec,
} from '../../model/index.ts';
import type { TranslateInputs, Translation } from '../types.ts';
import type { ExternalDestination } from './destination.ts';
import { fits, inCluster, placesFor, placesOf, selectsExternal } from './select.ts';
import {
  type Callers,
  callersKey,
  callersOf,
  dependsOnNothing,
  isAmong,
  isOnEverything,
  sidecarOf,
} from './service-dependency.ts';

type Dependency = ConfigObject<ServiceDependencySpec>;

interface Claim {
  readonly callers: Callers;
  readonly dependency: string;
}

/** ServiceDependencies: one Sidecar for each group of callers that they name (spec/gloo.md 1.3). */
export function buildDependencies(
  graph: Graph,
  inputs: TranslateInputs,
  external: Collection<ExternalDestination>,
): readonly Collection<Translation>[] {
  const dependencies = inputs.gloo<ServiceDependencySpec>('ServiceDependency');
  const namespacesOf = knownNamespaces(graph, inputs);
  const claims = graph.derive<Dependency, Claim>(
    'translate.v1.callers',
    dependencies,
    (dependency, id, read) => {
      const settings = read.get(inputs.settings, 'settings');
      if (settings === undefined) return [];
      const isOpen = (dependency.spec.sourceSelectors ?? []).some(
        ({ kubeWorkloadMatcher: matcher }) => (matcher?.namespaces ?? []).length === 0,
      );
      const callers = callersOf(dependency, settings.cluster, isOpen ? namespacesOf(read) : []);
      return new Map(callers.map((one) => [`${callersKey(one)}\n${id}`, { callers: one, dependency: id }]));
    },
    structural,
  );
  const claimsIn = graph.index('translate.v1.callers-in', claims, ({ callers }) => [callers.namespace]);
  const groups = graph.distinct('translate.v1.caller-groups', claims, ({ callers }) => [[callersKey(callers), callers]]);
  const hostsOf = selectedHosts(graph, inputs, external);

  const sidecars = graph.derive<Callers, Translation>(
    'translate.v1.sidecars',
    groups,
    (callers, id, read) => {
      const settings = read.get(inputs.settings, 'settings');
      if (settings === undefined) return [];
      const near = new Set([callers.namespace, '']);
      const all = [...near].flatMap((namespace) => [...read.lookup(claimsIn, namespace)].map((key) => read.get(claims, key)!));
      const wanted = new Set(all.filter((claim) => isAmong(callers, claim.callers)).map(({ dependency }) => dependency));
      const mine = [...wanted].map((key) => read.get(dependencies, key)!);
      const made = sidecarOf(callers, mine, (selectors) => hostsOf(read, selectors), settings);
      return made === undefined ? [] : [[id, { objects: [made], issues: [] }]];
    },
    structural,
  );
  const empty = graph.derive<Dependency, Translation>(
    'translate.v1.empty-dependencies',
    dependencies,
    (dependency, id, read) =>
      isOnEverything(dependency) || hostsOf(read, dependency.spec.destinationSelectors ?? []).length > 0
        ? []
        : [[id, { objects: [], issues: [dependsOnNothing(dependency)] }]],
    structural,
  );
  return [sidecars, empty];
}

/** Hosts of the external services and Kubernetes Services that selectors take. */
function selectedHosts(graph: Graph, inputs: TranslateInputs, external: Collection<ExternalDestination>) {
  const externalAt = graph.index('translate.v1.dependable', external, placesFor);
  const servicesIn = graph.index('translate.v1.services-in', inputs.services, ({ key }) => [ALL, key.namespace]);

  return (read: Read, selectors: readonly DestinationSelectorV1[]): readonly string[] => {
    const settings = read.get(inputs.settings, 'settings');
    if (settings === undefined) return [];
    const near = new Set(placesOf(selectors).flatMap((place) => [...read.lookup(externalAt, place)]));
    const destinations = [...near]
      .map((id) => read.get(external, id)!)
      .filter((destination) => selectsExternal(selectors, destination))
      .sort(byAge);
    const services = selectors.flatMap(({ kubeServiceMatcher: matcher, kubeServiceRefs: refs }) => {
      const named = (refs?.services ?? []).filter(
        ({ clusterName = '' }) => clusterName === '' || clusterName === settings.cluster,
      );
      const ids = named.map(({ name = '', namespace = '' }) => objectId({ kind: 'Service', namespace, name }));
      const places = matcher === undefined || !inCluster(matcher.clusters, settings.cluster) ? [] : (matcher.namespaces ?? [ALL]);
      const matched = places
        .flatMap((place) => [...read.lookup(servicesIn, place)])
        .filter((id) => fits(matcher ?? {}, read.get(inputs.services, id)!.key.namespace, read.get(inputs.services, id)!.labels));
      return [...ids.filter((id) => read.get(inputs.services, id) !== undefined), ...matched];
    });
    const own = services.map((id) => {
      const { name, namespace } = read.get(inputs.services, id)!.key;
      return `${name}.${namespace}.svc.${settings.clusterDomain}`;
    });
    return [...new Set([...destinations.flatMap(({ spec }) => spec.externalService.hosts ?? []), ...own])].sort(compareText);
  };
}

/** Namespaces that are declared, or that some workload is in, sorted. */
function knownNamespaces(graph: Graph, inputs: TranslateInputs): (read: Read) => readonly string[] {
  const sources = [
    graph.distinct('translate.v1.namespaces', inputs.namespaces, ({ key }) => [[key.name, key.name]]),
    graph.distinct('translate.v1.pod-namespaces', inputs.pods, ({ key }) => [[key.namespace, key.namespace]]),
    graph.distinct('translate.v1.vm-namespaces', inputs.workloadEntries, ({ key }) => [[key.namespace, key.namespace]]),
  ];
  const indexes = sources.map((source) => graph.index(`${source.name}-all`, source, () => [ALL]));
  return (read) => [...new Set(indexes.flatMap((index) => [...read.lookup(index, ALL)]))].sort(compareText);
}

const ALL = '*';
