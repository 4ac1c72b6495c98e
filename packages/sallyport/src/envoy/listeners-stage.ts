import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { type Issue, linkKey, MESH, poolKey, type ResourceLink, scopedKey } from '../model/index.ts';
import { factsOf } from './listeners/facts.ts';
import { httpChain } from './listeners/http-chain.ts';
import { partsOf } from './listeners/parts.ts';
import { encodedListener, httpChainsOf, type ListenerPlan } from './listeners/plan.ts';
import { captureListener, httpProxyListener } from './listeners/proxy-listeners.ts';
import { asksL4, buildL4, usesOf } from './listeners/routing-uses.ts';
import { listenerAt, type Member, placeOf, sameVisit, visitOf } from './listeners/visits.ts';
import { aliasesOf } from './routes/routable.ts';
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

  const l4 = buildL4(graph, inputs);
  const facts = graph.derive(
    'listener facts',
    classes,
    (proxies, key, read) => {
      const scope = read.get(scopes, key);
      const config = read.get(mesh, MESH);
      const found = scope && config && factsOf(proxies, scope, config, asksL4(l4, key, scope.egress.length, read));
      return found === undefined ? [] : [[key, found]];
    },
    structural,
  );

  // Who sees what: where it listens, and by which source its chains are made.
  const visits = graph.derive(
    'listener visits',
    visible,
    (row, key, read) => {
      const of = read.get(facts, row.class);
      const service = read.get(services, row.service);
      if (of === undefined || service === undefined) return [];
      const rule = read.get(scoped, scopedKey(row))?.rule;
      const pool = () => read.get(pools, poolKey(service));
      const visit = visitOf(row, of, service, rule, usesOf(l4, inputs, row, of, read), pool);
      return visit === undefined ? [] : [[key, visit]];
    },
    sameVisit,
  );

  // Sources to encoded chains, once each.
  const aliases = graph.index('aliases by host', services, ({ aliasOf }) =>
    aliasOf === undefined ? [] : [aliasOf.toLowerCase()],
  );
  const hostsAt = (read: Read, keys: Iterable<string>) => [...keys].map((key) => read.get(services, key)!.host);
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
        aliases: () => aliasesOf(service.host, (host) => hostsAt(read, read.lookup(aliases, host))),
      };
      return [[key, partsOf(source, service, reads)]];
    },
    structural,
  );

  // Places: one listener for each class, bind and port.
  const visitsAt = graph.index('listener visits by place', visits, ({ places }) => places);
  const resolversOf = graph.index('listener visits that resolve', visits, (row) =>
    row.resolves === undefined ? [] : [row.class],
  );
  const places = graph.distinct('listener places', visits, (visit) => visit.places.map((key) => [key, placeOf(key)]));
  const planned = graph.derive(
    'listener plans',
    places,
    (place, key, read) => {
      const of = read.get(facts, place.class);
      if (of === undefined) return [];
      const members: Member[] = [];
      for (const at of read.lookup(visitsAt, key)) {
        const visit = read.get(visits, at);
        const found = visit && read.get(parts, visit.source);
        if (visit !== undefined && found !== undefined) members.push({ visit, parts: found });
      }
      return [[key, { class: place.class, ...listenerAt(place, members, of) }]];
    },
    (a, b) => a.plan?.key === b.plan?.key && structural(a.issues, b.issues),
  );

  // Which class has which, and each different one encoded once.
  const linksOfPlaces = graph.derive(
    'listener links of places',
    planned,
    ({ class: of, plan }) => (plan === undefined ? [] : [linked(of, plan)]),
    sameTarget,
  );
  const linksOfProxies = graph.derive(
    'listener links of proxies',
    facts,
    (of, key, read) => {
      const hosts = new Set([...read.lookup(resolversOf, key)].map((at) => read.get(visits, at)!.resolves!));
      const own = [captureListener(of), httpProxyListener(of, [...hosts].sort())];
      return own.filter((plan) => plan !== undefined).map((plan) => linked(key, plan));
    },
    sameTarget,
  );
  const links = graph.union('listener links', linksOfProxies, linksOfPlaces);
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
  ];
  return { listeners: { type: 'listener', links, resources }, issues };
}

function linked(of: string, plan: ListenerPlan): readonly [string, PlannedLink] {
  const link = { class: of, type: 'listener', name: plan.name, target: plan.key } as const;
  return [linkKey(link), { ...link, plan }];
}

const sameTarget = (a: ResourceLink, b: ResourceLink): boolean => a.target === b.target;

/** Many classes find the same fault; it is said once. */
function once(issue: Issue): readonly [string, Issue] {
  return [JSON.stringify(issue), issue];
}
