import type { Read } from '../../collection/index.ts';
import { type HttpRoute, type Routing, type Rule, type RuleKey, scopedKey } from '../../model/index.ts';
import { candidatesFor, speakerFor } from './crowd.ts';
import { hashesAnywhere } from './hash-policy.ts';
import type { Routable } from './routable.ts';
import { type Destinations, NOTHING_SPECIAL, type SpecialDestination } from './spec.ts';
import type { RouteTables } from './tables.ts';

type Tables = Pick<RouteTables, 'visible' | 'routables' | 'visibleByHost' | 'scoped' | 'rules'>;

/** What a class knows about the destinations of a VirtualService that their names do not say. `own`: the service it is for. */
export function destinationsOf(
  lane: { class: string; egress: number },
  routing: Routing,
  listenPort: number,
  read: Read,
  tables: Tables,
  own?: Pick<Routable, 'host' | 'aliasOf'>,
): Destinations {
  let special: Record<string, SpecialDestination> | undefined;
  for (const host of hostsOf(routing.spec.http ?? [])) {
    // Most VirtualServices lead to the host they are for, about which everything is known: no look-up for those.
    const plain = listenPort !== 0 && host === own?.host && own.aliasOf === undefined;
    const concrete = plain ? undefined : concreteOf(lane, host, listenPort, read, tables);
    const hashing = hashingRule(lane.class, host, read, tables);
    if (concrete === undefined && hashing === undefined) continue;
    special ??= {};
    special[host] = { ...concrete, ...hashing };
  }
  return special ?? NOTHING_SPECIAL;
}

/** The same for a service without VirtualService, whose only destination it is. */
export function destinationsOfService(proxies: string, host: string, read: Read, tables: Tables): Destinations {
  const found = hashingRule(proxies, host, read, tables);
  return found === undefined ? NOTHING_SPECIAL : { [host]: found };
}

/** All hosts that requests are sent or mirrored to, each once. */
export function hostsOf(routes: readonly HttpRoute[]): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const { route, mirror, mirrors } of routes) {
    for (const { destination } of route ?? []) hosts.add(destination.host.toLowerCase());
    if (mirror !== undefined) hosts.add(mirror.host.toLowerCase());
    for (const { destination } of mirrors ?? []) hosts.add(destination.host.toLowerCase());
  }
  return hosts;
}

/**
 * An alias leads to the host it stands for if it has the port (spec/istio.md 12). Where a listener stands for all ports,
 * a destination without a port means the service's only one.
 */
function concreteOf(
  lane: { class: string; egress: number },
  host: string,
  listenPort: number,
  read: Read,
  tables: Tables,
): SpecialDestination | undefined {
  const found = candidatesFor(lane, host, read, tables);
  if (listenPort !== 0) {
    const alias = speakerFor(listenPort, found)?.candidate.service.aliasOf;
    return alias === undefined ? undefined : { host: alias };
  }
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const [port, ...others] = last.visible.portNumbers;
  const only = port !== undefined && others.length === 0 ? port : undefined;
  const { aliasOf } = last.service;
  if (only === undefined && aliasOf === undefined) return undefined;
  return { ...(only !== undefined && { port: only }), ...(aliasOf !== undefined && { host: aliasOf }) };
}

function hashingRule(proxies: string, host: string, read: Read, tables: Tables): { rule: RuleKey } | undefined {
  const key = read.get(tables.scoped, scopedKey({ class: proxies, host }))?.rule;
  const rule: Rule | undefined = key === undefined ? undefined : read.get(tables.rules, key);
  return key !== undefined && rule !== undefined && hashesAnywhere(rule) ? { rule: key } : undefined;
}
