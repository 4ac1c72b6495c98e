import type { Route, VirtualHost } from '@sallyport/apis/route';
import type { HttpRequest } from './request.ts';
import { conditionsOf } from './route-conditions.ts';
import type { RouteStep } from './step.ts';

export interface RouteChoice {
  readonly chosen?: { readonly route: Route; readonly index: number };
  /** One for every route looked at: the first whose conditions all hold ends the search. */
  readonly steps: readonly RouteStep[];
}

export function chooseRoute(virtualHost: VirtualHost, request: HttpRequest): RouteChoice {
  const steps: RouteStep[] = [];
  for (const [index, route] of virtualHost.routes.entries()) {
    const conditions = conditionsOf(route);
    const failing = conditions.findIndex((condition) => !condition.holds(request));
    const held = conditions.slice(0, failing === -1 ? undefined : failing).map((condition) => condition.text);
    const failed = conditions[failing]?.text;
    // A route without a match block is one that Envoy refuses.
    const holds = failing === -1 && conditions.length > 0;
    steps.push({ at: 'route', index, name: route.name, holds, held, ...(failed !== undefined && { failed }) });
    if (holds) return { chosen: { route, index }, steps };
  }
  return { steps };
}
