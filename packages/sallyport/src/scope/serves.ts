import { compareText, type PlacedWorkload, type ProxyNode, poolKey, type Served, type Service } from '../model/index.ts';
import { isOwn, type Placed } from './placed.ts';

/** What is known of the place where a proxy stands. */
export interface ServesFacts {
  /** Pods and WorkloadEntries of the proxy's namespace that have its first address. */
  readonly workloads: readonly PlacedWorkload[];
  /** What stands at any of the proxy's addresses, in its own namespace. */
  readonly placed: readonly Placed[];
  /** Services of a pool. */
  readonly servicesOf: (pool: string) => readonly Service[];
  /** Kubernetes Services of the proxy's namespace that select these labels. */
  readonly selecting: (labels: Readonly<Record<string, string>>) => readonly Service[];
}

/**
 * The service ports that a proxy's workload stands behind (spec/istio.md 4.11, 12): ServiceEntries by address, Kubernetes
 * Services by what they select. A service of another namespace cannot claim a workload.
 */
export function servesOf(proxy: ProxyNode, facts: ServesFacts): readonly Served[] {
  const found = [...byAddress(facts), ...bySelection(proxy, facts)];
  const distinct = new Map(found.map((served) => [`${served.service}\n${served.port}\n${served.target}`, served]));
  return [...distinct].sort(([a], [b]) => compareText(a, b)).map(([, served]) => served);
}

function byAddress({ placed, servicesOf }: ServesFacts): Served[] {
  return placed.flatMap((row) =>
    servicesOf(poolKey(row))
      .filter(({ registry }) => registry === 'external')
      .flatMap((service) =>
        row.endpoints
          .filter((endpoint) => isOwn(endpoint, service) && hasPort(service, endpoint.servicePort.number))
          .map(({ servicePort, port }) => ({ service: service.key, port: servicePort.number, target: port })),
      ),
  );
}

function hasPort({ ports }: Service, number: number): boolean {
  return ports.some((port) => port.number === number);
}

/** A WorkloadEntry comes before a Pod; where the registry knows neither, the proxy's word counts. */
function bySelection(proxy: ProxyNode, facts: ServesFacts): Served[] {
  const sorted = facts.workloads.toSorted((a, b) => compareText(a.key.name, b.key.name));
  const entry = sorted.find(({ key }) => key.kind === 'WorkloadEntry');
  const pod = sorted.find(({ key }) => key.kind === 'Pod');
  // Members of a headless Service are called by address, and a WorkloadEntry is none of them.
  if (entry !== undefined)
    return targetsOf(
      facts.selecting(entry.labels).filter(({ headless }) => !headless),
      entry.ports,
      true,
    );
  if (pod === undefined) return targetsOf(facts.selecting(proxy.labels), podPorts(proxy.metadata['POD_PORTS']), false);
  const services = facts.selecting(pod.labels);
  return services.length > 0 ? targetsOf(services, pod.ports, false) : slicedAt(proxy, facts);
}

/** `byName`: the workload's own number for the service port's name comes first, as WorkloadEntries declare it. */
function targetsOf(services: readonly Service[], named: Readonly<Record<string, number>>, byName: boolean): Served[] {
  return services.flatMap((service) =>
    service.ports.flatMap(({ number, name, target = number }) => {
      const own = byName && typeof target === 'number' ? named[name] : undefined;
      const found = own ?? (typeof target === 'number' ? target : named[target]);
      return found === undefined ? [] : [{ service: service.key, port: number, target: found }];
    }),
  );
}

/** Services that select no workload like this one, but whose EndpointSlices, written by hand, have its first address. */
function slicedAt({ ips: [first] }: ProxyNode, { placed, servicesOf }: ServesFacts): Served[] {
  const here = placed.filter(({ address }) => address === first);
  return here.flatMap((row) =>
    servicesOf(poolKey(row))
      .filter(({ registry }) => registry === 'kubernetes')
      .flatMap((service) =>
        row.endpoints
          .filter(({ origin, servicePort }) => origin === 'slice' && hasPort(service, servicePort.number))
          .map(({ servicePort, port }) => ({ service: service.key, port: servicePort.number, target: port })),
      ),
  );
}

/** Container ports as the proxy's metadata lists them: a JSON list, or the list itself. */
function podPorts(given: unknown): Readonly<Record<string, number>> {
  const list = typeof given === 'string' ? parsed(given) : given;
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.flatMap((item: unknown) => {
      const { name, containerPort } = (item ?? {}) as { readonly name?: unknown; readonly containerPort?: unknown };
      return typeof name === 'string' && name !== '' && typeof containerPort === 'number' ? [[name, containerPort]] : [];
    }),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
