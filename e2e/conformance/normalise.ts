import type { Json } from './vectors.ts';

type JsonObject = { readonly [key: string]: Json };

/** Keys whose lists are sets (conformance README, section 5). */
const SETS = new Set([
  'domains',
  'serverNames',
  'prefixRanges',
  'applicationProtocols',
  'headers',
  'queryParameters',
  'matchSubjectAltNames',
  'matchTypedSubjectAltNames',
  'lbEndpoints',
  'ips',
  'virtualHosts',
  'filterChains',
]);

/** Lists without order in which doubles are real: Envoy weighs an endpoint that stands there twice twice. */
const MULTISETS = new Set(['lbEndpoints', 'virtualHosts', 'filterChains']);

/** Keys that need no equality: statistics prefixes, decorators, and metadata that only names objects. */
const LEFT_OUT = new Set(['altStatName', 'statPrefix', 'decorator']);

/** Brings a resource into the form in which equal behaviour is equal text: sets sorted, what needs no equality left out. */
export function normalise(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const items = value.map((item) => normalise(item));
    if (!SETS.has(key)) return items;
    const sorted = items.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
    return MULTISETS.has(key) ? sorted : sorted.filter((item, i) => i === 0 || canonical(item) !== canonical(sorted[i - 1]!));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject)
    .filter(([name]) => !LEFT_OUT.has(name))
    .map(([name, item]) => [name, name === 'filterMetadata' ? withoutNames(item) : normalise(item, name)] as const)
    .filter(([name, item]) => !((name === 'metadata' || name === 'filterMetadata') && isEmpty(item)));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `istio.workload` and `istio.config` only name objects. */
function withoutNames(metadata: Json): Json {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return metadata;
  const kept = Object.entries(metadata as JsonObject).map(([filter, fields]) => {
    if (filter !== 'istio' || typeof fields !== 'object' || fields === null) return [filter, normalise(fields)] as const;
    const { workload: _workload, config: _config, ...rest } = fields as JsonObject;
    return [filter, normalise(rest)] as const;
  });
  return Object.fromEntries(kept.filter(([, fields]) => !isEmpty(fields)));
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

export function canonical(value: Json): string {
  return JSON.stringify(value);
}

/** The first places at which two normalised values differ, as `path: ours | theirs`. */
export function differences(ours: Json | undefined, theirs: Json | undefined, path = '', most = 8): string[] {
  if (ours !== undefined && theirs !== undefined && canonical(ours) === canonical(theirs)) return [];
  if (!bothObjects(ours, theirs)) return [`${path || '.'}: ours ${short(ours)} | theirs ${short(theirs)}`];
  const found: string[] = [];
  const [a, b] = [ours as JsonObject, theirs as JsonObject];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    found.push(...differences(a[key], b[key], Array.isArray(ours) ? `${path}[${key}]` : `${path}.${key}`, most));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

function bothObjects(a: Json | undefined, b: Json | undefined): boolean {
  return typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && Array.isArray(a) === Array.isArray(b);
}

function short(value: Json | undefined): string {
  const text = value === undefined ? '(absent)' : canonical(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
