import type { MessageInitShape } from '@bufbuild/protobuf';
import { type FilterChainMatchSchema, FilterChainSchema, type FilterSchema } from '@sallyport/apis/listener';
import { MongoProxySchema, SniDynamicForwardProxySchema, TcpProxySchema } from '@sallyport/apis/network';
import type { DurationText } from '../../model/index.ts';
import { dnsCacheOf, type Lookup } from '../dns-cache.ts';
import type { DynamicName } from '../dynamic-name.ts';
import { anyOf, durationOf, encode } from '../encode.ts';
import { type AccessLogging, loggersOf } from './access-log.ts';
import { type ChainMatch, matchMessage } from './match.ts';

/** How a TCP connection is carried on; plain values, from which the filters are made. */
export interface TcpSpec {
  readonly statPrefix: string;
  /** One cluster, or several of which each takes its weight. */
  readonly target: string | readonly { readonly cluster: string; readonly weight: number }[];
  readonly idleTimeout?: DurationText;
  readonly maxConnectionDuration?: DurationText;
  readonly hashSourceIp?: boolean;
  /** HTTP CONNECT (or POST) to a proxy that carries the bytes on (spec/istio.md 4.9). */
  readonly tunnel?: { readonly hostname: string; readonly usePost: boolean };
  readonly mongo?: boolean;
  /** The host is what the caller names in SNI; resolved through the cache of this wildcard (DYNAMIC_DNS). */
  readonly sniForward?: { readonly name: DynamicName; readonly port: number; readonly lookup: Lookup };
  readonly logging?: AccessLogging | undefined;
  /** Name of the listener, for the log. */
  readonly listener: string;
}

/** A filter chain for TCP as plain values. */
export interface TcpChainSpec {
  readonly name?: string;
  readonly match?: ChainMatch;
  /** `istio.config` metadata: the path of the object the chain comes from. */
  readonly config?: string;
  readonly tcp: TcpSpec;
}

type FilterInit = MessageInitShape<typeof FilterSchema>;
type FilterChainMatchInit = MessageInitShape<typeof FilterChainMatchSchema>;

/** `transport_socket_connect_timeout` of every chain made from a service (spec/istio.md 10.3). */
export const CONNECT_TIMEOUT = { seconds: 15n };

/** The bytes of a chain made from a service or a VirtualService. */
export function serviceChain(spec: TcpChainSpec): Uint8Array {
  return encodedChain(spec, spec.match && matchMessage(spec.match), CONNECT_TIMEOUT);
}

/** The bytes of a chain that belongs to the listener itself; these have no time-out (spec/istio.md 10.3). */
export function listenerChain(spec: TcpChainSpec, match: FilterChainMatchInit | undefined): Uint8Array {
  return encodedChain(spec, match, undefined);
}

function encodedChain(
  { name, config, tcp }: TcpChainSpec,
  filterChainMatch: FilterChainMatchInit | undefined,
  transportSocketConnectTimeout: typeof CONNECT_TIMEOUT | undefined,
): Uint8Array {
  return encode(FilterChainSchema, {
    ...(name !== undefined && { name }),
    ...(filterChainMatch && { filterChainMatch }),
    ...(config !== undefined && { metadata: { filterMetadata: { istio: { config } } } }),
    filters: tcpFilters(tcp),
    ...(transportSocketConnectTimeout && { transportSocketConnectTimeout }),
  });
}

/** Network filters in Istio's order: protocol filters, then the SNI forward proxy, last the TCP proxy (spec/istio.md 4.4). */
export function tcpFilters(spec: TcpSpec): FilterInit[] {
  const filters: FilterInit[] = [];
  if (spec.mongo)
    filters.push(filter('envoy.filters.network.mongo_proxy', anyOf(MongoProxySchema, { statPrefix: spec.statPrefix })));
  if (spec.sniForward !== undefined) {
    const { name, port, lookup } = spec.sniForward;
    const portSpecifier = { case: 'portValue', value: port } as const;
    const config = anyOf(SniDynamicForwardProxySchema, { dnsCacheConfig: dnsCacheOf(name, lookup), portSpecifier });
    filters.push(filter('envoy.extensions.filters.network.sni_dynamic_forward_proxy', config));
  }
  filters.push(filter('envoy.filters.network.tcp_proxy', anyOf(TcpProxySchema, tcpProxy(spec))));
  return filters;
}

function tcpProxy(spec: TcpSpec): MessageInitShape<typeof TcpProxySchema> {
  const { statPrefix, target, tunnel } = spec;
  const idleTimeout = durationOf(spec.idleTimeout);
  const maxDownstreamConnectionDuration = durationOf(spec.maxConnectionDuration);
  return {
    statPrefix,
    clusterSpecifier:
      typeof target === 'string'
        ? { case: 'cluster', value: target }
        : { case: 'weightedClusters', value: { clusters: target.map(({ cluster, weight }) => ({ name: cluster, weight })) } },
    ...(idleTimeout && { idleTimeout }),
    ...(maxDownstreamConnectionDuration && { maxDownstreamConnectionDuration }),
    ...(spec.hashSourceIp && { hashPolicy: [{ policySpecifier: { case: 'sourceIp' as const, value: {} } }] }),
    ...(tunnel && { tunnelingConfig: tunnel }),
    accessLog: loggersOf(spec.logging, spec.listener),
  };
}

function filter(name: string, config: ReturnType<typeof anyOf>): FilterInit {
  return { name, configType: { case: 'typedConfig', value: config } };
}
