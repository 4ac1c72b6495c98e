import { type Collection, type Derive, type Graph, type Read, structural } from '../collection/index.ts';
import {
  byServiceAge,
  type EndpointPool,
  MESH,
  type MeshConfig,
  objectId,
  poolKey,
  type Routing,
  type Rule,
  type Service,
} from '../model/index.ts';
import { allocateLegacy, legacyNames, legacyOrder } from './allocate.ts';
import { DEFAULTS, type Defaults, defaultsFrom } from './defaults.ts';
import { delegates, mergeDelegates } from './delegate.ts';
import { mergeRules, ownRule } from './destination-rule.ts';
import { endpointsOfSelectedEntries, endpointsOfSlices, servicePlaces } from './endpoint-slice.ts';
import { byWorkloadKey, endpointsOfEntry, firstPerPort } from './endpoints.ts';
import { buildFindings } from './findings.ts';
import { serviceOfKubernetes } from './kubernetes-service.ts';
import { MESH_CONFIG_MAP, meshFrom } from './mesh.ts';
import { workloadOfPod } from './pod.ts';
import { servicesOfEntry } from './service-entry.ts';
import type { RegistryInputs, RegistryOutputs } from './types.ts';
import { expandRouting } from './virtual-service.ts';
import { selectedKeys, selectionPlaces } from './workload.ts';
import { workloadOfEntry } from './workload-entry.ts';

export type { RegistryInputs, RegistryOutputs, RegistrySettings } from './types.ts';

/**
 * From typed objects to services, endpoint pools, merged rules and routings (spec/istio.md 1.4, 2.5, 2.6, 12). Nothing is
 * there before `inputs.settings` has its row `settings`.
 */
export function buildRegistry(graph: Graph, inputs: RegistryInputs): RegistryOutputs {
  const { mesh, meshIssues, defaults } = buildMesh(graph, inputs);
  const withDefaults =
    <I, O>(fn: (row: I, d: Defaults, read: Read, key: string) => Iterable<readonly [string, O]>): Derive<I, O> =>
    (row, key, read) => {
      const d = read.get(defaults, DEFAULTS);
      return d === undefined ? [] : fn(row, d, read, key);
    };
  const services = buildServices(graph, inputs, withDefaults);
  const pooling = buildPools(graph, inputs, services, withDefaults);
  const ruling = buildRules(graph, inputs, withDefaults);
  const routing = buildRoutings(graph, inputs, withDefaults);
  const findings = buildFindings(graph, { inputs, services, ...pooling, ...ruling, ...routing });
  const { pools } = pooling;
  return { mesh, services, pools, rules: ruling.rules, routings: routing.routings, issues: [meshIssues, ...findings] };
}

type WithDefaults = <I, O>(fn: (row: I, d: Defaults, read: Read, key: string) => Iterable<readonly [string, O]>) => Derive<I, O>;

function buildMesh(graph: Graph, inputs: RegistryInputs) {
  const sources = graph.derive(
    'registry.mesh-sources',
    inputs.settings,
    ({ rootNamespace }, _, read) => {
      const configMap = objectId({ kind: 'ConfigMap', namespace: rootNamespace, name: MESH_CONFIG_MAP });
      const overlay = read.get(inputs.meshOverlay, MESH);
      return [[MESH, meshFrom({ rootNamespace, overlay, configMap: read.get(inputs.configMaps, configMap) })]];
    },
    structural,
  );
  const mesh: Collection<MeshConfig> = graph.derive('registry.mesh', sources, ({ value }) => [[MESH, value]], structural);
  const meshIssues = graph.derive(
    'registry.mesh-issues',
    sources,
    ({ issues }) => issues.map((issue, i) => [`${MESH}/${i}`, issue] as const),
    structural,
  );
  const defaults = graph.derive(
    'registry.defaults',
    inputs.settings,
    (settings, _, read) => {
      const row = read.get(mesh, MESH);
      return row === undefined ? [] : [[DEFAULTS, defaultsFrom(settings, row)]];
    },
    structural,
  );
  return { mesh, meshIssues, defaults };
}

function buildServices(graph: Graph, inputs: RegistryInputs, withDefaults: WithDefaults): Collection<Service> {
  const namespaceOf = (read: Read, name: string) =>
    read.get(inputs.namespaces, objectId({ kind: 'Namespace', namespace: '', name }));
  const eligible = graph.index('registry.legacy-eligible', inputs.serviceEntries, (entry) =>
    legacyNames(entry).length > 0 ? ['all'] : [],
  );
  const legacyAddresses = graph.derive(
    'registry.legacy-addresses',
    inputs.settings,
    ({ vip }, _, read) => {
      if (vip !== 'legacy') return [];
      const entries = [...read.lookup(eligible, 'all')].map((key) => read.get(inputs.serviceEntries, key)!);
      return allocateLegacy(legacyOrder(entries));
    },
    structural,
  );
  const external = graph.derive(
    'registry.external',
    inputs.serviceEntries,
    withDefaults((entry, defaults, read) =>
      servicesOfEntry(entry, {
        defaults,
        namespace: namespaceOf(read, entry.key.namespace),
        ...(defaults.vip === 'legacy' && { legacyAddresses: (place) => read.get(legacyAddresses, place) ?? [] }),
      }).map((service) => [service.key, service] as const),
    ),
    structural,
  );
  const kubernetes = graph.derive(
    'registry.kubernetes',
    inputs.services,
    withDefaults((object, defaults, read) => {
      const service = serviceOfKubernetes(object, defaults, namespaceOf(read, object.key.namespace));
      return [[service.key, service]];
    }),
    structural,
  );
  return graph.union('registry.services', external, kubernetes);
}

