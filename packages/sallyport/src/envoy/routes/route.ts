import { Buffer } from 'node:buffer';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import type { DirectResponseActionSchema, RouteSchema } from '@sallyport/apis/route';
import type { HttpDirectResponse, HttpMatchRequest, HttpRetry, HttpRoute, Routing } from '../../model/index.ts';
import { CONFIG_KINDS, configPath } from '../names.ts';
import { corsPerRoute } from './cors.ts';
import { faultPerRoute } from './fault.ts';
import type { HashShape } from './hash-policy.ts';
import { bothRules, headerRules } from './headers.ts';
import { EVERYTHING, type MatchShape, pathText, routeMatch, takesEverything } from './match.ts';
import { isRedirectCode, redirectAction } from './redirect.ts';
import { retryPolicy } from './retry.ts';
import { type ActionShape, type ActionSources, plainAction, routeAction } from './route-action.ts';
import { fits } from './selection.ts';
import { statusForEnvoy } from './status.ts';

export type RouteShape = MessageInitShape<typeof RouteSchema>;
type Action = NonNullable<RouteShape['action']>;

/**
 * The routes of a VirtualService for one listener port and the callers of `sources`, in the order written, up to the first
 * that takes everything (spec/istio.md 4.7).
 */
export function routesOf(routing: Routing, sources: string, from: ActionSources): RouteShape[] {
  const routes: RouteShape[] = [];
  let n = 0;
  for (const route of routing.spec.http ?? []) {
    if (route.match === undefined || route.match.length === 0) return [...routes, translated(routing, route, undefined, from)];
    for (const match of route.match) {
      if (!fits(match, n++, from.listenPort, sources)) continue;
      const shape = translated(routing, route, match, from);
      routes.push(shape);
      if (takesEverything(shape.match as MatchShape)) return routes;
    }
  }
  return routes;
}

/** The route of a service that no VirtualService describes. */
export function defaultRoute(
  cluster: string,
  operation: string,
  meshRetries: HttpRetry | undefined,
  hash: HashShape | undefined,
): RouteShape {
  // Retries look for another host even when requests are hashed: only a VirtualService turns that off (spec/istio.md 4.7).
  const retry = retryPolicy(meshRetries, false);
  const action: ActionShape = {
    ...plainAction(cluster),
    ...(retry && { retryPolicy: retry }),
    hashPolicy: hash === undefined ? [] : [hash],
  };
  return { name: 'default', match: EVERYTHING, decorator: { operation }, action: { case: 'route', value: action } };
}

function translated(routing: Routing, route: HttpRoute, match: HttpMatchRequest | undefined, from: ActionSources): RouteShape {
  const condition = match === undefined ? EVERYTHING : routeMatch(match);
  const action = actionOf(route, from);
  const only = action.case === 'route' && route.route?.length === 1 ? route.route[0] : undefined;
  return {
    name: match?.name ? `${route.name ?? ''}.${match.name}` : (route.name ?? ''),
    match: condition,
    action,
    metadata: { filterMetadata: { istio: { config: configOf(routing) } } },
    decorator: { operation: `${operationOf(action, routing, from.listenPort)}${pathText(condition)}` },
    typedPerFilterConfig: filterConfigOf(route),
    ...bothRules(headerRules(route.headers), headerRules(only?.headers)),
    ...(match?.statPrefix && { statPrefix: match.statPrefix }),
  };
}

function actionOf(route: HttpRoute, from: ActionSources): Action {
  if (route.redirect !== undefined) {
    // Istio leaves the action out, and Envoy then refuses the routes of all hosts. `unsupported.ts` tells the user.
    if (!isRedirectCode(route.redirect.redirectCode ?? 0)) return { case: 'directResponse', value: { status: 500 } };
    return { case: 'redirect', value: redirectAction(route.redirect, from.listenPort, from.overTls) };
  }
  if (route.directResponse !== undefined) return { case: 'directResponse', value: directResponse(route.directResponse) };
  return { case: 'route', value: routeAction(route, from) };
}

function directResponse({ status: wanted, body }: HttpDirectResponse): MessageInitShape<typeof DirectResponseActionSchema> {
  const status = statusForEnvoy(wanted);
  if (body?.string !== undefined) return { status, body: { specifier: { case: 'inlineString', value: body.string } } };
  if (body?.bytes === undefined) return { status };
  return { status, body: { specifier: { case: 'inlineBytes', value: new Uint8Array(Buffer.from(body.bytes, 'base64')) } } };
}

/** `<host>:<port>` of the one cluster as its name spells it; else what decides is the VirtualService (spec/istio.md 10.2). */
function operationOf(action: Action, routing: Routing, listenPort: number): string {
  const specifier = action.case === 'route' ? (action.value as ActionShape).clusterSpecifier : undefined;
  if (specifier?.case !== 'cluster') return `${routing.key.name}:${listenPort}`;
  const [, port, , host] = specifier.value.split('|');
  return `${host}:${port}`;
}

function configOf({ apiVersion, key }: Routing): string {
  return configPath(apiVersion, key.namespace, CONFIG_KINDS.VirtualService, key.name);
}

function filterConfigOf(route: HttpRoute): Record<string, Any> {
  const fault = route.fault && faultPerRoute(route.fault);
  return {
    ...(fault && { 'envoy.filters.http.fault': fault }),
    ...(route.corsPolicy && { 'envoy.filters.http.cors': corsPerRoute(route.corsPolicy) }),
  };
}
