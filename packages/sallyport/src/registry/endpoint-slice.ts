import {
  type ConfigObject,
  compareText,
  type Endpoint,
  type EndpointSliceSpec,
  type KubernetesServiceSpec,
  type Service,
} from '../model/index.ts';
import type { Defaults } from './defaults.ts';
import { NO_LOCALITY } from './locality.ts';
import { addressOf, type Workload } from './workload.ts';

type Slice = ConfigObject<EndpointSliceSpec>;
type SliceEndpoint = NonNullable<EndpointSliceSpec['endpoints']>[number];

const SERVICE_NAME = 'kubernetes.io/service-name';

/** Where a slice stands in the index by Service: `namespace/name`, or nowhere. Slices of names are not read (spec/istio.md 12). */
export function servicePlaces(slice: Slice): readonly string[] {
  const name = slice.labels[SERVICE_NAME];
  return name === undefined || slice.spec.addressType === 'FQDN' ? [] : [`${slice.key.namespace}/${name}`];
}

/** How to find the Pod behind an address. */
export interface PodSearch {
  readonly byName: (namespace: string, name: string) => Workload | undefined;
  readonly byAddress: (namespace: string, address: string) => Workload | undefined;
}

/**
 * The endpoints that a Service's EndpointSlices give: ports are matched by name, the Service's targetPort plays no part,
 * and one address and port is taken once (spec/istio.md 12). Terminating endpoints are among them: they are never sent, but their identities
 * still answer for the service, and a headless one still listens for them.
 */
export function endpointsOfSlices(
  service: Service,
  slices: readonly Slice[],
  pods: PodSearch,
  defaults: Defaults,
): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of [...slices].sort((a, b) => compareText(a.key.name, b.key.name)))
    for (const endpoint of endpointsOfSlice(service, slice, pods, defaults)) {
      const place = `${endpoint.address.value}\n${endpoint.servicePort.name}`;
      if (!found.has(place)) found.set(place, endpoint);
    }
  return [...found.values()];
}

function* endpointsOfSlice(service: Service, slice: Slice, pods: PodSearch, defaults: Defaults): Generator<Endpoint> {
  for (const item of slice.spec.endpoints ?? []) {
    const health = healthOf(item);
    for (const address of item.addresses ?? []) {
      const facts = factsOf(item, slice, address, pods, defaults);
      if (facts === undefined) continue;
      for (const { name = '', port } of slice.spec.ports ?? []) {
        const servicePort = service.ports.find((p) => p.name === name);
        if (servicePort === undefined || port === undefined) continue;
        yield { ...facts, address: addressOf(address), health, port, servicePort: { name, number: servicePort.number } };
      }
    }
  }
}

/** Ready unless said otherwise; an endpoint that is not ready may be on its way out unless it is said that it is not. */
function healthOf({ conditions }: SliceEndpoint): Endpoint['health'] {
  if (conditions?.ready !== false) return 'healthy';
  return conditions.terminating === false ? 'unhealthy' : 'terminating';
}

/** What the Pod behind the address says of it. An address whose Pod is named but unknown is none of ours. */
function factsOf(
  item: SliceEndpoint,
  slice: Slice,
  address: string,
  pods: PodSearch,
  defaults: Defaults,
): Omit<Endpoint, 'address' | 'health' | 'port' | 'servicePort'> | undefined {
  const { namespace } = slice.key;
  const named = item.targetRef?.kind === 'Pod' && item.targetRef.name !== undefined ? item.targetRef.name : undefined;
  const pod = named === undefined ? pods.byAddress(namespace, address) : pods.byName(namespace, named);
  if (pod !== undefined) return { ...pod.endpoint, origin: 'slice', from: slice.key };
  if (named !== undefined) return undefined;
  return {
    labels: {},
    locality: NO_LOCALITY,
    network: '',
    weight: 1,
    identity: '',
    tlsMode: 'disabled',
    workload: { workload: '', namespace: '', canonicalName: '', canonicalRevision: '', cluster: defaults.clusterId },
    origin: 'slice',
    from: slice.key,
  };
}

/**
 * The endpoints that WorkloadEntries give to a Kubernetes Service which selects them: only addresses, and a named
 * target port must be among the entry's ports (spec/istio.md 1.4 and 12).
 */
export function endpointsOfSelectedEntries(spec: KubernetesServiceSpec, selected: readonly Workload[]): readonly Endpoint[] {
  return selected
    .filter((workload) => workload.endpoint.origin === 'workload-entry' && workload.endpoint.address.kind === 'ip')
    .flatMap((workload) =>
      (spec.ports ?? []).flatMap(({ name = '', port, targetPort }) => {
        const target = typeof targetPort === 'string' ? workload.ports[targetPort] : (workload.ports[name] ?? targetPort ?? port);
        if (target === undefined) return [];
        return [{ ...workload.endpoint, port: target, servicePort: { name, number: port }, from: workload.key }];
      }),
    );
}
