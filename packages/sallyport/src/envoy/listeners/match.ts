import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FilterChainMatchSchema } from '@sallyport/apis/listener';
import { ipFamily, parseCidr } from '../../lib/ip.ts';
import { UNSPECIFIED } from '../addresses.ts';

/** Plaintext HTTP as the HTTP inspector names it. */
export const PLAINTEXT_HTTP: readonly string[] = ['http/1.1', 'h2c'];

/** Which connections a TCP chain takes: those whose server name and destination are both in the list; an empty list takes all. */
export interface ChainMatch {
  /** Lower case, as Envoy compares them; sorted; never `*`. */
  readonly serverNames: readonly string[];
  /** Prefixes in canonical form (`10.0.0.0/8`), sorted. */
  readonly prefixes: readonly string[];
}

export const EVERYTHING: ChainMatch = { serverNames: [], prefixes: [] };

/** What equals the match of an HTTP chain: the two ask for different things than TCP chains do. */
export const HTTP_MATCH = `raw_buffer ${PLAINTEXT_HTTP}`;
/** What equals a match that takes everything. */
export const MATCH_ALL = '|';

/**
 * A match from what users write: `*` among the names takes every name, a prefix of the unspecified address every
 * destination, addresses are prefixes of full length, doubles count once (spec/istio.md 4.2). Undefined if nothing that
 * was asked for can be matched, which must not become a match for everything.
 */
export function chainMatch(serverNames: readonly string[], destinations: readonly string[]): ChainMatch | undefined {
  const names = serverNames.includes('*') ? [] : serverNames.filter(isServerName).map((name) => name.toLowerCase());
  const prefixes = destinations.map(prefixOf).filter((prefix) => prefix !== undefined);
  if (names.length === 0 && serverNames.length > 0 && !serverNames.includes('*')) return undefined;
  if (prefixes.length === 0 && destinations.length > 0) return undefined;
  const everywhere = prefixes.some((prefix) => prefix.startsWith(`${UNSPECIFIED}/`) || prefix.startsWith('::/'));
  return { serverNames: sorted(names), prefixes: everywhere ? [] : sorted(prefixes) };
}

/** Names that Envoy can match: it refuses a listener with a wildcard that is not a whole label (`*foo.com`). */
export function isServerName(name: string): boolean {
  return !name.includes('*') || name === '*' || (name.startsWith('*.') && !name.includes('*', 1));
}

/** Two chains with the same text take the same connections: the first wins. */
export function matchText({ serverNames, prefixes }: ChainMatch): string {
  return `${serverNames}|${prefixes}`;
}

/** The single pairs of name and prefix that a match takes; Envoy refuses a listener in which two chains take the same pair. */
export function cellsOf({ serverNames, prefixes }: ChainMatch): readonly string[] {
  const names = serverNames.length === 0 ? [''] : serverNames;
  return (prefixes.length === 0 ? [''] : prefixes).flatMap((prefix) => names.map((name) => `${name}|${prefix}`));
}

/** Envoy's form; undefined for a match that takes everything, which is written by leaving it out. */
export function matchMessage(match: ChainMatch): MessageInitShape<typeof FilterChainMatchSchema> | undefined {
  if (match.serverNames.length === 0 && match.prefixes.length === 0) return undefined;
  return {
    serverNames: [...match.serverNames],
    prefixRanges: match.prefixes.map((prefix) => {
      const [addressPrefix, length] = prefix.split('/');
      return { addressPrefix: addressPrefix!, prefixLen: Number(length) };
    }),
  };
}

function prefixOf(text: string): string | undefined {
  const family = ipFamily(text);
  if (family !== 0) return `${text}/${family === 4 ? 32 : 128}`;
  const cidr = parseCidr(text);
  return cidr && `${cidr.prefix}/${cidr.length}`;
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.length < 2 ? texts : [...new Set(texts)].sort();
}
