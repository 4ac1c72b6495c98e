import { type Issue, isSniDnat, type OpenPort, type OpenServer, speaksHttp } from '../../model/index.ts';
import type { SniDnatHost } from '../clusters-stage.ts';
import { furtherBinds, wildcardFor } from '../listeners/facts.ts';
import { isServerName } from '../listeners/match.ts';
import { type ListenerPlan, planned } from '../listeners/plan.ts';
import { outboundListener } from '../names.ts';
import { type GatewayChain, gatewayChain } from './chain.ts';
import type { RouterFacts } from './facts.ts';
import { nobodyAsked, noIdentity, nothingBehind, nothingInside, takenName, unmatchable } from './issues.ts';
import { type L4Reads, l4Chains } from './l4.ts';
import { sniDnatChains } from './sni-dnat.ts';

/** What a listener is made from beside its servers. */
export interface ListenerReads extends L4Reads {
  /** DYNAMIC_DNS wildcards that a route configuration leads to. */
  readonly dynamicHosts: (routes: string) => readonly string[];
  /** What AUTO_PASSTHROUGH servers pass TLS on to. */
  readonly sniDnat: () => readonly SniDnatHost[];
}

/** The listener of an open port, and what is to be said about it. */
export interface GatewayListener {
  readonly plan: ListenerPlan | undefined;
  /** The route configurations that its chains ask for. */
  readonly routes: readonly string[];
  readonly issues: readonly Issue[];
}

/** None where nothing stands behind any server (spec/istio.md 4.12, 10.3). */
export function gatewayListener(port: OpenPort, facts: RouterFacts, reads: ListenerReads): GatewayListener {
  const wildcard = wildcardFor(facts.http);
  const bind = port.bind === '' ? wildcard : port.bind;
  const name = outboundListener(bind, port.port);
  const issues: Issue[] = [];
  const chains = distinct(chainsOf(port, name, facts, reads, issues), issues);
  if (chains.length === 0) return { plan: undefined, routes: [], issues };
  const head = {
    bind,
    furtherBinds: bind === wildcard ? furtherBinds(bind, facts.http) : [],
    port: port.port,
    kind: 'gateway' as const,
    tlsInspector: chains.some(({ serverNames, tls }) => tls !== undefined || serverNames.length > 0),
    httpInspector: false,
    logging: facts.http.logging,
  };
  const encoded = chains.map((chain) => ({ kind: 'encoded' as const, bytes: gatewayChain(chain, name, facts) }));
  const routes = chains.flatMap(({ to }) => (to.kind === 'http' ? [to.routes] : []));
  return { plan: planned(name, head, encoded, undefined), routes, issues };
}

/** A chain with the server that it is for. */
interface Owned extends GatewayChain {
  readonly server: OpenServer;
}

function chainsOf(
  { servers }: OpenPort,
  listener: string,
  facts: RouterFacts,
  reads: ListenerReads,
  issues: Issue[],
): readonly Owned[] {
  const plain = servers.filter(speaksHttp);
  const named = new Set<string>();
  return servers.flatMap((server): readonly Owned[] => {
    // The route configuration of the first tells hosts of all apart.
    if (speaksHttp(server)) return server === plain[0] ? [{ server, serverNames: [], to: manager(server, reads) }] : [];
    if (facts.withoutIdentity && server.tls?.mode === 'ISTIO_MUTUAL') {
      issues.push(noIdentity(server));
      return [];
    }
    if (server.routes !== '') {
      const serverNames = server.hosts.map(({ host }) => host);
      return [{ server, serverNames, ...(server.tls && { tls: server.tls }), to: manager(server, reads) }];
    }
    if (isSniDnat(server)) {
      const chains = sniDnatChains(server, listener, facts, reads.sniDnat(), reads.ruleOf);
      if (chains.length === 0) issues.push(nothingInside(server));
      else if (facts.authorization !== undefined) issues.push(nobodyAsked(server));
      // A cluster that several servers let through is the same behind each of them.
      const fresh = chains.filter(({ serverNames: [name = ''] }) => !named.has(name) && named.add(name));
      return fresh.map((chain) => ({ ...chain, server }));
    }
    const chains = l4Chains(server, listener, facts, reads);
    if (chains.length === 0) issues.push(nothingBehind(server));
    return chains.map((chain) => ({ ...chain, server }));
  });
}

/** What the protocol of the first server asks for, all on its port get. */
function manager({ port, routes }: OpenServer, { dynamicHosts }: ListenerReads): GatewayChain['to'] {
  return { kind: 'http', routes, grpcWeb: port.protocol === 'grpc-web', dynamicHosts: dynamicHosts(routes) };
}

/**
 * Envoy refuses a listener in which two chains take one name, or a name that is no name: the later chain is left out. What is not
 * told apart by names takes every name.
 */
function distinct(chains: readonly Owned[], issues: Issue[]): readonly Owned[] {
  const taken = new Map<string, OpenServer>();
  return chains.filter(({ serverNames, server }) => {
    const bad = serverNames.filter((name) => !isServerName(name));
    for (const name of bad) issues.push(unmatchable(name, server));
    const good = serverNames.filter(isServerName);
    if (good.length === 0 && bad.length > 0) return false;
    const names = good.length === 0 || good.includes('*') ? ['*'] : good.map((name) => name.toLowerCase());
    const lost = names.find((name) => taken.has(name));
    if (lost !== undefined) {
      issues.push(takenName(lost, server, taken.get(lost)!));
      return false;
    }
    for (const name of names) taken.set(name, server);
    return true;
  });
}
