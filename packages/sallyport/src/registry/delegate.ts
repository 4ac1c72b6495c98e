import type { HttpMatchRequest, HttpRoute, ObjectKey, Routing, StringMatch } from '../model/index.ts';
import { isVisibleIn } from './visibility.ts';

/** Why a route that delegates, or one of the routes delegated to, is not there after merging. */
export interface LostRoute {
  /** Index of the delegating route in the root's `http`. */
  readonly index: number;
  readonly delegate: ObjectKey;
  readonly reason: 'missing' | 'not exported' | 'is a root' | 'conflict';
  /** For a conflict: the index of the route in the delegate's `http`. */
  readonly route?: number;
}

type FindRouting = (key: ObjectKey) => Routing | undefined;

export function delegates(routing: Routing): boolean {
  return (routing.spec.http ?? []).some((route) => route.delegate !== undefined);
}

/**
 * A root VirtualService with the routes of its delegates in place of the routes that name them, one level deep; what
 * cannot be merged is dropped, and told (spec/istio.md 2.6).
 */
export function mergeDelegates(
  root: Routing,
  find: FindRouting,
): { readonly routing: Routing; readonly lost: readonly LostRoute[] } {
  const lost: LostRoute[] = [];
  const http = (root.spec.http ?? []).flatMap((route, index) => {
    if (route.delegate === undefined) return [route];
    const key = { kind: root.key.kind, namespace: route.delegate.namespace ?? '', name: route.delegate.name ?? '' };
    const found = find(key);
    const reason = whyNot(root, found);
    if (found === undefined || reason !== undefined) {
      lost.push({ index, delegate: key, reason: reason ?? 'missing' });
      return [];
    }
    return (found.spec.http ?? []).flatMap((inner, innerIndex) => {
      const merged = mergeRoute(route, inner);
      if (merged === undefined) lost.push({ index, delegate: key, reason: 'conflict', route: innerIndex });
      return merged === undefined ? [] : [merged];
    });
  });
  return { routing: { ...root, spec: { ...root.spec, http } }, lost };
}

function whyNot(root: Routing, found: Routing | undefined): LostRoute['reason'] | undefined {
  if (found === undefined) return 'missing';
  if (found.hosts.length > 0) return 'is a root';
  return isVisibleIn(found.exportTo, root.namespace) ? undefined : 'not exported';
}

const INHERITED = [
  'rewrite',
  'directResponse',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrors',
  'mirrorPercent',
  'mirrorPercentage',
  'corsPolicy',
  'headers',
] as const satisfies readonly (keyof HttpRoute)[];

function mergeRoute(root: HttpRoute, inner: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match ?? [], inner.match ?? []);
  if (match === undefined) return undefined;
  const name = joinNames(root.name, inner.name);
  const inherited = Object.fromEntries(
    INHERITED.flatMap((field) => (inner[field] === undefined && root[field] !== undefined ? [[field, root[field]]] : [])),
  );
  // A delegate that delegates again is beyond the single level: its route loses the delegation and keeps the rest.
  const { match: _, name: __, delegate: ___, ...rest } = inner;
  return { ...rest, ...inherited, ...(name !== '' && { name }), ...(match.length > 0 && { match }) };
}

function joinNames(root = '', inner = ''): string {
  return [root, inner].filter((name) => name !== '').join('-');
}

/** Every pair that does not conflict; undefined when some inner match conflicts with all of the root's. */
function mergeMatches(
  root: readonly HttpMatchRequest[],
  inner: readonly HttpMatchRequest[],
): readonly HttpMatchRequest[] | undefined {
  if (root.length === 0) return inner;
  if (inner.length === 0) return root;
  const merged = inner.map((leaf) => root.filter((outer) => !conflicts(outer, leaf)).map((outer) => mergeMatch(outer, leaf)));
  return merged.every((pairs) => pairs.length > 0) ? merged.flat() : undefined;
}

const MAPS = ['headers', 'withoutHeaders', 'queryParams', 'sourceLabels'] as const;

function mergeMatch(root: HttpMatchRequest, leaf: HttpMatchRequest): HttpMatchRequest {
  const name = joinNames(root.name, leaf.name);
  const maps = Object.fromEntries(
    MAPS.flatMap((field) => {
      const joined = { ...root[field], ...leaf[field] };
      return Object.keys(joined).length > 0 ? [[field, joined]] : [];
    }),
  );
  const gateways = leaf.gateways?.length ? leaf.gateways : root.gateways;
  return { ...root, ...leaf, ...maps, ...(name !== '' && { name }), ...(gateways !== undefined && { gateways }) };
}

const TEXTS = ['uri', 'scheme', 'method', 'authority'] as const;
const TEXT_MAPS = ['headers', 'withoutHeaders', 'queryParams'] as const;

function conflicts(root: HttpMatchRequest, leaf: HttpMatchRequest): boolean {
  if (TEXTS.some((field) => textsConflict(root[field], leaf[field]))) return true;
  for (const field of TEXT_MAPS)
    for (const [name, match] of Object.entries(leaf[field] ?? {})) if (textsConflict(root[field]?.[name], match)) return true;
  if ((root.ignoreUriCase ?? false) !== (leaf.ignoreUriCase ?? false)) return true;
  if (root.port && leaf.port && root.port !== leaf.port) return true;
  if (root.sourceNamespace && root.sourceNamespace !== leaf.sourceNamespace) return true;
  for (const [name, value] of Object.entries(leaf.sourceLabels ?? {}))
    if ((root.sourceLabels?.[name] ?? value) !== value) return true;
  const outer = root.gateways ?? [];
  return outer.length > 0 && (leaf.gateways ?? []).some((gateway) => !outer.includes(gateway));
}

/** Whether what the leaf asks for cannot lie within what the root asks for. */
function textsConflict(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  if (root.regex || leaf.regex) return true;
  if (root.exact) return leaf.exact !== root.exact;
  if (!root.prefix) return true;
  return !(leaf.prefix || leaf.exact || '').startsWith(root.prefix);
}
