import { contentHash } from '../../lib/hash.ts';
import { type ClassAuthorization, type HttpRetry, type MeshConfig, type ProxyClass, usableSuites } from '../../model/index.ts';
import { type AuthorizationFacts, authorizationFacts } from '../authorization/facts.ts';
import { furtherBinds, type HttpFacts, httpFactsOf, wildcardFor } from '../listeners/facts.ts';
import type { MutualTlsFacts } from './mutual-tls.ts';

/** What the inbound side of a class depends on beside what it serves. */
export interface InboundFacts {
  readonly class: string;
  readonly chains: ChainFacts;
  readonly bind: string;
  readonly furtherBinds: readonly string[];
  /** The proxy's first address, where it is known to matter. */
  readonly ownAddress: string | undefined;
  readonly addresses: readonly string[];
  readonly families: ProxyClass['facet']['ipFamilies'];
  readonly capture: 'none' | 'redirect' | 'tproxy';
  readonly capturePort: number;
  readonly detectionTimeout: string;
  readonly withoutIdentity: boolean;
  /** Sidecars may end TLS with certificates of their own (mesh option `sallyport.tlsOnSidecarIngress`). */
  readonly ownTls: boolean;
  /** Calls go to the loopback address instead of the one they were made to (mesh `inboundTrafficPolicy`). */
  readonly toLoopback: boolean;
}

/** What inbound chains depend on. `key` names the content. */
export interface ChainFacts {
  readonly key: string;
  readonly http: HttpFacts;
  readonly tls: MutualTlsFacts;
  /** Absent: everybody may call. */
  readonly authorization?: AuthorizationFacts;
  /** For TLS that Sidecars end themselves. */
  readonly tlsDefaults: NonNullable<MeshConfig['tlsDefaults']>;
  /** Of calls to the workload; absent: Istio's own. */
  readonly retries: HttpRetry | undefined;
}

/** Nothing for routers: what they take in is said by Gateways. */
export function inboundFactsOf(
  proxies: ProxyClass,
  mesh: MeshConfig,
  authorized: ClassAuthorization | undefined,
): InboundFacts | undefined {
  if (proxies.role !== 'sidecar') return undefined;
  const { traits, facet, ips } = proxies;
  const http = httpFactsOf(proxies, mesh, false);
  const tls = {
    trustDomains: [mesh.trustDomain, ...mesh.trustDomainAliases],
    cipherSuites: usableSuites(mesh.meshMtls?.cipherSuites),
    from13: mesh.meshMtls?.minProtocolVersion === 'TLSV1_3',
  };
  const tlsDefaults = mesh.tlsDefaults ?? {};
  const authorization = authorizationFacts(authorized, mesh);
  const retries = mesh.defaultInboundHttpRetryPolicy;
  const bind = wildcardFor(http);
  return {
    class: proxies.id,
    chains: {
      key: contentHash(http.key, JSON.stringify([tls, tlsDefaults, authorization, retries])),
      http,
      tls,
      tlsDefaults,
      retries,
      ...authorization,
    },
    bind,
    furtherBinds: furtherBinds(bind, http),
    ownAddress: ips[0],
    addresses: ips,
    families: facet.ipFamilies,
    capture: traits.interception === 'NONE' ? 'none' : traits.interception === 'TPROXY' ? 'tproxy' : 'redirect',
    capturePort: mesh.proxyInboundListenPort,
    detectionTimeout: mesh.protocolDetectionTimeout,
    withoutIdentity: facet.withoutIdentity === true,
    ownTls: mesh.sallyport.tlsOnSidecarIngress,
    toLoopback: mesh.inboundTrafficPolicy === 'LOCALHOST',
  };
}
