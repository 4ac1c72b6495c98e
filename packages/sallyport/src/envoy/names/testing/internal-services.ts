import { createGraph } from '../../../collection/index.ts';
import {
  type Endpoint,
  type EndpointPool,
  facetKey,
  type Protocol,
  type ProxyClass,
  type ProxyFacet,
  poolKey,
  type Service,
  serviceKey,
  type VisibleService,
  visibleKey,
} from '../../../model/index.ts';
import { sidecar } from '../../routes/testing/rows.ts';
import { nameTableOf } from '../at-once.ts';
import { type Line, linesOf } from './lines.ts';

/** A case of `names/name-table-services.json`: services as istiod has them inside, after all conversion. */
export interface InternalCase {
  readonly source: string;
  readonly multiClusterHeadless: boolean;
  readonly proxy: {
    readonly dnsDomain: string;
    readonly ips: readonly string[];
    readonly network?: string;
    readonly cluster?: string;
  };
  readonly services: readonly InternalService[];
  readonly expect: Readonly<Record<string, Line>>;
}

interface InternalService {
  readonly address: string;
  readonly clusterVIPs?: Readonly<Record<string, readonly string[]>>;
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
  readonly ports: readonly { readonly name: string; readonly number: number; readonly protocol: string }[];
  readonly publishNotReady: boolean;
  readonly registry: 'Kubernetes' | 'External';
  readonly resolution: 'NONE' | 'ClientSide';
  readonly endpoints?: readonly InternalEndpoint[];
}

interface InternalEndpoint {
  readonly addresses: readonly string[];
  readonly cluster: string;
  readonly health: Endpoint['health'];
  readonly hostname: string;
  readonly network: string;
  readonly port: number;
  readonly servicePort: string;
  readonly subdomain: string;
}

/** The name table that the rows of a case give. */
export function tableOfCase(vector: InternalCase): Readonly<Record<string, Line>> {
  const graph = createGraph();
  const rows = {
    visible: graph.input<VisibleService>('visible'),
    services: graph.input<Service>('services'),
    pools: graph.input<EndpointPool>('pools'),
  };
  const proxies = classOfCase(vector);
  graph.commit((tx) => {
    for (const [index, internal] of vector.services.entries()) {
      const service = serviceOf(internal, index, proxies.facet.clusterId);
      const at = { class: proxies.id, egress: 0, service: service.key };
      tx.set(rows.services, service.key, service);
      const portNumbers = service.ports.map(({ number }) => number);
      tx.set(rows.visible, visibleKey(at), { ...at, host: service.host, portNumbers, rank: 1 });
    }
    for (const pool of poolsOf(vector.services)) tx.set(rows.pools, poolKey(pool), pool);
  });
  return linesOf(nameTableOf(proxies, rows, vector.multiClusterHeadless).bytes);
}

function classOfCase({ proxy }: InternalCase): ProxyClass {
  const [namespace = ''] = proxy.dnsDomain.split('.');
  const base = sidecar({ namespace, dnsDomain: proxy.dnsDomain, traits: { dnsCapture: true } });
  const [four, six] = [proxy.ips.some((ip) => !ip.includes(':')), proxy.ips.some((ip) => ip.includes(':'))];
  const ipFamilies = four && six ? 'dual' : six ? 'v6' : 'v4';
  const facet: ProxyFacet = { ...base.facet, ipFamilies, network: proxy.network ?? '', clusterId: proxy.cluster ?? '' };
  return { ...base, facet, facetKey: facetKey(facet) };
}

/** Istio has a service for each address of an object; their place in the list stands in for their age. */
function serviceOf(internal: InternalService, index: number, cluster: string): Service {
  const { host, name, namespace, publishNotReady } = internal;
  const registry = internal.registry === 'Kubernetes' ? 'kubernetes' : 'external';
  const declared = internal.clusterVIPs?.[cluster] ?? [internal.address];
  return {
    key: serviceKey(registry, namespace, `${name}-${index}`, host),
    host,
    namespace,
    name,
    registry,
    createdAt: index,
    addresses: declared.filter((address) => address !== '0.0.0.0'),
    autoAddresses: [],
    ports: internal.ports.map((port) => ({ ...port, protocol: port.protocol.toLowerCase() as Protocol })),
    location: 'internal',
    resolution: internal.resolution === 'NONE' ? 'none' : 'static',
    raceConnect: false,
    exportTo: { kind: 'public' },
    labels: {},
    subjectAltNames: [],
    headless: registry === 'kubernetes' && internal.resolution === 'NONE',
    publishNotReady,
    from: { kind: registry === 'kubernetes' ? 'Service' : 'ServiceEntry', namespace, name },
  };
}

function poolsOf(services: readonly InternalService[]): readonly EndpointPool[] {
  return [...Map.groupBy(services, poolKey).values()].map((group) => {
    const { namespace, host } = group[0]!;
    return { namespace, host, endpoints: group.flatMap(endpointsOf) };
  });
}

function endpointsOf({ endpoints = [], ports, namespace, name }: InternalService): readonly Endpoint[] {
  return endpoints.flatMap(({ addresses, cluster, servicePort, ...given }) =>
    addresses.map((value) => ({
      ...given,
      address: { kind: 'ip', value } as const,
      servicePort: { name: servicePort, number: ports.find((port) => port.name === servicePort)!.number },
      labels: {},
      locality: { region: '', zone: '', subZone: '' },
      weight: 1,
      identity: '',
      tlsMode: 'disabled',
      workload: { workload: '', namespace, canonicalName: '', canonicalRevision: '', cluster },
      origin: 'slice' as const,
      from: { kind: 'EndpointSlice', namespace, name },
    })),
  );
}
