import { type Collection, type Graph, structural } from '../collection/index.ts';
import {
  type BoundRouting,
  type Issue,
  linkKey,
  MESH,
  type OpenServer,
  type ResourceLink,
  type Routing,
} from '../model/index.ts';
import type { ClustersOutputs } from './clusters-stage.ts';
import { versionOf } from './encode.ts';
import { boundPlace, boundTo } from './gateways/bound.ts';
import { httpDestinations, knownDestinations, l4Hosts, servicePlace, specialDestinations } from './gateways/destinations.ts';
import { type EncodedPart, encodePart, encodeRoutes } from './gateways/encode-routes.ts';
import { routerFacts } from './gateways/facts.ts';
import { gatewayListener } from './gateways/listener.ts';
import { planKey, routesOfPort } from './gateways/routes.ts';
import { encodedListener } from './listeners/plan.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

export interface GatewayInputs extends EnvoyInputs {
  readonly boundRoutings: Collection<BoundRouting>;
}

/**
 * The listeners and route configurations of classes of routers (spec/istio.md 4.12). A VirtualService with HTTP routes
 * recomputes the route configurations in which it stands, one with tcp or tls routes the listeners.
 */
export function buildGateways(
  graph: Graph,
  inputs: GatewayInputs,
  sniDnat: ClustersOutputs['sniDnat'],
): { readonly listeners: ResourceTable; readonly routes: ResourceTable; readonly issues: readonly Collection<Issue>[] } {
  const { openPorts, boundRoutings, routings, rules, mesh } = inputs;
  const boundAt = graph.index('bound routings by gateway', boundRoutings, (row) => [boundPlace(row)]);
  const bound = { boundRoutings, routings, boundAt };
  const servicesAt = graph.index('services by namespace and host', inputs.services, (service) => [servicePlace(service)]);
  const destinations = { ...inputs, servicesAt };
  const routers = graph.derive(
    'router facts',
    inputs.classes,
    (proxies, key, read) => {
      const config = read.get(mesh, MESH);
      const facts = config && routerFacts(proxies, config, read.get(inputs.authorized, key));
      return facts === undefined ? [] : [[key, facts]];
    },
    structural,
  );

  const routePlans = graph.derive(
    'gateway route plans',
    openPorts,
    (port, key, read) => {
      const facts = read.get(routers, port.class);
      if (facts === undefined) return [];
      const plans = routesOfPort(port, facts, {
        boundTo: (server) => boundTo(port.class, server, read, bound),
        known: (routing) => httpDestinations(port.class, routing, read, destinations),
        special: (known) => specialDestinations(known, read, inputs),
      });
      return plans.map((plan) => [planKey(key, plan.name), plan] as const);
    },
    structural,
  );
  const parts = graph.distinct('gateway routes to encode', routePlans, (plan) => Object.entries(plan.parts));
  const encodedParts = graph.derive(
    'gateway routes',
    parts,
    (part, key, read) => {
      const ruleOf = (host: string) => {
        const rule = part.destinations[host]?.rule;
        return rule === undefined ? undefined : read.get(rules, rule);
      };
      const meshRetries = read.get(mesh, MESH)?.defaultHttpRetryPolicy;
      return [[key, encodePart(part, read.get(routings, part.routing), ruleOf, meshRetries)]];
    },
    samePart,
  );
  const routeLists = graph.distinct('gateway route configurations to encode', routePlans, ({ key, name, hosts }) => [
    [key, { name, hosts }] as const,
  ]);
  const routes = graph.derive(
    'gateway route configurations',
    routeLists,
    (list, key, read) => [[key, encodeRoutes(list, (part) => read.get(encodedParts, part))]],
    (a, b) => a.version === b.version,
  );
  const listenerPlans = graph.derive(
    'gateway listener plans',
    openPorts,
    (port, key, read) => {
      const facts = read.get(routers, port.class);
      if (facts === undefined) return [];
      const reads = {
        boundTo: (server: OpenServer) => boundTo(port.class, server, read, bound),
        known: (routing: Routing) => knownDestinations(port.class, l4Hosts(routing), read, inputs),
        ruleOf: (rule: string) => read.get(rules, rule),
        sniDnat: () => sniDnat(port.class, read),
        dynamicHosts: (name: string) => read.get(routePlans, planKey(key, name))?.dynamicHosts ?? [],
      };
      return [[key, { class: port.class, ...gatewayListener(port, facts, reads) }]];
    },
    (a, b) => a.class === b.class && a.plan?.key === b.plan?.key && structural([a.routes, a.issues], [b.routes, b.issues]),
  );
  const listenerLinks = graph.derive(
    'gateway listener links',
    listenerPlans,
    ({ class: of, plan }) => {
      if (plan === undefined) return [];
      const link: ResourceLink = { class: of, type: 'listener', name: plan.name, target: plan.key };
      return [[linkKey(link), link]];
    },
    structural,
  );
  // A server that several ports of a service lead to has one route configuration.
  const plansOf = graph.index('gateway route plans by name', routePlans, (plan) => [routesPlace(plan)]);
  const named = graph.distinct('gateway routes of classes', listenerPlans, ({ class: of, routes }) =>
    routes.map((name) => [routesPlace({ class: of, name }), { class: of, name }]),
  );
  const routeLinks = graph.derive(
    'gateway route links',
    named,
    ({ class: of, name }, place, read) => {
      const [first] = [...read.lookup(plansOf, place)].sort();
      const target = first && read.get(routePlans, first)?.key;
      if (target === undefined) return [];
      const link: ResourceLink = { class: of, type: 'route', name, target };
      return [[linkKey(link), link]];
    },
    structural,
  );

  const toEncode = graph.distinct('gateway listeners to encode', listenerPlans, ({ plan }) =>
    plan === undefined ? [] : [[plan.key, plan] as const],
  );
  const listeners = graph.derive('gateway listeners', toEncode, (plan, key) => [[key, encodedListener(plan, never)]]);
  const issues = graph.distinct('gateway listener issues', listenerPlans, (found) =>
    found.issues.map((issue) => [JSON.stringify(issue), issue] as const),
  );
  return {
    listeners: { type: 'listener', links: listenerLinks, resources: listeners },
    routes: { type: 'route', links: routeLinks, resources: routes },
    issues: [issues],
  };
}

/** Plans of gateways hold chains that are encoded already. */
function never(): never {
  throw new Error('a gateway listener has no chain left to encode');
}

const routesPlace = (of: { class: string; name: string }): string => `${of.class}\n${of.name}`;

function samePart(a: EncodedPart, b: EncodedPart): boolean {
  const versions = ({ specific, catchAll }: EncodedPart) => [...specific.map(versionOf), '/', ...catchAll.map(versionOf)];
  return structural(versions(a), versions(b));
}
