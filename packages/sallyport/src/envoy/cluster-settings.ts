import { create } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import {
  CaresDnsResolverConfigSchema,
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  Cluster_OriginalDstLbConfigSchema,
  type ClusterSchema,
} from '@sallyport/apis/cluster';
import type { MeshConfig, ProxyFacet, Rule } from '../model/index.ts';
import type { Discovery, PolicySpec } from './cluster-plan.ts';
import { type EffectivePolicy, effectivePolicy } from './cluster-policy.ts';
import { circuitBreakers, connectionOptions, connectTimeout } from './connection-pool.ts';
import { lookupFamilyOf } from './dns-cache.ts';
import { anyOf, durationOf, type Fields } from './encode.ts';
import { balancing, commonBalancing } from './load-balancing.ts';
import { localityPlan } from './locality.ts';
import { outlierDetection } from './outlier-detection.ts';
import { protocolOptions, upstreamHttp } from './protocol-options.ts';
import { type RuledTls, ruledTls, tlsFromHost } from './upstream-tls.ts';

/** The mesh configuration as far as clusters and endpoints depend on it. */
export type ClusterMesh = Pick<
  MeshConfig,
  | 'connectTimeout'
  | 'dnsRefreshRate'
  | 'enableAutoMtls'
  | 'h2UpgradePolicy'
  | 'localityLbSetting'
  | 'zoneAwareLbSetting'
  | 'tcpKeepalive'
  | 'defaultTrafficPolicy'
  | 'tlsDefaults'
  | 'rootNamespace'
  | 'trustDomainAliases'
  | 'outboundTrafficPolicy'
  | 'sallyport'
>;

export function clusterMesh(mesh: MeshConfig): ClusterMesh {
  return {
    connectTimeout: mesh.connectTimeout,
    dnsRefreshRate: mesh.dnsRefreshRate,
    enableAutoMtls: mesh.enableAutoMtls,
    h2UpgradePolicy: mesh.h2UpgradePolicy,
    localityLbSetting: mesh.localityLbSetting,
    rootNamespace: mesh.rootNamespace,
    trustDomainAliases: mesh.trustDomainAliases,
    outboundTrafficPolicy: mesh.outboundTrafficPolicy,
    sallyport: mesh.sallyport,
    ...(mesh.zoneAwareLbSetting !== undefined && { zoneAwareLbSetting: mesh.zoneAwareLbSetting }),
    ...(mesh.tcpKeepalive !== undefined && { tcpKeepalive: mesh.tcpKeepalive }),
    ...(mesh.defaultTrafficPolicy !== undefined && { defaultTrafficPolicy: mesh.defaultTrafficPolicy }),
    ...(mesh.tlsDefaults !== undefined && { tlsDefaults: mesh.tlsDefaults }),
  };
}

type ClusterInit = Fields<typeof ClusterSchema>;

/**
 * The half of a cluster that does not depend on which service it is: limits, balancing, protocols, look-ups
 * (spec/istio.md 4.6, 10.4). The other half, of other fields, is in `cluster.ts`.
 */
export function clusterSettings(spec: PolicySpec, rule: Rule | undefined, facet: ProxyFacet, mesh: ClusterMesh): ClusterInit {
  const policy = effectivePolicy(rule, spec.subset, spec.port, mesh);
  const { connectionPool, outlierDetection: outlier } = policy;
  const selected = rule?.selector !== undefined;
  const begun = spec.sniDnat ? undefined : policy.tls;
  const tls = begun && ruledTls(begun, { facet, external: spec.external, selected });
  return {
    connectTimeout: connectTimeout(connectionPool, mesh),
    circuitBreakers: circuitBreakers(connectionPool, policy.retryBudget),
    upstreamConnectionOptions: connectionOptions(connectionPool, mesh),
    outlierDetection: outlierDetection(outlier),
    typedExtensionProtocolOptions: upstreamOptions(spec, policy, tls, facet, mesh),
    ...pickingOf(spec, policy),
    ...(spec.discovery !== 'dynamic-dns' && { commonLbConfig: weighing(spec, policy, mesh) }),
    ...discoveryFields(spec, facet, mesh),
  };
}

