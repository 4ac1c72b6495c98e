import { isSubsetOf, isWildcard, overlaps, wildcardsOf } from '../lib/host.ts';
import type { ClassScope, ProxyClass, SidecarEgress } from '../model/index.ts';
import { sidecarId } from './sidecar.ts';

/** All classes of one role and namespace to which one Sidecar applies: they import the same. */
export interface Importer {
  readonly id: string;
  readonly role: ProxyClass['role'];
  readonly namespace: string;
  /** Row key of the Sidecar; absent for the built-in default and for routers. */
  readonly sidecar?: string;
}

/** The importer that a class belongs to. */
export function importerOf(proxy: ProxyClass, scope: ClassScope): Importer {
  const sidecar = sidecarId(scope);
  const id = `${proxy.role}\n${proxy.namespace}\n${sidecar ?? ''}`;
  return { id, role: proxy.role, namespace: proxy.namespace, ...(sidecar !== undefined && { sidecar }) };
}

/** The hosts of one egress listener, sorted out. */
export interface EgressImports {
  /** Only this port is imported. Absent also for HTTP proxy listeners, which serve every port (spec/istio.md 2.3, step 4). */
  readonly port?: number;
  /** Every import names one host of one namespace: then Istio looks hosts up instead of searching, with its own order. */
  readonly exactOnly: boolean;
  /** By namespace of what is imported, or `*`. */
  readonly from: ReadonlyMap<string, NamespaceImports>;
}

export interface NamespaceImports {
  readonly exact: ReadonlySet<string>;
  readonly wildcards: readonly string[];
  /** Hosts behind `~`: what is a subset of one is not imported, wherever else it is named. */
  readonly excluded: readonly string[];
}

export interface Imports extends Importer {
  readonly egress: readonly EgressImports[];
}

/** Sorts out what an importer imports; `.` becomes its namespace, also under a Sidecar of the root namespace. */
export function importsOf(importer: Importer, egress: readonly SidecarEgress[]): Imports {
  return { ...importer, egress: egress.map((listener) => egressImports(listener, importer.namespace)) };
}

function egressImports({ hosts, port }: SidecarEgress, namespace: string): EgressImports {
  const from = new Map<string, { exact: Set<string>; wildcards: string[]; excluded: string[] }>();
  let exactOnly = true;
  for (const { excluded, namespace: of, host } of hosts.flatMap((entry) => parseImport(entry, namespace))) {
    const imports = from.get(of) ?? { exact: new Set(), wildcards: [], excluded: [] };
    from.set(of, imports);
    if (excluded) imports.excluded.push(host);
    else if (isWildcard(host)) imports.wildcards.push(host);
    else imports.exact.add(host);
    if (!excluded && (of === '*' || isWildcard(host))) exactOnly = false;
  }
  const matched = port?.number !== undefined && port.number !== 0 && port.protocol?.toUpperCase() !== 'HTTP_PROXY';
  return { ...(matched && { port: port.number }), exactOnly, from };
}

/** One egress host, `ns/host`, `~ns/host` or `~/host`; none when it has no such form, which validation has reported. */
export function parseImport(
  entry: string,
  namespace: string,
): readonly { readonly excluded: boolean; readonly namespace: string; readonly host: string }[] {
  const [written = '', host, ...rest] = entry.split('/');
  if (host === undefined || rest.length > 0) return [];
  const excluded = written.startsWith('~');
  const of = excluded ? written.slice(1) || '*' : written;
  return [{ excluded, namespace: of === '.' ? namespace : of, host }];
}

/** Whether a host of a service in this namespace is imported, ports aside (spec/istio.md 2.3, steps 2 and 3). */
export function importsHost(egress: EgressImports, namespace: string, host: string): boolean {
  const scopes = scopesFor(egress, namespace);
  if (isExcluded(scopes, host)) return false;
  return scopes.some(({ exact, wildcards }) => exact.has(host) || wildcards.some((wildcard) => isSubsetOf(host, wildcard)));
}

/** Whether a VirtualService with these hosts is imported: one host suffices, and either may be the wildcard (spec/istio.md 2.6). */
export function importsRouting(egress: EgressImports, namespace: string, hosts: readonly string[]): boolean {
  const scopes = scopesFor(egress, namespace);
  if (scopes.length === 0) return false;
  return hosts.some((host) => scopes.some((scope) => mentions(scope, host)) && !isExcluded(scopes, host));
}

function scopesFor({ from }: EgressImports, namespace: string): readonly NamespaceImports[] {
  return [from.get(namespace), from.get('*')].filter((scope) => scope !== undefined);
}

function isExcluded(scopes: readonly NamespaceImports[], host: string): boolean {
  return scopes.some(({ excluded }) => excluded.some((entry) => isSubsetOf(host, entry)));
}

function mentions({ exact, wildcards }: NamespaceImports, host: string): boolean {
  if (exact.has(host) || wildcards.some((wildcard) => overlaps(host, wildcard))) return true;
  return isWildcard(host) && [...exact].some((entry) => isSubsetOf(entry, host));
}

/**
 * Where importers stand in their index, so that a host finds those who may import it and no others: by exact host, by
 * wildcard, and for `*` by namespace. Partial wildcards such as `*-a.example.com` are rare and stand together.
 */
export function* importPlaces({ egress }: Imports): Generator<string> {
  for (const { from } of egress)
    for (const [namespace, { exact, wildcards }] of from) {
      if (exact.size > 0 || wildcards.length > 0) yield `any ${namespace}`;
      for (const host of exact) yield `host ${host}`;
      for (const wildcard of wildcards) yield wildcard === '*' ? `all ${namespace}` : wildcardPlace(wildcard);
    }
}

const PARTIAL = 'partial';
const wildcardPlace = (wildcard: string): string => (wildcard.startsWith('*.') ? `host ${wildcard}` : PARTIAL);

/** The places at which those stand who may import this host of a service in one of these namespaces. */
export function* placesOfHost(host: string, namespaces: Iterable<string>): Generator<string> {
  yield `host ${host}`;
  for (const wildcard of wildcardsOf(host)) if (wildcard !== '*') yield wildcardPlace(wildcard);
  yield PARTIAL;
  yield 'all *';
  for (const namespace of namespaces) yield `all ${namespace}`;
}

/** The same for a VirtualService: a wildcard among its hosts is matched by what lies under it, so anybody may import it. */
export function* placesOfRouting(namespace: string, hosts: readonly string[]): Generator<string> {
  if (hosts.some(isWildcard)) yield* ['any *', `any ${namespace}`];
  else for (const host of hosts) yield* placesOfHost(host, [namespace]);
}
