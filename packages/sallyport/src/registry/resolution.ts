import { isSubsetOf, isWildcard } from '../lib/host.ts';
import type {
  AllowedAddresses,
  ConfigObject,
  MeshConfig,
  Port,
  Protocol,
  Resolution,
  ResolvedBy,
  Service,
  WildcardsWord,
} from '../model/index.ts';
import { RESOLVED_BY, WILDCARDS } from './resolution-options.ts';

/** Who looks up the names of a ServiceEntry, instead of what the mesh says: `proxy` or `control-plane`. */
export const DNS_ANNOTATION = 'sallyport.io/dns';
/** Where calls to its wildcard hosts go, instead of what the mesh says: `original-destination` or `dynamic-dns`. */
export const WILDCARDS_ANNOTATION = 'sallyport.io/wildcards';

/** What the mesh says of names (docs/resolution.md). */
export interface NameRules {
  /** Annotations may tighten what the mesh says, and not loosen it. */
  readonly strict: boolean;
  readonly resolvedBy: ResolvedBy;
  readonly wildcards: WildcardsWord;
  readonly allowed: readonly AllowedAddresses[];
}

export function nameRules({ sallyport: { enforcement, dns, wildcards } }: Pick<MeshConfig, 'sallyport'>): NameRules {
  const strict = enforcement === 'strict';
  return {
    strict,
    resolvedBy: dns?.resolvedBy ?? (strict ? 'control-plane' : 'proxy'),
    wildcards: wildcards ?? (strict ? 'dynamic-dns' : 'original-destination'),
    allowed: dns?.allowedAddresses ?? [],
  };
}

type Annotated = Pick<ConfigObject, 'annotations'>;

/** Undefined for a value that is none of its words, and for one that strict enforcement does not take. */
export function dnsAnnotation({ annotations }: Annotated, rules: NameRules): ResolvedBy | undefined {
  const word = RESOLVED_BY.find((w) => w === annotations[DNS_ANNOTATION]);
  return rules.strict && word === 'proxy' ? undefined : word;
}

export function wildcardsAnnotation({ annotations }: Annotated, rules: NameRules): WildcardsWord | undefined {
  const word = WILDCARDS.find((w) => w === annotations[WILDCARDS_ANNOTATION]);
  return rules.strict && word === 'original-destination' ? undefined : word;
}

/** What becomes of the entry's resolution for one of its hosts: who looks it up, and which answers count. */
export function resolutionFor(
  host: string,
  entry: Annotated,
  declared: Pick<Service, 'resolution' | 'ports' | 'addresses' | 'selector'>,
  rules: NameRules,
): Pick<Service, 'resolution' | 'ports' | 'addresses' | 'resolvedBy' | 'guard'> {
  const { resolution, ports, addresses, selector } = declared;
  const selects = selector !== undefined;
  const guard = { guard: { allowed: allowedFor(host, rules.allowed) } };
  const same = { resolution, ports, addresses };
  if (isDns(resolution)) {
    if ((dnsAnnotation(entry, rules) ?? rules.resolvedBy) !== 'control-plane') return same;
    return { ...same, resolvedBy: 'control-plane', ...(rules.strict && guard) };
  }
  if (resolution === 'dynamic-dns') return rules.strict ? { ...same, ...guard } : same;
  if (resolution !== 'none') return same;
  if (!isWildcard(host)) {
    // An address range is a way to say where the name is; without one the caller alone would say it (spec/security.md R2).
    if (!rules.strict || addresses.length > 0 || selects) return same;
    const found: Partial<Service> = rules.resolvedBy === 'control-plane' ? { resolvedBy: 'control-plane', ...guard } : {};
    return {
      resolution: 'dns',
      ports: ports.flatMap(({ passthroughTarget: _, ...port }) => namingPort(port)),
      addresses,
      ...found,
    };
  }
  if ((wildcardsAnnotation(entry, rules) ?? rules.wildcards) !== 'dynamic-dns') return same;
  // The caller's address no longer counts, so neither do the ranges that it was looked for in.
  return { resolution: 'dynamic-dns', ports: ports.flatMap(namingPort), addresses: [], ...guard };
}

const isDns = (resolution: Resolution): boolean => resolution === 'dns' || resolution === 'dns-round-robin';

const NAMING: Readonly<Partial<Record<Protocol, Protocol>>> = {
  http: 'http',
  http2: 'http2',
  grpc: 'grpc',
  tls: 'tls',
  https: 'tls',
};

/** The port as one at which calls carry the name to be looked up; nothing for one at which they do not. */
export function namingPort({ number, name, protocol, passthroughTarget }: Port): readonly Port[] {
  const naming = NAMING[protocol];
  return naming === undefined || (passthroughTarget ?? number) !== number ? [] : [{ number, name, protocol: naming }];
}

function allowedFor(host: string, allowed: readonly AllowedAddresses[]): readonly string[] {
  const ranges = allowed.filter(({ hosts }) => hosts?.some((pattern) => isSubsetOf(host, pattern)) ?? true);
  return [...new Set(ranges.flatMap((one) => one.ranges))].sort();
}
