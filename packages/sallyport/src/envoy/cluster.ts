import { create } from '@bufbuild/protobuf';
import {
  type Cluster_EdsClusterConfig,
  Cluster_EdsClusterConfigSchema,
  type Cluster_TransportSocketMatch,
  Cluster_TransportSocketMatchSchema,
  ClusterSchema,
} from '@sallyport/apis/cluster';
import { ApiVersion, type ConfigSource, ConfigSourceSchema, type TransportSocket } from '@sallyport/apis/core';
import type { Endpoint, EndpointPool, PeerMode, ProxyFacet, Resource, Rule, Service } from '../model/index.ts';
import { compareText } from '../model/index.ts';
import { clusterMetadata } from './cluster-metadata.ts';
import type { ClusterSpec } from './cluster-plan.ts';
import { type EffectivePolicy, effectivePolicy, endpointTls } from './cluster-policy.ts';
import type { PoolFacts } from './cluster-pool.ts';
import { type ClusterMesh, upstreamOptions } from './cluster-settings.ts';
import { PLAINTEXT_SOCKET, tlsSocket, withProxyProtocol } from './cluster-tls-context.ts';
import { countsAsInsecure, dynamicDnsCluster } from './dynamic-dns.ts';
import { dynamicName } from './dynamic-name.ts';
import { durationOf, encode, type Fields, resourceOf } from './encode.ts';
import { inlineEndpoints, localities } from './endpoints.ts';
import { localityPlan } from './locality.ts';
import { dnatSni, statName } from './names.ts';
import { upstreamHttp } from './protocol-options.ts';
import {
  automaticUpstream,
  type RuledTls,
  ruledTls,
  ruledUpstream,
  tlsFromHost,
  triesMutualTls,
  type UpstreamTls,
} from './upstream-tls.ts';

/** All that one cluster is made from. */
export interface ClusterParts {
  readonly spec: ClusterSpec;
  readonly service: Service;
  readonly rule: Rule | undefined;
  readonly facet: ProxyFacet;
  readonly mesh: ClusterMesh;
  readonly facts: PoolFacts | undefined;
  /** What PeerAuthentication says of an endpoint's workload at its port, or of the service's namespace; looked up where it matters. */
  readonly mode: (endpoint?: Endpoint) => PeerMode;
  /** Read for DNS clusters only: their endpoints are inside. */
  readonly pool: EndpointPool | undefined;
  /** The other half, encoded: `clusterSettings` of the same spec. */
  readonly settings: Uint8Array;
}

type ClusterInit = Fields<typeof ClusterSchema>;

/** The cluster of one port or subset of a service: the shared settings, followed by what is its own. */
export function outboundClusterResource(parts: ClusterParts): Resource {
  const own = encode(ClusterSchema, ownFields(parts));
  const bytes = new Uint8Array(parts.settings.length + own.length);
  bytes.set(parts.settings);
  bytes.set(own, parts.settings.length);
  return resourceOf('cluster', parts.spec.name, bytes);
}

/** The fields that `clusterSettings` does not set: name, metadata, TLS, and where endpoints come from. */
export function ownFields(parts: ClusterParts): ClusterInit {
  const { spec, service, rule, mesh } = parts;
  const policy = effectivePolicy(rule, spec.subset, spec.port.number, mesh);
  return {
    name: spec.name,
    altStatName: statName(spec.name),
    metadata: clusterMetadata(spec, service, rule, policy),
    ...(!spec.policy.sniDnat && sockets(parts, policy)),
    ...endpointSource(parts, policy),
  };
}

const adsForever: ConfigSource = create(ConfigSourceSchema, {
  configSourceSpecifier: { case: 'ads', value: {} },
  initialFetchTimeout: durationOf('0s'),
  resourceApiVersion: ApiVersion.V3,
});

function endpointSource(parts: ClusterParts, policy: EffectivePolicy): ClusterInit {
  switch (parts.spec.policy.discovery) {
    case 'eds':
    case 'resolved-strict-dns':
    case 'resolved-logical-dns':
      return { edsClusterConfig: edsConfig(parts.spec.name) };
    case 'strict-dns':
    case 'logical-dns':
      return dnsEndpoints(parts, policy);
    case 'dynamic-dns':
      return lookedUpLater(parts, policy);
    case 'original-dst':
      return {};
  }
}

function lookedUpLater(parts: ClusterParts, policy: EffectivePolicy): ClusterInit {
  const { spec, service, facet, mesh } = parts;
  const tls = ruledOf(parts, policy);
  const options = upstreamOptions(spec.policy, policy, tls, facet, mesh);
  return dynamicDnsCluster(dynamicName(service) ?? service.host, facet, mesh, countsAsInsecure(options, tlsFromHost(tls, true)));
}

