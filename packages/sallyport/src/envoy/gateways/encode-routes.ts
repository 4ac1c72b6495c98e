import { RouteSchema } from '@sallyport/apis/route';
import type { HttpRetry, Resource, Routing, Rule } from '../../model/index.ts';
import { encode, joined } from '../encode.ts';
import { routeConfiguration } from '../routes/assemble.ts';
import { type MatchShape, takesEverything } from '../routes/match.ts';
import { byRouting, virtualHost } from '../routes/virtual-host.ts';
import type { RoutesPart, RoutesPlan } from './routes.ts';

/** Field number of `VirtualHost.routes`. */
const ROUTES = 3;

/** Routes encoded one by one, so that those of several VirtualServices can be put into one list. */
export interface EncodedPart {
  readonly specific: readonly Uint8Array[];
  /** The routes that take everything. */
  readonly catchAll: readonly Uint8Array[];
}

/** The routes of a part; none where its VirtualService is gone. */
export function encodePart(
  part: RoutesPart,
  routing: Routing | undefined,
  ruleOf: (host: string) => Rule | undefined,
  meshRetries: HttpRetry | undefined,
): EncodedPart {
  const shapes = routing === undefined ? [] : byRouting(part, routing, { ruleOf, meshRetries });
  const isLast = ({ match }: (typeof shapes)[number]) => takesEverything(match as MatchShape);
  return {
    specific: shapes.filter((shape) => !isLast(shape)).map((shape) => encode(RouteSchema, shape)),
    catchAll: shapes.filter(isLast).map((shape) => encode(RouteSchema, shape)),
  };
}

/** A route configuration. What takes everything comes last, whichever VirtualService it is from (spec/istio.md 4.12). */
export function encodeRoutes(
  { name, hosts }: Pick<RoutesPlan, 'name' | 'hosts'>,
  partOf: (key: string) => EncodedPart | undefined,
): Resource {
  const virtualHosts = hosts.map((host) => {
    const parts = host.parts.map(partOf).filter((part) => part !== undefined);
    const bytes = [...parts.flatMap(({ specific }) => specific), ...parts.flatMap(({ catchAll }) => catchAll)];
    return virtualHost(host.name, host.domains, joined(new Uint8Array(), [{ field: ROUTES, bytes }]), host.httpsOnly);
  });
  return routeConfiguration(name, virtualHosts);
}
