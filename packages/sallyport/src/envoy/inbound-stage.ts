import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type ClassInbound, type Issue, linkKey, MESH, type Resource, type ResourceLink, scopedKey } from '../model/index.ts';
import { rulePath } from './cluster-metadata.ts';
import { effectivePolicy } from './cluster-policy.ts';
import { inboundChain } from './inbound/chain.ts';
import { inboundClusterResource, inboundClusterSpec } from './inbound/cluster.ts';
import { type InboundFacts, inboundFactsOf } from './inbound/facts.ts';
import { inboundIssues } from './inbound/issues.ts';
import { inboundListenerResource, inboundListeners } from './inbound/listener.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

export interface InboundOutputs {
  readonly listeners: ResourceTable;
  readonly clusters: ResourceTable;
  readonly issues: readonly Collection<Issue>[];
}

/** virtualInbound and its clusters: what each class serves → plans → every different chain, listener and cluster once. */
export function buildInbound(graph: Graph, inputs: EnvoyInputs): InboundOutputs {
  const { classes, mesh, inbound, authorized, scoped, rules } = inputs;
  const facts = graph.derive(
    'inbound.facts',
    classes,
    (proxies, key, read) => {
      const config = read.get(mesh, MESH);
      const found = config && inboundFactsOf(proxies, config, read.get(authorized, key));
      return found === undefined ? [] : [[key, found]];
    },
    structural,
  );
  const served = graph.derive(
    'inbound.served',
    inbound,
    (row, key, read) => {
      const of = read.get(facts, key);
      return of === undefined ? [] : [[key, reachable(row, of)]];
    },
    structural,
  );

  const plans = graph.derive(
    'inbound.listenerPlans',
    served,
    (row, key, read) => {
      const of = read.get(facts, key);
      return of === undefined ? [] : [[key, inboundListeners(row, of)]];
    },
    sameKeys,
  );
  const listeners = graph.distinct('inbound.listenersToEncode', plans, keyed);
  const chains = graph.distinct('inbound.chainsToEncode', listeners, (plan) => plan.chains.map((chain) => [chain.key, chain]));
  const encodedChains = graph.derive('inbound.chains', chains, ({ chain, listener, facts: of }, key) => [
    [key, inboundChain(chain, listener, of)],
  ]);
  const listenerResources = graph.derive(
    'inbound.listeners',
    listeners,
    (plan, key, read) => [[key, inboundListenerResource(plan, (chain) => read.get(encodedChains, chain)!)]],
    sameResource,
  );

  const clusterPlans = graph.derive(
    'inbound.clusterPlans',
    served,
    (row, key, read) => {
      const of = read.get(facts, key);
      const config = read.get(mesh, MESH);
      if (of === undefined || config === undefined) return [];
      const specs = row.ports.map((port) => {
        const found = read.get(scoped, scopedKey({ class: key, host: port.ruledBy }))?.general;
        const rule = found === undefined ? undefined : read.get(rules, found);
        const { connectionPool } = effectivePolicy(rule, '', port.port, config);
        return inboundClusterSpec(port, { connectionPool, by: rule?.trafficPolicy && rulePath(rule) }, of);
      });
      return [[key, specs]];
    },
    sameKeys,
  );
  const clusters = graph.distinct('inbound.clustersToEncode', clusterPlans, keyed);
  const clusterResources = graph.derive(
    'inbound.clusters',
    clusters,
    (spec, key, read) => {
      const config = read.get(mesh, MESH);
      return config === undefined ? [] : [[key, inboundClusterResource(spec, config)]];
    },
    sameResource,
  );

  const found = graph.derive(
    'inbound.found',
    inbound,
    (row, key, read) => {
      const of = read.get(facts, key);
      return of === undefined ? [] : [[key, inboundIssues(row, of)]];
    },
    structural,
  );
  return {
    listeners: {
      type: 'listener',
      links: graph.derive('inbound.listenerLinks', plans, (made, id) => linksTo(id, 'listener', made), sameTarget),
      resources: listenerResources,
    },
    clusters: {
      type: 'cluster',
      links: graph.derive('inbound.clusterLinks', clusterPlans, (made, id) => linksTo(id, 'cluster', made), sameTarget),
      resources: clusterResources,
    },
    // Many classes find the same fault; it is said once.
    issues: [graph.distinct('inbound.issues', found, (list) => list.map((issue) => [JSON.stringify(issue), issue]))],
  };
}

/**
 * Where nothing is captured, only ports that a Sidecar names are listened at: services alone would take the workload's own.
 * What is served at the port of the capture itself would go round in circles.
 */
function reachable(row: ClassInbound, { capture, capturePort }: InboundFacts): ClassInbound {
  const named = capture === 'none' ? row.ports.filter(({ ingress }) => ingress !== undefined) : row.ports;
  return { ...row, ports: named.filter(({ target }) => capture === 'none' || target !== capturePort) };
}

interface Keyed {
  readonly key: string;
  readonly name: string;
}

function keyed<V extends Keyed>(made: readonly V[]): (readonly [string, V])[] {
  return made.map((one) => [one.key, one] as const);
}

function linksTo(id: string, type: 'listener' | 'cluster', made: readonly Keyed[]): (readonly [string, ResourceLink])[] {
  return made.map(({ name, key }) => {
    const link = { class: id, type, name, target: key };
    return [linkKey(link), link] as const;
  });
}

function sameKeys<V extends Keyed>(a: readonly V[], b: readonly V[]): boolean {
  return a.length === b.length && a.every(({ key }, i) => key === b[i]?.key);
}
const sameTarget = (a: ResourceLink, b: ResourceLink): boolean => a.target === b.target;
const sameResource = (a: Resource, b: Resource): boolean => a.version === b.version && a.name === b.name;
