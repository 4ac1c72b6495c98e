import { create } from '@bufbuild/protobuf';
import { type Address, AddressSchema, HealthStatus } from '@sallyport/apis/core';
import {
  ClusterLoadAssignmentSchema,
  type EndpointSchema,
  type LbEndpoint,
  LbEndpointSchema,
  type LocalityLbEndpoints,
  LocalityLbEndpointsSchema,
} from '@sallyport/apis/endpoint';
import { selects } from '../lib/host.ts';
import type { ClientTls, Endpoint, Locality, PeerMode, Port, ProxyFacet, Resource } from '../model/index.ts';
import type { EffectivePolicy } from './cluster-policy.ts';
import { type Fields, resource } from './encode.ts';
import { type LocalityPlan, localityGroups } from './locality.ts';
import type { ResolvedNames } from './resolved-names.ts';

export interface EndpointChoice {
  readonly port: Port;
  /** Labels of the subset; empty or absent for all endpoints. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly policy: EffectivePolicy;
  /** As `endpointTls` has it. */
  readonly tls: ClientTls | undefined;
  readonly plan: LocalityPlan | undefined;
  readonly facet: ProxyFacet;
  /** What the endpoint's workload accepts at its port. */
  readonly mode: (endpoint: Endpoint) => PeerMode;
  /** The service prefers near endpoints: that some are unready is what tells callers to go farther. */
  readonly prefersNear?: boolean | undefined;
  /** Only endpoints on the proxy's node (spec/istio.md 4.10). */
  readonly nodeLocal?: boolean | undefined;
  /** Endpoints that do not end mesh TLS are left out: nobody may reach them around it through a gateway that opens no TLS. */
  readonly mutualOnly?: boolean | undefined;
}

/** The endpoints of one EDS cluster; without any the assignment is empty, not absent (spec/istio.md 1.5, 4.10). */
export function endpointAssignment(name: string, pool: readonly Endpoint[], choice: EndpointChoice): Resource {
  const endpoints = localities(pushed(pool, choice), choice);
  return resource('endpoints', name, ClusterLoadAssignmentSchema, { clusterName: name, endpoints });
}

/**
 * The endpoints of a cluster whose names the control plane looks up: those that a DNS cluster would have, with what was found in
 * the place of names. Weights are those of a DNS cluster, too: of an endpoint for each of its addresses, of a locality as
 * declared (docs/resolution.md).
 */
export function resolvedAssignment(
  name: string,
  endpoints: readonly Endpoint[],
  choice: Omit<EndpointChoice, 'labels' | 'port'>,
  names: ResolvedNames,
): Resource {
  const groups = localities(endpoints, choice, names);
  return resource('endpoints', name, ClusterLoadAssignmentSchema, { clusterName: name, endpoints: groups });
}

/** What a pushed set may hold: IP addresses and sockets; selected by the port's name. */
function pushed(pool: readonly Endpoint[], choice: EndpointChoice): readonly Endpoint[] {
  const { port, labels = {}, policy, facet, nodeLocal = false, prefersNear = false } = choice;
  // Unready endpoints are sent as such, except where the user wants panic mode, which would call them.
  const unready = prefersNear || (policy.outlierDetection?.minHealthPercent ?? 0) === 0;
  return pool.filter(
    (endpoint) =>
      endpoint.servicePort.name === port.name &&
      (endpoint.address.kind === 'ip' || endpoint.address.kind === 'unix') &&
      isPresent(endpoint) &&
      (!nodeLocal || (endpoint.node ?? '') === (facet.node ?? '')) &&
      (unready || endpoint.health !== 'unhealthy') &&
      selects(labels, endpoint.labels),
  );
}

/** The endpoints that stand inside a DNS cluster: names are allowed; selected by the port's number (spec/istio.md 1.4). */
export function inlineEndpoints(pool: readonly Endpoint[], port: number, labels: Readonly<Record<string, string>> = {}) {
  return pool.filter(
    (endpoint) => endpoint.servicePort.number === port && isDialable(endpoint) && selects(labels, endpoint.labels),
  );
}

/** Whether a DNS cluster could have this endpoint. */
export function isDialable(endpoint: Endpoint): boolean {
  return endpoint.address.kind !== 'none' && isPresent(endpoint);
}

function isPresent({ health }: Endpoint): boolean {
  return health !== 'terminating' && health !== 'draining';
}

