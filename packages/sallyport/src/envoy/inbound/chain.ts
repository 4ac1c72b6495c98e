import type { MessageInitShape } from '@bufbuild/protobuf';
import { HttpConnectionManager_ForwardClientCertDetails as CertDetails, HttpConnectionManagerSchema } from '@sallyport/apis/http';
import { type FilterChainMatchSchema, FilterChainSchema, type FilterSchema } from '@sallyport/apis/listener';
import type { RouteConfigurationSchema } from '@sallyport/apis/route';
import { contentHash } from '../../lib/hash.ts';
import { canonicalJson } from '../../lib/json.ts';
import type { HttpRetry } from '../../model/index.ts';
import { tcpAuthorization } from '../authorization/filters.ts';
import { anyOf, encode, type Fields } from '../encode.ts';
import { serverSocket } from '../gateways/downstream-tls.ts';
import { connectionManager } from '../listeners/connection-manager.ts';
import { idleOf } from '../listeners/facts.ts';
import { tcpFilters } from '../listeners/tcp-chain.ts';
import { BLACK_HOLE, statName } from '../names.ts';
import { EVERYTHING } from '../routes/match.ts';
import { inboundRetryPolicy } from '../routes/retry.ts';
import type { InboundChain, InboundHttp, InboundMatch } from './chains.ts';
import type { ChainFacts } from './facts.ts';
import { mutualTls } from './mutual-tls.ts';

/** Text that two chains share if and only if they are made the same. */
export function inboundChainKey(chain: InboundChain, listener: string, facts: ChainFacts): string {
  return contentHash(canonicalJson(chain), listener, facts.key);
}

/** The bytes of a chain. `listener` is the name for its log. */
export function inboundChain(chain: InboundChain, listener: string, facts: ChainFacts): Uint8Array {
  const { name, config, match } = chain;
  return encode(FilterChainSchema, {
    name,
    ...(!isEmpty(match) && { filterChainMatch: matchOf(match) }),
    ...(config !== undefined && { metadata: { filterMetadata: { istio: { config } } } }),
    filters: chain.http === undefined ? carriedOn(chain, listener, facts) : [manager(chain, chain.http, listener, facts)],
    ...(chain.tls !== undefined && {
      transportSocket: chain.tls === 'mutual' ? mutualTls(facts.tls) : serverSocket(chain.tls, facts.tlsDefaults),
    }),
  });
}

function isEmpty({ port, transport, alpn }: InboundMatch): boolean {
  return port === undefined && transport === undefined && alpn.length === 0;
}

function matchOf({ port, transport, alpn }: InboundMatch): MessageInitShape<typeof FilterChainMatchSchema> {
  return {
    ...(port !== undefined && { destinationPort: port }),
    ...(transport !== undefined && { transportProtocol: transport }),
    applicationProtocols: [...alpn],
  };
}

function carriedOn({ cluster, mongo }: InboundChain, listener: string, { http, authorization }: ChainFacts) {
  const { logging } = http;
  const idle = cluster === BLACK_HOLE ? {} : idleOf(http);
  const filters = tcpFilters({ statPrefix: cluster, target: cluster, mongo, logging, listener, ...idle });
  // What leads nowhere needs no leave.
  return cluster === BLACK_HOLE ? filters : [...tcpAuthorization(authorization), ...filters];
}

/** The connection manager towards the workload (spec/istio.md 10.1): it passes on who the caller proved to be. */
function manager(
  { cluster }: InboundChain,
  http: InboundHttp,
  listener: string,
  { http: facts, authorization, retries }: ChainFacts,
): MessageInitShape<typeof FilterSchema> {
  const value: Fields<typeof HttpConnectionManagerSchema> = {
    ...connectionManager({ facts, listener, grpcWeb: http.grpcWeb, dynamicHosts: [], authorization }),
    statPrefix: statName(http.statPrefix),
    routeSpecifier: { case: 'routeConfig', value: routes(cluster, http, retries) },
    serverName: 'istio-envoy',
    forwardClientCertDetails: CertDetails.APPEND_FORWARD,
    setCurrentClientCertDetails: { subject: true, dns: true, uri: true },
    ...(http.http2 && { http2ProtocolOptions: {} }),
  };
  const typedConfig = { case: 'typedConfig', value: anyOf(HttpConnectionManagerSchema, value) } as const;
  return { name: 'envoy.filters.network.http_connection_manager', configType: typedConfig };
}

/** Every request goes to the workload, however long it takes (spec/istio.md 10.2). */
function routes(
  cluster: string,
  { host, port, retries }: InboundHttp,
  wanted: HttpRetry | undefined,
): MessageInitShape<typeof RouteConfigurationSchema> {
  const retryPolicy = retries ? inboundRetryPolicy(wanted) : undefined;
  const action = {
    clusterSpecifier: { case: 'cluster', value: cluster } as const,
    timeout: { seconds: 0n },
    maxStreamDuration: { maxStreamDuration: { seconds: 0n }, grpcTimeoutHeaderMax: { seconds: 0n } },
    ...(retryPolicy && { retryPolicy }),
  };
  const route = {
    name: 'default',
    match: EVERYTHING,
    decorator: { operation: `${host}:${port}/*` },
    action: { case: 'route', value: action } as const,
  };
  return {
    name: cluster,
    validateClusters: false,
    virtualHosts: [{ name: `inbound|http|${port}`, domains: ['*'], routes: [route] }],
  };
}
