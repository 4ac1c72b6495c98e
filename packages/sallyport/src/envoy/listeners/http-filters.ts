import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  CorsSchema,
  DynamicForwardProxySchema,
  GrpcStatsSchema,
  GrpcWebSchema,
  HTTPFaultSchema,
  type HttpFilterSchema,
  RouterSchema,
} from '@sallyport/apis/http';
import type { AuthorizationFacts } from '../authorization/facts.ts';
import { httpAuthorization } from '../authorization/filters.ts';
import { allowAnyDnsCache, dnsCacheOf, type Lookup } from '../dns-cache.ts';
import type { DynamicName } from '../dynamic-name.ts';
import { anyOf } from '../encode.ts';

/** What decides which HTTP filters a connection manager has. */
export interface FilterNeeds {
  /** Who may call; only for what comes in. */
  readonly authorization?: AuthorizationFacts | undefined;
  readonly grpcWeb: boolean;
  /** DYNAMIC_DNS wildcards that it routes to. */
  readonly dynamicHosts: readonly DynamicName[];
  /** Hosts that nobody declared are resolved too. */
  readonly resolvesUnknownHosts: boolean;
  readonly lookup: Lookup;
}

type HttpFilterInit = MessageInitShape<typeof HttpFilterSchema>;
type FilterKind = 'authorization' | 'grpcWeb' | 'grpcStats' | 'fault' | 'cors' | 'dynamicForwardProxy' | 'router';

/** Position in the chain (spec/istio.md 10.1): a kind without one does not compile. */
const ORDER: Readonly<Record<FilterKind, number>> = {
  authorization: 0,
  grpcWeb: 1,
  grpcStats: 2,
  fault: 3,
  cors: 4,
  dynamicForwardProxy: 5,
  router: 6,
};

const BUILD: Readonly<Record<FilterKind, (needs: FilterNeeds) => readonly HttpFilterInit[]>> = {
  authorization: ({ authorization }) => httpAuthorization(authorization),
  grpcWeb: ({ grpcWeb }) => (grpcWeb ? [filter('grpc_web', anyOf(GrpcWebSchema, {}))] : []),
  grpcStats: () => [
    filter(
      'grpc_stats',
      anyOf(GrpcStatsSchema, {
        emitFilterState: true,
        perMethodStatSpecifier: { case: 'statsForAllMethods', value: { value: false } },
      }),
    ),
  ],
  fault: () => [filter('fault', anyOf(HTTPFaultSchema, {}))],
  cors: () => [filter('cors', anyOf(CorsSchema, {}))],
  dynamicForwardProxy: ({ dynamicHosts, resolvesUnknownHosts, lookup }) => [
    ...dynamicHosts.map((host) => forwardProxy(dnsCacheOf(host, lookup))),
    ...(resolvesUnknownHosts ? [forwardProxy(allowAnyDnsCache(lookup))] : []),
  ],
  router: () => [filter('router', anyOf(RouterSchema, {}))],
};

/**
 * The HTTP filters of a connection manager in order. One forward-proxy filter for every wildcard that is routed to,
 * whichever service came first on the port: Istio leaves it out for younger ones (spec/istio.md 7.20).
 */
export function httpFilters(needs: FilterNeeds): HttpFilterInit[] {
  const kinds = (Object.keys(ORDER) as FilterKind[]).sort((a, b) => ORDER[a] - ORDER[b]);
  return kinds.flatMap((kind) => BUILD[kind](needs));
}

function forwardProxy(cache: ReturnType<typeof dnsCacheOf>): HttpFilterInit {
  const implementationSpecifier = { case: 'dnsCacheConfig', value: cache } as const;
  return filter('dynamic_forward_proxy', anyOf(DynamicForwardProxySchema, { implementationSpecifier }));
}

function filter(name: string, config: ReturnType<typeof anyOf>): HttpFilterInit {
  return { name: `envoy.filters.http.${name}`, configType: { case: 'typedConfig', value: config } };
}
