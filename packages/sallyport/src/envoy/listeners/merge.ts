import { type Issue, isHttp, isTcp, type Protocol } from '../../model/index.ts';
import { versionOf } from '../encode.ts';
import { overlapping, shadowed, shutOut } from './issues.ts';
import { HTTP_MATCH, MATCH_ALL } from './match.ts';
import type { HttpPart, Part, ServiceParts, TcpChain } from './parts.ts';

/** One part and who brings it. */
export interface Contribution {
  readonly owner: ServiceParts;
  readonly part: Part;
  /** The egress listener has a port of its own: what it makes is locked against the ones without. */
  readonly ported: boolean;
}

/** The chains of one listener in the order they came. */
export interface Merged {
  readonly chains: readonly (TcpChain | 'http')[];
  readonly http: HttpMerged | undefined;
  readonly issues: readonly Issue[];
}

/** The connection manager of a listener: its first service decides, others add the filters they need. */
export interface HttpMerged {
  readonly routes: string;
  readonly sniffs: boolean;
  readonly grpcWeb: boolean;
  /** Sorted. */
  readonly dynamicHosts: readonly string[];
}

type Group = 'http' | 'tcp' | 'auto';

/** What stands at a bind and port so far. */
interface Entry {
  readonly first: Contribution;
  group: Group;
  /** Mongo and MySQL suffer no other protocol beside them. */
  protocol: Protocol;
  chains: (TcpChain | 'http')[];
  readonly owners: Map<string, Contribution>;
  readonly cells: Map<string, Contribution>;
  http: { readonly part: HttpPart; readonly by: Contribution } | undefined;
}

/**
 * The listener that these contributions make together, given in Istio's order: egress listener, rank, age. Rules: the
 * table "same key again" of spec/istio.md 4.2. What another service shuts out is said.
 */
export function merge(contributions: readonly Contribution[]): Merged {
  const issues: Issue[] = [];
  let entry: Entry | undefined;
  for (const incoming of contributions) {
    if (entry === undefined) entry = started(incoming, issues);
    else if (!(entry.first.ported && !incoming.ported)) entry = joined(entry, incoming, issues);
  }
  if (entry === undefined) return { chains: [], http: undefined, issues };
  return { chains: entry.chains, http: httpOf(entry, contributions, issues), issues };
}

function started(incoming: Contribution, issues: Issue[]): Entry {
  const { part } = incoming;
  const entry: Entry = {
    first: incoming,
    // An HTTP port on the wildcard lets other bytes through, so it counts as detecting from the start.
    group: isHttp(part.protocol) && part.http?.sniffs ? 'auto' : groupOf(part.protocol),
    protocol: isHttp(part.protocol) && part.http?.sniffs ? 'auto' : part.protocol,
    chains: [],
    owners: new Map(),
    cells: new Map(),
    http: undefined,
  };
  addTcp(entry, incoming, issues);
  addHttp(entry, incoming);
  return entry;
}

function joined(entry: Entry, incoming: Contribution, issues: Issue[]): Entry {
  const { part } = incoming;
  // The HTTP proxy protocol is built without a look at what stands there.
  if (part.protocol === 'http-proxy' && entry.protocol !== 'http-proxy') return replaced(entry, incoming, issues);
  const group = groupOf(part.protocol);
  if (group === 'http' && entry.group !== 'tcp') return entry;
  if (isExclusive(entry.protocol, part.protocol)) {
    // Of a lost HTTP half is told when the connection manager is complete.
    if (part.http === undefined) issues.push(shutOut(entry.first.owner, incoming.owner, part));
    return entry;
  }
  if (group === 'auto' && entry.group === 'http') return replaced(entry, incoming, issues);
  addTcp(entry, incoming, issues);
  if (entry.group === 'tcp') addHttp(entry, incoming);
  if (group !== entry.group) {
    entry.group = 'auto';
    entry.protocol = 'auto';
  }
  return entry;
}

function replaced(entry: Entry, incoming: Contribution, issues: Issue[]): Entry {
  const losers = new Set([...entry.owners.values()].filter((by) => by.part.tcp.length > 0));
  for (const loser of losers) issues.push(shutOut(incoming.owner, loser.owner, loser.part));
  return started(incoming, issues);
}

/** First wins: a chain that takes the same connections as an earlier one is left out. */
function addTcp(entry: Entry, incoming: Contribution, issues: Issue[]): void {
  for (const chain of incoming.part.tcp) {
    const same = entry.owners.get(chain.match);
    if (same !== undefined) {
      if (!harmless(same, incoming, chain)) issues.push(shadowed(same.owner, incoming.owner, incoming.part, chain.match));
      continue;
    }
    const touched = chain.cells.map((cell) => entry.cells.get(cell)).find((by) => by !== undefined);
    if (touched !== undefined) {
      issues.push(overlapping(touched.owner, incoming.owner, incoming.part));
      continue;
    }
    entry.owners.set(chain.match, incoming);
    for (const cell of chain.cells) entry.cells.set(cell, incoming);
    entry.chains.push(chain);
  }
}

function addHttp(entry: Entry, incoming: Contribution): void {
  const { http } = incoming.part;
  if (http === undefined) return;
  const match = http.sniffs ? HTTP_MATCH : MATCH_ALL;
  if (entry.owners.has(match)) return;
  entry.owners.set(match, incoming);
  if (!http.sniffs) entry.cells.set(MATCH_ALL, incoming);
  entry.chains.push('http');
  entry.http = { part: http, by: incoming };
}

/** Nothing is lost if both lead to the same cluster, or if the loser is HTTP that was merely not declared. */
function harmless(winner: Contribution, loser: Contribution, chain: TcpChain): boolean {
  if (winner.owner === loser.owner || groupOf(loser.part.protocol) !== 'tcp') return true;
  const kept = winner.part.tcp.find(({ match }) => match === chain.match);
  return kept !== undefined && versionOf(kept.bytes) === versionOf(chain.bytes);
}

/** The connection manager with the needs of all services whose routes it serves; the others are told that they are not reached. */
function httpOf({ first, http }: Entry, contributions: readonly Contribution[], issues: Issue[]): HttpMerged | undefined {
  const dynamicHosts = new Set<string>();
  let grpcWeb = false;
  for (const { owner, part, ported } of contributions) {
    if (part.http === undefined || (first.ported && !ported)) continue;
    if (part.http.routes !== http?.part.routes) {
      issues.push(shutOut((http?.by ?? first).owner, owner, part));
      continue;
    }
    if (part.http.dynamicHost !== undefined) dynamicHosts.add(part.http.dynamicHost);
    grpcWeb ||= part.http.grpcWeb;
  }
  return http && { routes: http.part.routes, sniffs: http.part.sniffs, grpcWeb, dynamicHosts: [...dynamicHosts].sort() };
}

function groupOf(protocol: Protocol): Group {
  return isHttp(protocol) ? 'http' : isTcp(protocol) ? 'tcp' : 'auto';
}

function isExclusive(a: Protocol, b: Protocol): boolean {
  return a !== b && [a, b].some((protocol) => protocol === 'mongo' || protocol === 'mysql');
}
