import { type JsonValue, toJson } from '@bufbuild/protobuf';
import { anyIs } from '@bufbuild/protobuf/wkt';
import { HTTPFaultSchema } from '@sallyport/apis/http';
import { RegexMatchAndSubstituteSchema } from '@sallyport/apis/matcher';
import {
  RedirectActionSchema,
  type Route,
  type RouteAction,
  type RouteConfiguration,
  type VirtualHost,
} from '@sallyport/apis/route';
import { durationText } from '../lib/duration-text.ts';
import type { Detail } from './outcome.ts';
import type { HttpRequest } from './request.ts';

/** Envoy's defaults where a route says nothing. */
const DEFAULT_TIMEOUT = '15s';
const DEFAULT_RETRIES = 1;

export interface RouteDestination {
  /** Empty for weighted clusters, redirects and direct responses. */
  readonly cluster: string;
  /** All clusters that may get the request, copies left out. */
  readonly clusters: readonly string[];
  readonly detail: Detail;
}

/** What a route does with a request. Settings of the virtual host and of the configuration count where the route has none. */
export function routeDestination(
  config: RouteConfiguration,
  virtualHost: VirtualHost,
  { route, index }: { readonly route: Route; readonly index: number },
  request: HttpRequest,
): RouteDestination {
  const { action } = route;
  const levels = [route, virtualHost, config];
  const detail = (rest: Omit<Detail, 'routeIndex'>): Detail => ({
    routeIndex: index,
    ...rest,
    ...(hasFault(levels) && { fault: true }),
  });
  switch (action.case) {
    case 'redirect': {
      const redirect = toJson(RedirectActionSchema, action.value) as JsonValue;
      return { cluster: '', clusters: [], detail: detail({ action: 'redirect', redirect }) };
    }
    case 'directResponse':
      return { cluster: '', clusters: [], detail: detail({ action: 'direct', directStatus: action.value.status }) };
    case 'route': {
      const { clusterSpecifier } = action.value;
      const settings = routeSettings(action.value, virtualHost, config);
      if (clusterSpecifier.case === 'weightedClusters') {
        const weighted = clusterSpecifier.value.clusters.map((c) => ({
          cluster: c.name || (request.header(c.clusterHeader) ?? ''),
          weight: c.weight ?? 0,
        }));
        const clusters = weighted.map((w) => w.cluster);
        return { cluster: '', clusters, detail: detail({ action: 'weighted', weighted, ...settings }) };
      }
      const cluster = clusterOf(action.value, request);
      if (cluster === undefined) return { cluster: '', clusters: [], detail: detail({ action: 'none', ...settings }) };
      return { cluster, clusters: [cluster], detail: detail({ action: 'cluster', ...settings }) };
    }
    default:
      return { cluster: '', clusters: [], detail: detail({ action: 'none' }) };
  }
}

/** Undefined for extensions that choose a cluster by rules of their own, and for a missing header. */
function clusterOf({ clusterSpecifier }: RouteAction, request: HttpRequest): string | undefined {
  if (clusterSpecifier.case === 'cluster') return clusterSpecifier.value;
  return clusterSpecifier.case === 'clusterHeader' ? request.header(clusterSpecifier.value) : undefined;
}

function routeSettings(action: RouteAction, virtualHost: VirtualHost, config: RouteConfiguration): Partial<Detail> {
  const { hostRewriteSpecifier, regexRewrite, prefixRewrite, timeout } = action;
  const retryPolicy = action.retryPolicy ?? virtualHost.retryPolicy;
  const mirrors = [action, virtualHost, config]
    .map((level) => level.requestMirrorPolicies.map((policy) => policy.cluster).filter((cluster) => cluster !== ''))
    .find((clusters) => clusters.length > 0);
  return {
    ...(hostRewriteSpecifier.case === 'hostRewriteLiteral' && { hostRewrite: hostRewriteSpecifier.value }),
    ...(prefixRewrite !== '' && { prefixRewrite }),
    ...(regexRewrite !== undefined && { regexRewrite: toJson(RegexMatchAndSubstituteSchema, regexRewrite) }),
    timeout: timeout === undefined ? DEFAULT_TIMEOUT : durationText(timeout),
    ...(retryPolicy !== undefined && { retries: retryPolicy.numRetries ?? DEFAULT_RETRIES }),
    ...(mirrors !== undefined && { mirrors: [...new Set(mirrors)].sort() }),
  };
}

/** Whether the most specific level that configures the fault filter configures faults. */
function hasFault(levels: readonly Pick<Route, 'typedPerFilterConfig'>[]): boolean {
  const configs = levels.flatMap((level) => Object.values(level.typedPerFilterConfig));
  return configs.some((config) => anyIs(config, HTTPFaultSchema));
}