/** How the endpoints of a port are spoken to: empty when there is nothing to say. */
export function upstreamOptions(
  { protocol, guardedPort, discovery }: Pick<PolicySpec, 'protocol' | 'guardedPort' | 'discovery'>,
  { connectionPool: pool, outlierDetection: outlier }: EffectivePolicy,
  tls: RuledTls | undefined,
  facet: ProxyFacet,
  mesh: ClusterMesh,
): Record<string, Any> {
  const http = upstreamHttp(protocol, facet.role, pool?.http, mesh);
  const ports = guardedPort === undefined ? undefined : tls === undefined ? [guardedPort] : [guardedPort, HTTPS_PORT];
  return protocolOptions({ http, pool, outlier, tlsFromHost: tlsFromHost(tls, discovery === 'dynamic-dns'), ports });
}

/** Where Envoy calls a looked-up host over TLS, if its name says no port. */
const HTTPS_PORT = 443;

function pickingOf({ discovery, passthroughTarget }: PolicySpec, { loadBalancer }: EffectivePolicy) {
  if (discovery !== 'original-dst' && discovery !== 'dynamic-dns') return balancing(loadBalancer);
  const override = { upstreamPortOverride: passthroughTarget };
  return {
    lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED,
    ...(discovery === 'original-dst' &&
      passthroughTarget !== undefined && {
        lbConfig: {
          case: 'originalDstLbConfig' as const,
          value: create(Cluster_OriginalDstLbConfigSchema, override),
        },
      }),
  };
}

function weighing(spec: PolicySpec, policy: EffectivePolicy, mesh: ClusterMesh) {
  const plan = localityPlan(policy.loadBalancer, policy.outlierDetection !== undefined, spec, mesh);
  return commonBalancing(policy.outlierDetection, plan, spec);
}

const TYPES: Readonly<Record<Exclude<Discovery, 'dynamic-dns'>, Cluster_DiscoveryType>> = {
  eds: Cluster_DiscoveryType.EDS,
  'resolved-strict-dns': Cluster_DiscoveryType.EDS,
  'resolved-logical-dns': Cluster_DiscoveryType.EDS,
  'strict-dns': Cluster_DiscoveryType.STRICT_DNS,
  'logical-dns': Cluster_DiscoveryType.LOGICAL_DNS,
  'original-dst': Cluster_DiscoveryType.ORIGINAL_DST,
};

/** Bounds what one resolver may send over one socket. */
const RESOLVER = {
  name: 'envoy.network.dns_resolver.cares',
  typedConfig: anyOf(CaresDnsResolverConfigSchema, { udpMaxQueries: 100 }),
};
/** Spreads the look-ups of clusters that were made together. */
const JITTER = durationOf('0.1s');

function discoveryFields(spec: PolicySpec, facet: ProxyFacet, mesh: ClusterMesh): ClusterInit {
  if (spec.discovery === 'dynamic-dns') return {};
  const clusterDiscoveryType = { case: 'type' as const, value: TYPES[spec.discovery] };
  if (spec.discovery !== 'strict-dns' && spec.discovery !== 'logical-dns') return { clusterDiscoveryType };
  // A race is between addresses of both families.
  const dualStack = mesh.sallyport.dualStack || spec.raceConnect;
  const families = spec.raceConnect ? 'dual' : facet.ipFamilies;
  return {
    clusterDiscoveryType,
    dnsLookupFamily: lookupFamilyOf({ families, dualStack }),
    dnsRefreshRate: durationOf(mesh.dnsRefreshRate),
    dnsJitter: JITTER,
    respectDnsTtl: true,
    ...(facet.ownResolver !== true && { typedDnsResolverConfig: RESOLVER }),
  };
}
