import { Cluster_DiscoveryType, Cluster_LbPolicy, ClusterSchema } from '@sallyport/apis/cluster';
import type { ClientTls, ConnectionPool, OutboundMode, ProxyFacet, Resource } from '../model/index.ts';
import type { Viewpoint } from './cluster-plan.ts';
import type { ClusterMesh } from './cluster-settings.ts';
import { tlsSocket } from './cluster-tls-context.ts';
import { circuitBreakers, connectionOptions, connectTimeout } from './connection-pool.ts';
import { lookupOf } from './dns-cache.ts';
import { allowAnyCluster, countsAsInsecure } from './dynamic-dns.ts';
import { type Fields, resource } from './encode.ts';
import { ALLOW_ANY_DYNAMIC_DNS, BLACK_HOLE, INBOUND_PASSTHROUGH, PASSTHROUGH, statName } from './names.ts';
import { protocolOptions, type TlsFromHost } from './protocol-options.ts';
import { ruledTls, ruledUpstream, tlsFromHost } from './upstream-tls.ts';

type ClusterInit = Fields<typeof ClusterSchema>;

/** A cluster that belongs to no service, shared by every class for which all of this is the same. All of it is in `key`. */
export interface StaticSpec {
  readonly key: string;
  readonly name: string;
  readonly facet: string;
  readonly dnsCapture: boolean;
}

/** The clusters without a service that a class has (spec/istio.md 10.4). `mode`: what happens to calls to unknown hosts. */
export function staticClusters(
  { core: facet, role }: Viewpoint,
  mode: OutboundMode | undefined,
  dnsCapture: boolean,
): readonly StaticSpec[] {
  const spec = (name: string): StaticSpec => ({ key: `${name} ${facet} ${dnsCapture}`, name, facet, dnsCapture });
  if (role === 'router') return [spec(BLACK_HOLE)];
  const names = [BLACK_HOLE, PASSTHROUGH, INBOUND_PASSTHROUGH];
  return (mode === 'ALLOW_ANY_DYNAMIC_DNS' ? [...names, ALLOW_ANY_DYNAMIC_DNS] : names).map(spec);
}

export function staticClusterResource(spec: StaticSpec, facet: ProxyFacet, mesh: ClusterMesh): Resource {
  return resource('cluster', spec.name, ClusterSchema, { name: spec.name, ...staticFields(spec, facet, mesh) });
}

function staticFields({ name, dnsCapture }: StaticSpec, facet: ProxyFacet, mesh: ClusterMesh): ClusterInit {
  switch (name) {
    case PASSTHROUGH:
      return { ...toOriginalDestination(mesh), altStatName: statName(PASSTHROUGH) };
    case INBOUND_PASSTHROUGH:
      // Counted together with its outbound sister, as in Istio.
      return { ...toOriginalDestination(mesh), altStatName: statName(PASSTHROUGH), upstreamBindConfig: loopGuard(facet, true) };
    case ALLOW_ANY_DYNAMIC_DNS:
      return allowAny(facet, dnsCapture, mesh);
    default:
      return {
        altStatName: statName(name),
        clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.STATIC },
        connectTimeout: connectTimeout(undefined, mesh),
      };
  }
}

/** What goes through without being known: no policy but limits, and both versions of HTTP as the caller speaks them. */
function throughPassing(mesh: ClusterMesh, pool: ConnectionPool | undefined, fromHost?: TlsFromHost) {
  return {
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    connectTimeout: connectTimeout(pool, mesh),
    circuitBreakers: circuitBreakers(pool, undefined),
    upstreamConnectionOptions: connectionOptions(pool, mesh),
    typedExtensionProtocolOptions: protocolOptions({
      http: 'downstream',
      idleTimeout: '300s',
      ...(fromHost !== undefined && { tlsFromHost: fromHost }),
    }),
  };
}

function toOriginalDestination(mesh: ClusterMesh): ClusterInit {
  return {
    ...throughPassing(mesh, mesh.defaultTrafficPolicy?.connectionPool),
    clusterDiscoveryType: { case: 'type', value: Cluster_DiscoveryType.ORIGINAL_DST },
  };
}

/** Calls to the workload itself come from this address, so that capture can tell them from the workload's own. */
export function loopGuard({ ipFamilies }: Pick<ProxyFacet, 'ipFamilies'>, both: boolean): ClusterInit['upstreamBindConfig'] {
  const from = (address: string) => ({ address, portSpecifier: { case: 'portValue', value: 0 } }) as const;
  const sourceAddress = from(ipFamilies === 'v6' ? '::6' : '127.0.0.6');
  return ipFamilies === 'dual' && both ? { sourceAddress, extraSourceAddresses: [{ address: from('::6') }] } : { sourceAddress };
}

/** Unknown hosts by name; TLS is originated if the mesh's policy says so. */
function allowAny(facet: ProxyFacet, dnsCapture: boolean, mesh: ClusterMesh): ClusterInit {
  const wanted = mesh.outboundTrafficPolicy.tls as ClientTls | undefined;
  const ruled = wanted && ruledTls(wanted, { facet, external: true, selected: true });
  const tls = ruled && ruledUpstream(ruled, { registry: 'external', sni: '', identities: [] });
  const fromHost = tlsFromHost(ruled, true);
  const lookup = lookupOf(facet, dnsCapture, mesh);
  const passing = throughPassing(mesh, undefined, fromHost);
  return {
    ...passing,
    altStatName: statName(ALLOW_ANY_DYNAMIC_DNS),
    ...allowAnyCluster(lookup, countsAsInsecure(passing.typedExtensionProtocolOptions, fromHost)),
    ...(tls !== undefined && { transportSocket: tlsSocket(tls, false, mesh) }),
  };
}