/** Endpoints as Envoy wants them: by locality, with weights and priorities. */
export function localities(
  endpoints: readonly Endpoint[],
  { tls, plan, facet, mode, mutualOnly }: Pick<EndpointChoice, 'tls' | 'plan' | 'facet' | 'mode' | 'mutualOnly'>,
  names?: ResolvedNames,
): LocalityLbEndpoints[] {
  const used = mutualOnly ? endpoints.filter((one) => advertisedTls(one, tls, mode) !== undefined) : endpoints;
  return localityGroups(used, plan, facet).map((group) =>
    create(LocalityLbEndpointsSchema, {
      locality: localityOf(group.locality),
      loadBalancingWeight: group.weight,
      priority: group.priority,
      lbEndpoints: group.endpoints.flatMap((endpoint) => lbEndpoints(endpoint, tls, mode, names)),
    }),
  );
}

function localityOf({ region, zone, subZone }: Locality) {
  return { region, zone, subZone };
}

/** A name is so many endpoints as it has addresses, or one with the others behind it; its own name stays with each of them. */
function lbEndpoints(
  endpoint: Endpoint,
  tls: EndpointChoice['tls'],
  mode: EndpointChoice['mode'],
  names: ResolvedNames | undefined,
): readonly LbEndpoint[] {
  const { address } = endpoint;
  if (names === undefined || address.kind !== 'dns') return [lbEndpoint(endpoint, tls, mode)];
  const found = names.addressesOf(address.value).map((value) => ({ ...endpoint, address: { kind: 'ip' as const, value } }));
  const [first, ...others] = found;
  if (first === undefined) return [];
  const more = { hostname: address.value, additionalAddresses: others.map((other) => ({ address: addressOf(other) })) };
  if (names.use === 'first') return [lbEndpoint(first, tls, mode, more)];
  return found.map((one) => lbEndpoint(one, tls, mode, { hostname: address.value }));
}

function lbEndpoint(
  endpoint: Endpoint,
  tls: EndpointChoice['tls'],
  mode: EndpointChoice['mode'],
  more: Fields<typeof EndpointSchema> = {},
): LbEndpoint {
  const { workload, namespace, canonicalName, canonicalRevision, cluster } = endpoint.workload;
  const revision = canonicalRevision === 'latest' ? '' : canonicalRevision;
  const tlsMode = advertisedTls(endpoint, tls, mode);
  return create(LbEndpointSchema, {
    hostIdentifier: { case: 'endpoint', value: { address: addressOf(endpoint), ...more } },
    healthStatus: HEALTH[endpoint.health],
    loadBalancingWeight: endpoint.weight,
    metadata: {
      filterMetadata: {
        istio: { workload: [workload, namespace, canonicalName, revision, cluster].join(';') },
        ...(tlsMode !== undefined && { 'envoy.transport_socket_match': { tlsMode } }),
      },
    },
  });
}

const HEALTH: Readonly<Record<Endpoint['health'], HealthStatus>> = {
  unknown: HealthStatus.UNKNOWN,
  healthy: HealthStatus.HEALTHY,
  unhealthy: HealthStatus.UNHEALTHY,
  terminating: HealthStatus.UNHEALTHY,
  draining: HealthStatus.DRAINING,
};

/**
 * What the transport socket matches of the cluster go by: mutual TLS only with endpoints that can do it, and not where the
 * rule wants something else, nor, where no rule speaks, where PeerAuthentication turns it off (spec/istio.md 11, Per endpoint).
 */
function advertisedTls(endpoint: Endpoint, tls: EndpointChoice['tls'], mode: EndpointChoice['mode']): string | undefined {
  if (tls !== undefined && tls.mode !== 'ISTIO_MUTUAL') return undefined;
  if (endpoint.tlsMode === 'disabled' || endpoint.tlsMode === '') return undefined;
  if (tls === undefined && (endpoint.tlsMode !== 'istio' || mode(endpoint) === 'DISABLE')) return undefined;
  return endpoint.tlsMode;
}

function addressOf({ address, port }: Endpoint): Address {
  return create(AddressSchema, {
    address:
      address.kind === 'unix'
        ? { case: 'pipe', value: { path: address.value.replace(/^unix:\/\//, '') } }
        : {
            case: 'socketAddress',
            value: { address: address.value, portSpecifier: { case: 'portValue', value: port } },
          },
  });
}