function edsConfig(serviceName: string): Cluster_EdsClusterConfig {
  return create(Cluster_EdsClusterConfigSchema, { serviceName, edsConfig: adsForever });
}

/** Envoy refuses a LOGICAL_DNS cluster of more than one endpoint: the first is taken (spec/istio.md 1.5). */
function dnsEndpoints({ spec, service, rule, facet, mesh, pool, mode }: ClusterParts, policy: EffectivePolicy): ClusterInit {
  const labels = rule?.subsets.find(({ name }) => name === spec.subset)?.labels;
  const all = inlineEndpoints(pool?.endpoints ?? [], spec.port.number, labels);
  const used = spec.policy.discovery === 'logical-dns' ? all.slice(0, 1) : all;
  const plan = localityPlan(policy.loadBalancer, policy.outlierDetection !== undefined, service, mesh);
  const tls = endpointTls(rule, spec.subset, spec.port.number);
  const choice = { tls, plan, facet, mode, mutualOnly: spec.policy.sniDnat };
  return { loadAssignment: { clusterName: spec.name, endpoints: localities(used, choice) } };
}

/**
 * Plain text, TLS, or one of both by endpoint. A PROXY header is put around whatever it is.
 */
function sockets(parts: ClusterParts, policy: EffectivePolicy): ClusterInit {
  const { spec, facet, mesh } = parts;
  const http2 = upstreamHttp(spec.port.protocol, facet.role, policy.connectionPool?.http, mesh) === 'http2';
  const wrap = (socket: TransportSocket) => withProxyProtocol(policy.proxyProtocol, socket);
  const { tls, automatic } = upstream(parts, policy);
  if (tls === undefined) return policy.proxyProtocol === undefined ? {} : { transportSocket: wrap(PLAINTEXT_SOCKET) };
  const socket = wrap(tlsSocket(tls, http2, mesh));
  const byEndpoint = automatic && spec.policy.discovery !== 'original-dst';
  return byEndpoint ? { transportSocketMatches: eitherWay(socket, wrap(PLAINTEXT_SOCKET)) } : { transportSocket: socket };
}

function eitherWay(mutual: TransportSocket, plaintext: TransportSocket): Cluster_TransportSocketMatch[] {
  return [
    create(Cluster_TransportSocketMatchSchema, {
      name: 'tlsMode-istio',
      match: { tlsMode: 'istio' },
      transportSocket: mutual,
    }),
    create(Cluster_TransportSocketMatchSchema, { name: 'tlsMode-disabled', match: {}, transportSocket: plaintext }),
  ];
}

function upstream(parts: ClusterParts, policy: EffectivePolicy): { tls?: UpstreamTls | undefined; automatic: boolean } {
  const { spec, service, facet, mesh, facts, mode } = parts;
  const known = () => ({
    registry: service.registry,
    sni: spec.policy.discovery === 'dynamic-dns' ? '' : dnatSni(service.host, spec.port.number, spec.subset),
    identities: identitiesOf(service, facts, mesh),
  });
  const ruled = ruledOf(parts, policy);
  if (ruled !== undefined) return { tls: ruledUpstream(ruled, known()), automatic: false };
  const blind = service.resolution === 'none' || asksForPassthrough(parts);
  const port = facts?.ports.find((p) => p.port === spec.port.number);
  if (spec.policy.discovery === 'dynamic-dns' || !triesMutualTls({ service, facet, mesh, blind, port, mode }))
    return { automatic: false };
  // A proxy with certificates of its own has nothing to choose from: it offers them to every endpoint, as in Istio.
  return { tls: automaticUpstream(facet, known()), automatic: facet.clientCertificates === undefined };
}

/** The words of the subset itself, or of the whole rule for the host as a whole: not those of a port, nor what a subset takes over. */
function asksForPassthrough({ rule, spec: { subset } }: ClusterParts): boolean {
  const asking = subset === '' ? rule : rule?.subsets.find(({ name }) => name === subset);
  return asking?.trafficPolicy?.loadBalancer?.simple === 'PASSTHROUGH';
}

function ruledOf({ service, rule, facet }: ClusterParts, { tls }: EffectivePolicy): RuledTls | undefined {
  const external = service.location === 'external';
  return tls && ruledTls(tls, { facet, external, selected: rule?.selector !== undefined });
}

/** Who may answer for a service: the names it declares and the identities of its endpoints, under every name of the trust domain. */
function identitiesOf(service: Service, facts: PoolFacts | undefined, mesh: ClusterMesh): readonly string[] {
  const found = new Set([...service.subjectAltNames, ...(facts?.identities ?? [])]);
  for (const identity of [...found]) {
    const path = /^spiffe:\/\/[^/]+(\/.*)$/.exec(identity)?.[1];
    if (path !== undefined) for (const alias of mesh.trustDomainAliases) found.add(`spiffe://${alias}${path}`);
  }
  return [...found].sort(compareText);
}
