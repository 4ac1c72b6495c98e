import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ListenerFilterChainMatchPredicateSchema, ListenerFilterSchema } from '@sallyport/apis/listener';
import { PLAINTEXT_HTTP } from '../listeners/match.ts';
import { httpInspection, tlsInspection } from '../listeners/plan.ts';
import type { InboundMatch } from './chains.ts';

type FilterInit = MessageInitShape<typeof ListenerFilterSchema>;
type Predicate = MessageInitShape<typeof ListenerFilterChainMatchPredicateSchema>;

/**
 * The inspectors that a listener with these chains needs, each off for ports whose chains do not ask what it finds out: a
 * server that speaks first would wait for its client there (spec/istio.md 10.3).
 */
export function inspectors(matches: readonly InboundMatch[]): FilterInit[] {
  const tls = portsBy(matches, ({ transport }) => transport === 'tls');
  const http = portsBy(matches, ({ alpn }) => alpn.some((name) => PLAINTEXT_HTTP.includes(name)));
  const filters: FilterInit[] = [];
  if (tls.needing.length > 0) {
    const off = tls.needing.includes(0) ? anyOfPorts(tls.others) : notPorts(tls.needing);
    filters.push({ ...tlsInspection(), ...(off && { filterDisabled: off }) });
  }
  if (http.needing.length > 0) {
    const off = anyOfPorts(http.others);
    filters.push({ ...httpInspection(), ...(off && { filterDisabled: off }) });
  }
  return filters;
}

interface Ports {
  readonly needing: readonly number[];
  readonly others: readonly number[];
}

/** Ports apart by whether some chain of theirs asks; 0 stands for chains of no port. */
function portsBy(matches: readonly InboundMatch[], asks: (match: InboundMatch) => boolean): Ports {
  const all = [...new Set(matches.map(({ port = 0 }) => port))].sort((a, b) => a - b);
  const needing = new Set(matches.filter(asks).map(({ port = 0 }) => port));
  return { needing: all.filter((port) => needing.has(port)), others: all.filter((port) => !needing.has(port)) };
}

function anyOfPorts(ports: readonly number[]): Predicate | undefined {
  const rules = ports.map(onePort);
  return rules.length < 2 ? rules[0] : { rule: { case: 'orMatch', value: { rules } } };
}

/** Everywhere but there. */
function notPorts(ports: readonly number[]): Predicate | undefined {
  const there = anyOfPorts(ports);
  return there && { rule: { case: 'notMatch', value: there } };
}

function onePort(port: number): Predicate {
  return { rule: { case: 'destinationPortRange', value: { start: port, end: port + 1 } } };
}
