import type { MessageInitShape } from '@bufbuild/protobuf';
import { ApiVersion } from '@sallyport/apis/core';
import {
  HttpConnectionManager_ForwardClientCertDetails as ForwardedCertificate,
  HttpConnectionManagerSchema,
} from '@sallyport/apis/http';
import { FilterChainSchema, type FilterSchema } from '@sallyport/apis/listener';
import type { ServerTlsSettings } from '../../model/index.ts';
import { tcpAuthorization } from '../authorization/filters.ts';
import { anyOf, encode, type Fields } from '../encode.ts';
import { connectionManager, http1Options } from '../listeners/connection-manager.ts';
import { chainMatch, EVERYTHING, matchMessage } from '../listeners/match.ts';
import { CONNECT_TIMEOUT, type TcpSpec, tcpFilters } from '../listeners/tcp-chain.ts';
import { statName } from '../names.ts';
import { serverSocket } from './downstream-tls.ts';
import type { RouterFacts } from './facts.ts';

/** What a gateway does with connections for some server names. */
export interface GatewayChain {
  /** Names in TLS; empty for every connection. */
  readonly serverNames: readonly string[];
  /** Protocols in TLS, of which the caller must name one; absent for all. */
  readonly applicationProtocols?: readonly string[];
  /** Set where TLS ends here. */
  readonly tls?: ServerTlsSettings;
  readonly to:
    | { readonly kind: 'http'; readonly routes: string; readonly grpcWeb: boolean; readonly dynamicHosts: readonly string[] }
    | { readonly kind: 'tcp'; readonly tcp: TcpSpec };
}

/** The bytes of a chain (spec/istio.md 10.3, Gateway). */
export function gatewayChain(chain: GatewayChain, listener: string, facts: RouterFacts): Uint8Array {
  const { serverNames, applicationProtocols, tls, to } = chain;
  // Who calls in mesh TLS is told where it ends.
  const allowed = applicationProtocols === undefined ? tcpAuthorization(facts.authorization) : [];
  const names = matchMessage(chainMatch(serverNames, []) ?? EVERYTHING);
  const filterChainMatch = applicationProtocols ? { ...names, applicationProtocols: [...applicationProtocols] } : names;
  return encode(FilterChainSchema, {
    ...(filterChainMatch && { filterChainMatch }),
    filters: to.kind === 'tcp' ? [...allowed, ...tcpFilters(to.tcp)] : [httpFilter(to, listener, facts)],
    ...(tls && { transportSocket: serverSocket(tls, facts.tlsDefaults) }),
    transportSocketConnectTimeout: CONNECT_TIMEOUT,
  });
}

function httpFilter(
  { routes, grpcWeb, dynamicHosts }: Extract<GatewayChain['to'], { kind: 'http' }>,
  listener: string,
  { http: facts, authorization }: RouterFacts,
): MessageInitShape<typeof FilterSchema> {
  const manager = {
    ...connectionManager({ facts, listener, grpcWeb, dynamicHosts, authorization }),
    statPrefix: statName(`outbound_${listener}`),
    routeSpecifier: { case: 'rds', value: { configSource: ads(), routeConfigName: routes } },
    serverName: 'istio-envoy',
    // A gateway stands at an edge: it believes the connection, and not what callers say of themselves.
    useRemoteAddress: true,
    forwardClientCertDetails: ForwardedCertificate.SANITIZE_SET,
    setCurrentClientCertDetails: { subject: true, cert: true, dns: true, uri: true },
    httpProtocolOptions: http1Options(facts),
  } satisfies Fields<typeof HttpConnectionManagerSchema>;
  const value = anyOf(HttpConnectionManagerSchema, manager);
  return { name: 'envoy.filters.network.http_connection_manager', configType: { case: 'typedConfig', value } };
}

function ads() {
  return {
    configSourceSpecifier: { case: 'ads', value: {} },
    initialFetchTimeout: { seconds: 0n },
    resourceApiVersion: ApiVersion.V3,
  } as const;
}
