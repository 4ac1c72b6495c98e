import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type Issue, linkKey, MESH, poolKey, type ResourceLink, scopedKey } from '../model/index.ts';
import { accessLogIssues } from './listeners/access-log.ts';
import { factsOf } from './listeners/facts.ts';
import { httpChain } from './listeners/http-chain.ts';
import { partsOf } from './listeners/parts.ts';
import { encodedListener, httpChainsOf, type ListenerPlan } from './listeners/plan.ts';
import { captureListener, httpProxyListener } from './listeners/proxy-listeners.ts';
import { buildRoutingUses } from './listeners/routing-uses.ts';
import { listenerAt, memberOf, placeOf, sameMember, sameVisit, visitOf } from './listeners/visits.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

/** A class has a listener made by this plan. */
interface PlannedLink extends ResourceLink {
  readonly plan: ListenerPlan;
}

/**
 * The outbound listeners of all classes of sidecars (spec/istio.md 4.2, 4.4, 4.5). A service's chains are encoded once for
 * all classes that agree on what they depend on, and a listener is joined from them once for all classes that agree on it.
 */
export function buildListeners(
  graph: Graph,
  inputs: EnvoyInputs,
): { readonly listeners: ResourceTable; readonly issues: readonly Collection<Issue>[] } {
  const { classes, scopes, mesh, services, rules, routings, pools, scoped, visible } = inputs;

  const facts = graph.derive(
    'listener facts',
    classes,
    (proxies, key, read) => {
      const scope = read.get(scopes, key);
      const config = read.get(mesh, MESH);
      const found = scope && config && factsOf(proxies, scope, config);
      return found === undefined ? [] : [[key, found]];
    },
    structural,
  );

  // Who sees what, and by which source its chains are made.
  const usesOf = buildRoutingUses(graph, inputs);
  const visits = graph.derive(
    'listener visits',
    visible,
    (row, key, read) => {
      const of = read.get(facts, row.class);
      const visit = of && visitOf(row, of, read.get(scoped, scopedKey(row)), usesOf(row, of, read));
      return visit === undefined ? [] : [[key, visit]];
    },
    sameVisit,
  );

  // Sources to encoded chains, once each.
  const sources = graph.distinct('listener sources', visits, ({ source, of }) => [[source, of]]);
  const parts = graph.derive(
    'listener parts',
    sources,
    (source, key, read) => {
      const service = read.get(services, source.service);
      if (service === undefined) return [];
      const reads = {
        rule: (at: string) => read.get(rules, at),
        routing: (at: string) => read.get(routings, at),
        pool: () => read.get(pools, poolKey(service)),
      };
      return [[key, partsOf(source, service, reads)]];
    },
    structural,
  );

  // Parts to places: a listener for each class, bind and port.
  const members = graph.derive(
    'listener members',
    visits,
    (visit, key, read) => {
      const found = read.get(parts, visit.source);
      return found === undefined ? [] : [[key, memberOf(visit, found)]];
    },
    sameMember,
  );
  const membersAt = graph.index('listener members by place', members, ({ places }) => places);
  const resolversOf = graph.index('listener members that resolve', members, (member) =>
    member.parts.dynamicHost === undefined ? [] : [member.class],
  );
  const places = graph.distinct('listener places', members, (member) => member.places.map((key) => [key, placeOf(key)]));
  const planned = graph.derive(
    'listener plans',
    places,
    (place, key, read) => {
      const of = read.get(facts, place.class);
      if (of === undefined) return [];
      const here = [...read.lookup(membersAt, key)].map((at) => read.get(members, at)!);
      return [[key, { class: place.class, ...listenerAt(place, here, of) }]];
    },
    (a, b) => a.plan?.key === b.plan?.key && structural(a.issues, b.issues),
  );
  const plansOf = graph.index('listener plans by class', planned, ({ class: of }) => [of]);

  // Which class has which, and each different one encoded once.
  const links = graph.derive(
    'listener links',
    facts,
    (of, key, read) => {
      const own = [...read.lookup(plansOf, key)].map((at) => read.get(planned, at)?.plan);
      const hosts = new Set([...read.lookup(resolversOf, key)].map((at) => read.get(members, at)!.parts.dynamicHost!));
      const plans = [captureListener(of), httpProxyListener(of, [...hosts].sort()), ...own].filter((plan) => plan !== undefined);
      return plans.map((plan): readonly [string, PlannedLink] => {
        const link = { class: key, type: 'listener', name: plan.name, target: plan.key } as const;
        return [linkKey(link), { ...link, plan }];
      });
    },
    (a, b) => a.target === b.target,
  );
  const plans = graph.distinct('listeners to encode', links, ({ target, plan }) => [[target, plan]]);
  const httpChains = graph.derive('http chains', graph.distinct('http chains to encode', plans, httpChainsOf), (spec, key) => [
    [key, httpChain(spec)],
  ]);
  const resources = graph.derive('listeners', plans, (plan, key, read) => [
    [key, encodedListener(plan, (http) => read.get(httpChains, http)!)],
  ]);

  const issues = [
    graph.distinct('listener issues of services', parts, (found) => found.issues.map(once)),
    graph.distinct('listener issues of places', planned, (found) => found.issues.map(once)),
    graph.derive('listener issues of the mesh', mesh, (config) => accessLogIssues(config).map(once), structural),
  ];
  return { listeners: { type: 'listener', links, resources }, issues };
}

/** Many classes find the same fault; it is said once. */
function once(issue: Issue): readonly [string, Issue] {
  return [JSON.stringify(issue), issue];
}
