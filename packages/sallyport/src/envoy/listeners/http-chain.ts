import type { MessageInitShape } from '@bufbuild/protobuf';
import { ApiVersion } from '@sallyport/apis/core';
import { HttpConnectionManagerSchema } from '@sallyport/apis/http';
import { type FilterChainMatchSchema, FilterChainSchema } from '@sallyport/apis/listener';
import type { RouteConfigurationSchema } from '@sallyport/apis/route';
import { anyOf, encode, type Fields } from '../encode.ts';
import { ALLOW_ANY_DYNAMIC_DNS, statName } from '../names.ts';
import { connectionManager, http1Options } from './connection-manager.ts';
import type { HttpFacts } from './facts.ts';
import { PLAINTEXT_HTTP } from './match.ts';
import { CONNECT_TIMEOUT } from './tcp-chain.ts';

/** A filter chain with a connection manager as plain values: chains with the same are encoded once. */
export interface HttpChainSpec {
  readonly listener: string;
  /** Name of the route configuration, or that of unknown hosts, which stands in the listener. */
  readonly routes: { readonly name: string } | 'unknown-hosts';
  /**
   * `plaintext`: takes what the inspector finds to be HTTP and not TLS. `inspected`: does not look at TLS.
   * `everything`: the chain has no match.
   */
  readonly takes: 'plaintext' | 'inspected' | 'everything';
  readonly grpcWeb: boolean;
  readonly dynamicHosts: readonly string[];
  /** Clients speak to the proxy as a proxy: `GET http://host/path`. */
  readonly absoluteUrl: boolean;
  readonly facts: HttpFacts;
}

/** Text that two specs share if and only if they make the same chain. */
export function httpChainKey({ facts, ...rest }: HttpChainSpec): string {
  return `${facts.key} ${JSON.stringify(rest)}`;
}

/** The bytes of the chain. */
export function httpChain(spec: HttpChainSpec): Uint8Array {
  const filterChainMatch = matchOf(spec.takes);
  const typedConfig = anyOf(HttpConnectionManagerSchema, outboundManager(spec));
  return encode(FilterChainSchema, {
    ...(spec.routes === 'unknown-hosts' && { name: `${spec.listener}-catchall-tcp-http` }),
    ...(filterChainMatch && { filterChainMatch }),
    filters: [{ name: 'envoy.filters.network.http_connection_manager', configType: { case: 'typedConfig', value: typedConfig } }],
    ...(spec.routes !== 'unknown-hosts' && { transportSocketConnectTimeout: CONNECT_TIMEOUT }),
  });
}

function matchOf(takes: HttpChainSpec['takes']): MessageInitShape<typeof FilterChainMatchSchema> | undefined {
  if (takes === 'everything') return undefined;
  const applicationProtocols = [...PLAINTEXT_HTTP];
  return takes === 'plaintext' ? { transportProtocol: 'raw_buffer', applicationProtocols } : { applicationProtocols };
}

/** The connection manager of a sidecar's outbound listener (spec/istio.md 10.1). */
function outboundManager(spec: HttpChainSpec): Fields<typeof HttpConnectionManagerSchema> {
  const { facts, listener, grpcWeb, dynamicHosts } = spec;
  return {
    ...connectionManager({ facts, listener, grpcWeb, dynamicHosts }),
    statPrefix: statName(`outbound_${listener}${spec.routes === 'unknown-hosts' ? `_${unknownHosts().name}` : ''}`),
    routeSpecifier:
      spec.routes === 'unknown-hosts'
        ? { case: 'routeConfig', value: unknownHosts() }
        : { case: 'rds', value: { configSource: ads(), routeConfigName: spec.routes.name } },
    ...(spec.absoluteUrl && { httpProtocolOptions: { allowAbsoluteUrl: true, ...http1Options(facts) } }),
  };
}

function ads() {
  return {
    configSourceSpecifier: { case: 'ads', value: {} },
    initialFetchTimeout: { seconds: 0n },
    resourceApiVersion: ApiVersion.V3,
  } as const;
}

/** Hosts that nobody declared, resolved by the proxy: mesh mode ALLOW_ANY_DYNAMIC_DNS (spec/istio.md 10.2). */
function unknownHosts() {
  const name = 'allow_any_dynamic_dns';
  const action = {
    clusterSpecifier: { case: 'cluster', value: ALLOW_ANY_DYNAMIC_DNS } as const,
    timeout: { seconds: 0n },
    maxGrpcTimeout: { seconds: 0n },
  };
  const route = {
    name,
    match: { pathSpecifier: { case: 'prefix', value: '/' } as const },
    action: { case: 'route', value: action } as const,
  };
  return {
    name,
    validateClusters: false,
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: 1048576,
    virtualHosts: [{ name, domains: ['*'], includeRequestAttemptCount: true, routes: [route] }],
  } satisfies MessageInitShape<typeof RouteConfigurationSchema>;
}
