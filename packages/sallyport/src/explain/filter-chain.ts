import type { CidrRange } from '@sallyport/apis/core';
import {
  type FilterChain,
  type FilterChainMatch,
  type Listener,
  FilterChainMatch_ConnectionSourceType as SourceType,
} from '@sallyport/apis/listener';
import { inCidr, parseCidr } from '../lib/ip.ts';
import type { Seen } from './listener-filters.ts';
import { once } from './once.ts';
import { type ChainChosenStep, type ChainCriterion, type FilterChainStep, MOST_NAMED } from './step.ts';

/** How well a chain's value fits the call; the larger the better. */
interface Fit {
  readonly rank: number;
  readonly value: string;
}

interface Criterion {
  readonly name: ChainCriterion;
  readonly caller: (seen: Seen) => string;
  readonly isSet: (match: FilterChainMatch) => boolean;
  /** The best fit of a chain that sets the criterion, or undefined if it does not match. */
  readonly fit: (match: FilterChainMatch, seen: Seen) => Fit | undefined;
}

const unknown = (): undefined => undefined;

/**
 * Envoy's order (FilterChainMatch in its API). A call says nothing of its source, so chains that want a certain source
 * are never chosen for it.
 */
const CRITERIA: readonly Criterion[] = [
  {
    name: 'destinationPort',
    caller: (seen) => String(seen.port),
    isSet: (m) => m.destinationPort !== undefined,
    fit: (m, seen) => (m.destinationPort === seen.port ? { rank: 0, value: String(seen.port) } : undefined),
  },
  {
    name: 'prefixRanges',
    caller: (seen) => seen.address,
    isSet: (m) => m.prefixRanges.length > 0,
    fit: (m, seen) =>
      best(cidrsOf(m).map((cidr) => (inCidr(seen.address, cidr) ? { rank: cidr.length, value: cidr.text } : undefined))),
  },
  {
    name: 'serverNames',
    caller: (seen) => seen.sni,
    isSet: (m) => m.serverNames.length > 0,
    fit: (m, seen) => best(m.serverNames.map((name) => serverNameFit(name.toLowerCase(), seen.sni))),
  },
  {
    name: 'transportProtocol',
    caller: (seen) => seen.transport,
    isSet: (m) => m.transportProtocol !== '',
    fit: (m, seen) => (m.transportProtocol === seen.transport ? { rank: 0, value: seen.transport } : undefined),
  },
  {
    name: 'applicationProtocols',
    caller: (seen) => seen.alpn.join(','),
    isSet: (m) => m.applicationProtocols.length > 0,
    // The caller's first choice that any chain lists wins, so its place in the caller's list is the rank.
    fit: (m, seen) =>
      best(seen.alpn.map((value, place) => (m.applicationProtocols.includes(value) ? { rank: -place, value } : undefined))),
  },
  { name: 'directSourcePrefixRanges', caller: () => '', isSet: (m) => m.directSourcePrefixRanges.length > 0, fit: unknown },
  { name: 'sourceType', caller: () => '', isSet: (m) => m.sourceType !== SourceType.ANY, fit: unknown },
  { name: 'sourcePrefixRanges', caller: () => '', isSet: (m) => m.sourcePrefixRanges.length > 0, fit: unknown },
  { name: 'sourcePorts', caller: () => '', isSet: (m) => m.sourcePorts.length > 0, fit: unknown },
];

export interface ChainChoice {
  /** Absent when there is none, or more than one. */
  readonly chain?: FilterChain;
  readonly error?: 'NoFilterChain' | 'MultipleFilterChain';
  readonly steps: readonly (FilterChainStep | ChainChosenStep)[];
}

/**
 * Reduces the chains of a listener to one (conformance/README.md section 2, step 3): at each criterion the best matching
 * chains stay, or, if none matches, those that do not set it. There is no way back.
 */
export function chooseFilterChain(listener: Listener, seen: Seen): ChainChoice {
  const steps: (FilterChainStep | ChainChosenStep)[] = [];
  let left: readonly FilterChain[] = listener.filterChains;
  for (const { name, caller, isSet, fit } of CRITERIA) {
    const setting = left.filter((chain) => chain.filterChainMatch !== undefined && isSet(chain.filterChainMatch));
    if (setting.length === 0) continue;
    const fits = setting.map((chain) => ({ chain, fit: fit(chain.filterChainMatch!, seen) }));
    const top = best(fits.map((f) => f.fit));
    const after: readonly FilterChain[] =
      top === undefined
        ? left.filter((chain) => !setting.includes(chain))
        : fits.filter((f) => f.fit?.rank === top.rank).map((f) => f.chain);
    steps.push({
      at: 'filterChain',
      criterion: name,
      caller: caller(seen),
      ...(top !== undefined && { matched: top.value }),
      before: left.length,
      after: after.length,
    });
    left = after;
  }
  const chosen = (rule: ChainChosenStep['rule'], chains: readonly FilterChain[]): typeof steps => [
    ...steps,
    { at: 'chosenChain', rule, chains: chains.slice(0, MOST_NAMED).map(labelOf) },
  ];
  if (left.length > 1) return { error: 'MultipleFilterChain', steps: chosen('several left', left) };
  const [only] = left;
  if (only !== undefined) return { chain: only, steps: chosen('only one left', left) };
  const { defaultFilterChain } = listener;
  if (defaultFilterChain === undefined) return { error: 'NoFilterChain', steps: chosen('none left', []) };
  return { chain: defaultFilterChain, steps: chosen('default', [defaultFilterChain]) };
}

function best(fits: readonly (Fit | undefined)[]): Fit | undefined {
  return fits.reduce((a, b) => (b !== undefined && (a === undefined || b.rank > a.rank) ? b : a), undefined);
}

/** Exact names win over wildcards, longer wildcards over shorter; `*.` stands for one label or more. */
function serverNameFit(name: string, sni: string): Fit | undefined {
  if (name === sni) return { rank: Number.POSITIVE_INFINITY, value: name };
  const suffix = name.startsWith('*.') ? name.slice(1) : undefined;
  return suffix !== undefined && sni.length > suffix.length && sni.endsWith(suffix)
    ? { rank: suffix.length, value: name }
    : undefined;
}

const cidrsOf = once((match: FilterChainMatch) => match.prefixRanges.flatMap(cidrOf));

function cidrOf({ addressPrefix, prefixLen }: CidrRange) {
  const text = `${addressPrefix}/${prefixLen ?? 0}`;
  const cidr = parseCidr(text);
  return cidr === undefined ? [] : [{ ...cidr, text }];
}

/** A chain's name, or what it matches. */
function labelOf(chain: FilterChain): string {
  if (chain.name !== '') return chain.name;
  const m = chain.filterChainMatch;
  if (m === undefined) return 'any';
  const parts = [
    m.destinationPort === undefined ? '' : `port ${m.destinationPort}`,
    cidrsOf(m)
      .map((cidr) => cidr.text)
      .join(' '),
    m.serverNames.join(' '),
    m.transportProtocol,
    m.applicationProtocols.join(' '),
  ];
  return parts.filter((part) => part !== '').join(', ') || 'any';
}
