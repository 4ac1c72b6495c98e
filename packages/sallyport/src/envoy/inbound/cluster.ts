import { Cluster_DiscoveryType, Cluster_LbPolicy, ClusterSchema } from '@sallyport/apis/cluster';
import { contentHash } from '../../lib/hash.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { ConnectionPool, MeshConfig, Protocol, ProxyFacet, Resource, ServedPort } from '../../model/index.ts';
import { circuitBreakers, connectionOptions, connectTimeout } from '../connection-pool.ts';
import { type Fields, resource } from '../encode.ts';
import { addressOf } from '../listeners/plan.ts';
import { inboundCluster, statName } from '../names.ts';
import { protocolOptions, upstreamHttp } from '../protocol-options.ts';
import { loopGuard } from '../static-clusters.ts';
import { destinationOf, type InboundDestination } from './destination.ts';
import type { InboundFacts } from './facts.ts';

/** The way to the workload's port as plain values: classes with the same share the cluster. All of it is in `key`. */
export interface InboundClusterSpec {
  readonly key: string;
  readonly name: string;
  readonly protocol: Protocol;
  readonly services: ServedPort['services'];
  /** The path of the DestinationRule, for the cluster's metadata. */
  readonly rule: string | undefined;
  readonly connectionPool: ConnectionPool | undefined;
  readonly destination: InboundDestination;
  readonly families: ProxyFacet['ipFamilies'];
  /** Of a proxy with both, both are used (mesh option `sallyport.dualStack`). */
  readonly bothFamilies: boolean;
}

/** The limits of the service's DestinationRule or of the mesh, and the rule's path if it says anything of calls. */
export interface Ruled {
  readonly connectionPool: ConnectionPool | undefined;
  readonly by: string | undefined;
}

/** A Sidecar's limits come before those of rules (spec/istio.md 4.11). */
export function inboundClusterSpec(served: ServedPort, ruled: Ruled, facts: InboundFacts): InboundClusterSpec {
  const content = {
    name: inboundCluster(served.target),
    protocol: served.protocol,
    services: served.services,
    // Where no service is named there is no metadata that could name the rule.
    rule: served.services.length === 0 ? undefined : ruled.by,
    connectionPool: served.connectionPool ?? ruled.connectionPool,
    destination: destinationOf(served, facts),
    families: facts.families,
    bothFamilies: facts.chains.http.dualStack,
  };
  return { key: `${content.name}\n${contentHash(canonicalJson(content))}`, ...content };
}

type ClusterInit = Fields<typeof ClusterSchema>;
/** How long the host of a connection that is over is remembered: for ever, it is always the same one. */
const NEVER = { seconds: 9_223_372_035n };

/** The cluster (spec/istio.md 10.4). Of a rule it takes the limits alone. */
export function inboundClusterResource(
  spec: InboundClusterSpec,
  mesh: Pick<MeshConfig, 'connectTimeout' | 'tcpKeepalive'>,
): Resource {
  const { name, connectionPool: pool, protocol, services } = spec;
  const client = pool?.http?.useClientProtocol;
  const http = upstreamHttp(protocol, 'sidecar', client === undefined ? {} : { useClientProtocol: client }, STAY);
  return resource('cluster', name, ClusterSchema, {
    name,
    altStatName: statName(name),
    ...(services.length > 0 && { metadata: metadataOf(spec) }),
    commonLbConfig: {},
    connectTimeout: connectTimeout(pool, mesh),
    circuitBreakers: circuitBreakers(pool, undefined),
    upstreamConnectionOptions: connectionOptions(pool, mesh),
    typedExtensionProtocolOptions: protocolOptions({ http, pool }),
    ...towards(spec),
  });
}

function metadataOf({ services, rule }: InboundClusterSpec) {
  const istio = { services: services.map((service) => ({ ...service })), ...(rule !== undefined && { config: rule }) };
  return { filterMetadata: { istio } };
}

/** Upgrades to HTTP/2 are for clients: the workload is spoken to as it was called. */
const STAY = { h2UpgradePolicy: 'DO_NOT_UPGRADE' } as const;

function towards({ name, destination, families, bothFamilies }: InboundClusterSpec): ClusterInit {
  if (destination.kind === 'original')
    return {
      clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.ORIGINAL_DST },
      lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
      cleanupInterval: NEVER,
      upstreamBindConfig: loopGuard({ ipFamilies: families }, bothFamilies),
    };
  const { address, port } = destination;
  const endpoint = { hostIdentifier: { case: 'endpoint', value: { address: addressOf(address, port) } } as const };
  return {
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STATIC },
    loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [endpoint] }] },
    // The loopback address is not captured.
    ...(destination.kind !== 'loopback' && { upstreamBindConfig: loopGuard({ ipFamilies: families }, bothFamilies) }),
  };
}
