import { bySpecificity, isSubsetOf, selects } from '../../lib/host.ts';
import type { HttpMatchRequest, ImportedRouting, Routing } from '../../model/index.ts';
import type { Caller } from './caller.ts';
import { paddedTime } from './routable.ts';

const MESH_GATEWAY = 'mesh';

/** What is asked of a VirtualService for every class that imports it, found once. */
interface Traits {
  readonly age: string;
  readonly asksForSource: boolean;
}

const traits = new WeakMap<Routing, Traits>();

function traitsOf(routing: Routing): Traits {
  let found = traits.get(routing);
  if (found === undefined) {
    const asksForSource = (routing.spec.http ?? []).some(({ match }) => match?.some(asks) ?? false);
    found = { age: [paddedTime(routing.createdAt), routing.key.name, routing.key.namespace].join('\n'), asksForSource };
    traits.set(routing, found);
  }
  return found;
}

function asks(match: HttpMatchRequest): boolean {
  return (match.gateways?.length ?? 0) > 0 || match.sourceLabels !== undefined || (match.sourceNamespace ?? '') !== '';
}

/** The place of a VirtualService among those of an egress listener: private, exported by name, public; each by age (spec/istio.md 2.6). */
export function routingOrder(imported: Pick<ImportedRouting, 'rank'>, routing: Routing): string {
  return `${imported.rank}\n${traitsOf(routing).age}`;
}

/**
 * Which match blocks of a VirtualService admit this caller: one digit per block in the order written, or empty when no
 * block asks where a call comes from. `gateway`: where the caller meets the VirtualService. Gateways in a block hide its other source conditions (spec/istio.md 4.7).
 */
export function sourcesOf(routing: Routing, caller: Pick<Caller, 'namespace' | 'labels'>, gateway = MESH_GATEWAY): string {
  if (!traitsOf(routing).asksForSource) return '';
  const matches = (routing.spec.http ?? []).flatMap(({ match }) => match ?? []);
  return matches.map((match) => (admits(match, caller, gateway) ? '1' : '0')).join('');
}

function admits(match: HttpMatchRequest, caller: Pick<Caller, 'namespace' | 'labels'>, gateway: string): boolean {
  if (match.gateways !== undefined && match.gateways.length > 0) return match.gateways.includes(gateway);
  if (!selects(match.sourceLabels ?? {}, caller.labels)) return false;
  return (match.sourceNamespace ?? '') === '' || match.sourceNamespace === caller.namespace;
}

/** Whether the `n`th match block, counted over all routes, applies on this port for the callers of `sources`. */
export function fits(match: HttpMatchRequest, n: number, listenPort: number, sources: string): boolean {
  if ((match.port ?? 0) !== 0 && match.port !== listenPort) return false;
  return sources === '' || sources[n] === '1';
}

/** Whether a VirtualService has any HTTP route on this port; one without routes leaves its hosts alone. */
export function hasRoutes(routing: Routing, listenPort: number, sources: string): boolean {
  let n = 0;
  for (const route of routing.spec.http ?? []) {
    if (route.match === undefined || route.match.length === 0) return true;
    for (const match of route.match) if (fits(match, n++, listenPort, sources)) return true;
  }
  return false;
}

/** The wildcard hosts of the VirtualServices on one egress listener, each with the first VirtualService that has it. */
export interface Patterns {
  /** Most specific first. */
  readonly entries: readonly { readonly pattern: string; readonly imported: string }[];
}

/** The VirtualService whose wildcard host describes this host most closely (spec/istio.md 2.6). Gives the key of its import. */
export function mostSpecific(host: string, patterns: Patterns): string | undefined {
  return patterns.entries.find(({ pattern }) => isSubsetOf(host, pattern))?.imported;
}

/** The patterns of an egress listener. Of two VirtualServices with one wildcard the first in their order has it. */
export function patternsOf(
  wildcards: readonly { readonly pattern: string; readonly order: string; readonly imported: string }[],
): Patterns {
  const first = new Map<string, { readonly order: string; readonly imported: string }>();
  for (const { pattern, order, imported } of wildcards) {
    const present = first.get(pattern);
    if (present === undefined || order < present.order) first.set(pattern, { order, imported });
  }
  const patterns = [...first.keys()].sort(bySpecificity);
  return { entries: patterns.map((pattern) => ({ pattern, imported: first.get(pattern)!.imported })) };
}