function buildPools(graph: Graph, inputs: RegistryInputs, services: Collection<Service>, withDefaults: WithDefaults) {
  const pods = graph.derive(
    'registry.pods',
    inputs.pods,
    withDefaults((pod, defaults, _, key) => [[key, workloadOfPod(pod, defaults)]]),
    structural,
  );
  const entries = graph.derive(
    'registry.workload-entries',
    inputs.workloadEntries,
    withDefaults((entry, defaults, _, key) => [[key, workloadOfEntry(entry, defaults)]]),
    structural,
  );
  const workloads = graph.union('registry.workloads', pods, entries);
  const selectable = graph.index('registry.workloads-by-label', workloads, selectionPlaces);
  const podsByAddress = graph.index('registry.pods-by-address', pods, (pod) =>
    pod.addresses.map((address) => `${pod.namespace}/${address}`),
  );
  const slices = graph.index('registry.slices-by-service', inputs.endpointSlices, servicePlaces);
  const servicesByPlace = graph.index('registry.services-by-place', services, (service) => [poolKey(service)]);
  const places = graph.distinct('registry.places', services, (service) => [
    [poolKey(service), { namespace: service.namespace, host: service.host }],
  ]);

  const selected = (read: Read, selector: Readonly<Record<string, string>> | undefined, namespace: string) =>
    selector === undefined
      ? []
      : selectedKeys(selector, namespace, (place) => read.lookup(selectable, place))
          .map((key) => read.get(workloads, key)!)
          .sort(byWorkloadKey);
  const podSearch = (read: Read) => ({
    byName: (namespace: string, name: string) => read.get(pods, objectId({ kind: 'Pod', namespace, name })),
    byAddress: (namespace: string, address: string) => {
      const [first] = [...read.lookup(podsByAddress, `${namespace}/${address}`)].sort();
      return first === undefined ? undefined : read.get(pods, first);
    },
  });
  const endpointsOf = (read: Read, service: Service, defaults: Defaults) => {
    const id = objectId(service.from);
    if (service.registry === 'external') {
      const entry = read.get(inputs.serviceEntries, id);
      const workloadsOfService = selected(read, service.selector, service.namespace);
      return entry === undefined ? [] : endpointsOfEntry(entry, service, workloadsOfService, defaults);
    }
    const object = read.get(inputs.services, id);
    if (object === undefined || service.aliasOf !== undefined) return [];
    const own = [...read.lookup(slices, `${service.namespace}/${service.name}`)].map(
      (key) => read.get(inputs.endpointSlices, key)!,
    );
    const selectedEntries = service.headless ? [] : selected(read, service.selector, service.namespace);
    return [
      ...endpointsOfSlices(service, own, podSearch(read), defaults),
      ...endpointsOfSelectedEntries(object.spec, selectedEntries),
    ];
  };
  const pools: Collection<EndpointPool> = graph.derive(
    'registry.pools',
    places,
    withDefaults((place, defaults, read, key) => {
      const rows = [...read.lookup(servicesByPlace, key)].map((service) => read.get(services, service)!).sort(byPoolOrder);
      const endpoints = rows.flatMap((service) => endpointsOf(read, service, defaults));
      const single = rows.some((service) => service.resolution === 'dns-round-robin');
      return [[key, { ...place, endpoints: single ? firstPerPort(endpoints) : endpoints }]];
    }),
    structural,
  );
  return { pools, places, servicesByPlace, selectable };
}

/** Endpoints of ServiceEntries stand before those of a Kubernetes Service, each in order of age. */
function byPoolOrder(a: Service, b: Service): number {
  return Number(a.registry === 'kubernetes') - Number(b.registry === 'kubernetes') || byServiceAge(a, b);
}

function buildRules(graph: Graph, inputs: RegistryInputs, withDefaults: WithDefaults) {
  const ownRules = graph.derive(
    'registry.own-rules',
    inputs.destinationRules,
    withDefaults((object, defaults, _, key) => [[key, ownRule(object, defaults)]]),
    structural,
  );
  const rulesByHost = graph.index('registry.rules-by-host', ownRules, (rule) => [`${rule.object.key.namespace}/${rule.host}`]);
  const ruleGroups = graph.distinct('registry.rule-groups', ownRules, (rule) => [
    [`${rule.object.key.namespace}/${rule.host}`, true as const],
  ]);
  const rules: Collection<Rule> = graph.derive(
    'registry.rules',
    ruleGroups,
    (_, group, read) =>
      mergeRules([...read.lookup(rulesByHost, group)].map((key) => read.get(ownRules, key)!)).map(
        (rule) => [rule.key, rule] as const,
      ),
    structural,
  );
  return { ownRules, rulesByHost, ruleGroups, rules };
}

function buildRoutings(graph: Graph, inputs: RegistryInputs, withDefaults: WithDefaults) {
  const expanded = graph.derive(
    'registry.expanded',
    inputs.virtualServices,
    withDefaults((object, defaults, _, key) => [[key, expandRouting(object, defaults)]]),
    structural,
  );
  const routings: Collection<Routing> = graph.derive(
    'registry.routings',
    expanded,
    (routing, key, read) => {
      if (routing.hosts.length === 0) return [];
      if (!delegates(routing)) return [[key, routing]];
      return [[key, mergeDelegates(routing, (delegate) => read.get(expanded, objectId(delegate))).routing]];
    },
    structural,
  );
  return { expanded, routings };
}
