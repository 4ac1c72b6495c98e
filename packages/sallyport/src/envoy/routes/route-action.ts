import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RouteActionSchema, WeightedCluster_ClusterWeightSchema } from '@sallyport/apis/route';
import {
  type Destination,
  type HttpRetry,
  type HttpRoute,
  type HttpRouteDestination,
  withoutLineBreaks,
} from '../../model/index.ts';
import { durationOf } from '../encode.ts';
import { clusterOf } from './destination.ts';
import type { HashShape } from './hash-policy.ts';
import { authorityOf, headerRules } from './headers.ts';
import { mirrorPolicies } from './mirror.ts';
import { retryPolicy } from './retry.ts';
import type { Destinations } from './spec.ts';

export type ActionShape = MessageInitShape<typeof RouteActionSchema>;
type WeightShape = MessageInitShape<typeof WeightedCluster_ClusterWeightSchema>;

/** What a route's action depends on beside the route itself. */
export interface ActionSources {
  readonly listenPort: number;
  /** Requests arrive over TLS that ends here, so https is their scheme. */
  readonly overTls?: boolean;
  readonly destinations: Destinations;
  /** How requests to a destination are hashed, or undefined. */
  readonly hashOf: (destination: Destination) => HashShape | undefined;
  /** The mesh's `defaultHttpRetryPolicy`. */
  readonly meshRetries: HttpRetry | undefined;
}

const NO_TIMEOUT = durationOf('0s')!;

/** To one cluster, without hashing or rewriting: the action of default and catch-all routes. */
export function plainAction(cluster: string) {
  return {
    clusterSpecifier: { case: 'cluster' as const, value: cluster },
    timeout: NO_TIMEOUT,
    maxGrpcTimeout: NO_TIMEOUT,
  } satisfies ActionShape;
}

/** The action of a VirtualService route with destinations (spec/istio.md 4.7). */
export function routeAction(route: HttpRoute, sources: ActionSources): ActionShape {
  const timeout = durationOf(route.timeout) ?? NO_TIMEOUT;
  const cluster = (destination: Destination): string => clusterOf(destination, sources.destinations, sources.listenPort);
  const targets = route.route ?? [];
  const only = targets.length === 1 ? targets[0] : undefined;
  // Weight 0 among several means: not at all; a lone destination needs no weight.
  const taken = only === undefined ? targets.filter(({ weight }) => (weight ?? 0) > 0) : targets;
  const hashes = taken.map(({ destination }) => sources.hashOf(destination)).filter((hash) => hash !== undefined);
  const retry = retryPolicy(route.retries ?? sources.meshRetries, only !== undefined && hashes.length > 0);
  const authority = route.rewrite?.authority || authorityOf(route.headers) || authorityOf(only?.headers);
  return {
    clusterSpecifier:
      only !== undefined
        ? { case: 'cluster', value: cluster(only.destination) }
        : { case: 'weightedClusters', value: { clusters: taken.map((target) => weighted(target, cluster)) } },
    timeout,
    maxGrpcTimeout: timeout,
    ...(retry && { retryPolicy: retry }),
    ...rewrites(route),
    ...(authority && { hostRewriteSpecifier: { case: 'hostRewriteLiteral' as const, value: withoutLineBreaks(authority) } }),
    requestMirrorPolicies: mirrorPolicies(route, cluster),
    hashPolicy: hashes,
  };
}

function weighted(target: HttpRouteDestination, cluster: (destination: Destination) => string): WeightShape {
  const authority = authorityOf(target.headers);
  return {
    name: cluster(target.destination),
    weight: target.weight ?? 0,
    ...headerRules(target.headers),
    ...(authority && { hostRewriteSpecifier: { case: 'hostRewriteLiteral' as const, value: withoutLineBreaks(authority) } }),
  };
}

function rewrites({ rewrite }: HttpRoute): { prefixRewrite?: string; regexRewrite?: NonNullable<ActionShape['regexRewrite']> } {
  if (rewrite?.uriRegexRewrite !== undefined) {
    const { match, rewrite: substitution } = rewrite.uriRegexRewrite;
    return { regexRewrite: { pattern: { regex: match ?? '' }, substitution: withoutLineBreaks(substitution ?? '') } };
  }
  return rewrite?.uri ? { prefixRewrite: withoutLineBreaks(rewrite.uri) } : {};
}
