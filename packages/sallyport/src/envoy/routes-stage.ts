import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { isWildcard } from '../lib/host.ts';
import { type Issue, linkKey, MESH } from '../model/index.ts';
import { versionOf } from './encode.ts';
import { HTTP_PROXY_ROUTES } from './route-names.ts';
import { assembleRoutes, sameRoutes } from './routes/assemble.ts';
import { callerOf } from './routes/caller.ts';
import { crowdOf } from './routes/crowd.ts';
import { listRoutes } from './routes/lists.ts';
import { routesPlace, sameParts } from './routes/part.ts';
import { aliasesOf, routableOf } from './routes/routable.ts';
import { patternsOf, routingOrder } from './routes/selection.ts';
import { partsOfService } from './routes/service-parts.ts';
import { shadowIssue } from './routes/shadowed.ts';
import { hostPlace, lanePlace } from './routes/tables.ts';
import { undeclaredIssue } from './routes/undeclared.ts';
import { partsOfUnknownHosts } from './routes/unknown-hosts.ts';
import { unsupportedIn } from './routes/unsupported.ts';
import { encodeVirtualHost } from './routes/virtual-host.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';

export interface RouteOutputs {
  /** Every route configuration that a sidecar's listeners may ask for, and some that no listener of it does. */
  readonly routes: ResourceTable;
  readonly issues: readonly Collection<Issue>[];
}

/**
 * Visible services and imported VirtualServices to route configurations (spec/istio.md 4.3, 4.7). A class contributes only
 * which virtual hosts it has, in which order; each virtual host and each list of them is encoded once for all classes.
 */
export function buildRoutes(graph: Graph, inputs: EnvoyInputs): RouteOutputs {
  const { services, routings, rules, visible, scoped, imported } = inputs;

  const callers = graph.derive(
    'route callers',
    inputs.classes,
    (proxies, id, read) => {
      const scope = read.get(inputs.scopes, id);
      const mesh = read.get(inputs.mesh, MESH);
      const caller = scope && mesh && callerOf(proxies, scope, mesh);
      return caller === undefined ? [] : [[id, caller]];
    },
    structural,
  );
  const aliases = graph.index('aliases by host', services, ({ aliasOf }) =>
    aliasOf === undefined ? [] : [aliasOf.toLowerCase()],
  );
  const routables = graph.derive(
    'routable services',
    services,
    (service, key, read) => {
      const aliasHosts = (host: string) =>
        [...read.lookup(aliases, host)].flatMap((of) => read.get(services, of)?.host.toLowerCase() ?? []);
      return [[key, routableOf(service, aliasesOf(service.host.toLowerCase(), aliasHosts))]];
    },
    structural,
  );

  const visibleByHost = graph.index('visible services by host', visible, (row) => [hostPlace(row, row.host.toLowerCase())]);
  const visibleByLane = graph.index('visible services by egress listener', visible, (row) => [lanePlace(row)]);
  const importedByHost = graph.index('imported hosts', imported, (row) =>
    row.hosts.filter((host) => !isWildcard(host)).map((host) => hostPlace(row, host.toLowerCase())),
  );
  const importedWildcards = graph.index('imported wildcards', imported, (row) =>
    row.hosts.some(isWildcard) ? [lanePlace(row)] : [],
  );
  const wildcardLanes = graph.distinct('egress listeners with wildcards', imported, (row) =>
    row.hosts.some(isWildcard) ? [[lanePlace(row), lanePlace(row)] as const] : [],
  );
  const patterns = graph.derive(
    'wildcard hosts',
    wildcardLanes,
    (lane, key, read) => {
      const wildcards = [...read.lookup(importedWildcards, lane)].flatMap((of) => {
        const row = read.get(imported, of);
        const routing = row && read.get(routings, row.routing);
        if (row === undefined || routing === undefined) return [];
        const order = routingOrder(row, routing);
        return row.hosts.filter(isWildcard).map((pattern) => ({ pattern: pattern.toLowerCase(), order, imported: of }));
      });
      return [[key, patternsOf(wildcards)]];
    },
    structural,
  );
  const crowds = graph.derive(
    'hosts under wildcards',
    wildcardLanes,
    (lane, key, read) => [[key, crowdOf(read.lookup(visibleByLane, lane), read, { visible, routables })]],
    structural,
  );

  const tables = {
    callers,
    routables,
    routings,
    rules,
    visible,
    scoped,
    imported,
    visibleByHost,
    importedByHost,
    patterns,
    crowds,
  };
  const serviceParts = graph.derive(
    'virtual hosts of services',
    visible,
    (row, _, read) => partsOfService(row, read, tables),
    sameParts,
  );
  const unknownParts = graph.derive(
    'virtual hosts of unknown hosts',
    imported,
    (row, _, read) => partsOfUnknownHosts(row, read, tables),
    sameParts,
  );
  // Two tables beside each other: one of both would hold every virtual host of every class once more.
  const bothParts = [serviceParts, unknownParts].map((parts) => ({
    parts,
    byRoutes: graph.index(`${parts.name} by routes`, parts, (part) => [routesPlace(part)]),
    specs: graph.distinct(`distinct ${parts.name}`, parts, ({ spec, host }) =>
      spec === undefined ? [] : [[host, spec] as const],
    ),
  }));
  const specs = graph.union('distinct virtual hosts', ...bothParts.map((of) => of.specs));
  const virtualHosts = graph.derive(
    'virtual hosts',
    specs,
    (spec, key, read) => {
      const ruleOf = (host: string) => {
        const rule = spec.destinations[host]?.rule;
        return rule === undefined ? undefined : read.get(rules, rule);
      };
      const routing = spec.routing === undefined ? undefined : read.get(routings, spec.routing);
      const service = spec.service === undefined ? undefined : read.get(services, spec.service)?.from;
      const meshRetries = read.get(inputs.mesh, MESH)?.defaultHttpRetryPolicy;
      return [[key, encodeVirtualHost(spec, { routing, ruleOf, meshRetries, service })]];
    },
    (a, b) => versionOf(a.bytes) === versionOf(b.bytes),
  );

  // A listener for the HTTP proxy protocol is there for every class or for none, whatever services there are.
  const forPorts = graph.distinct('routes of ports', serviceParts, ({ class: of, routes, alone }) =>
    routes === HTTP_PROXY_ROUTES ? [] : [[routesPlace({ class: of, routes }), { class: of, routes, alone }] as const],
  );
  const forProxying = graph.derive(
    'routes of HTTP proxies',
    callers,
    ({ class: of, httpProxy, connect }) => {
      const row = { class: of, routes: HTTP_PROXY_ROUTES, alone: false, ...(connect && { exactPorts: connect }) };
      return httpProxy ? [[routesPlace(row), row]] : [];
    },
    structural,
  );
  const asked = graph.union('routes of classes', forPorts, forProxying);
  const listed = graph.derive(
    'virtual hosts in order',
    asked,
    (row, key, read) => {
      const caller = read.get(callers, row.class);
      const found = bothParts.flatMap(({ parts, byRoutes }) => rowsAt(read, parts, read.lookup(byRoutes, key)));
      return caller === undefined ? [] : [[key, listRoutes(row, caller.catchAll, found)]];
    },
    (a, b) => a.key === b.key,
  );
  const lists = graph.distinct('route lists', listed, ({ key, list }) => [[key, list] as const]);
  const assembled = graph.derive(
    'route configurations',
    lists,
    (list, key, read) => {
      const hosts = list.hosts.map((host) => read.get(virtualHosts, host)).filter((host) => host !== undefined);
      return [[key, assembleRoutes(list, hosts)]];
    },
    sameRoutes,
  );
  const resources = graph.derive('route resources', assembled, ({ resource }, key) => [[key, resource]]);
  const links = graph.derive(
    'route links',
    listed,
    ({ class: of, name, key }) => {
      const link = { class: of, type: 'route' as const, name, target: key };
      return [[linkKey(link), link]];
    },
    structural,
  );
  const shadowed = graph.distinct('shadowed virtual hosts', assembled, ({ shadows }) =>
    shadows.map(shadowIssue).filter((issue) => issue !== undefined),
  );
  const undeclared = graph.distinct('undeclared hosts', unknownParts, (part) => {
    const issue = undeclaredIssue(part);
    return issue === undefined ? [] : [issue];
  });
  const unsupported = graph.derive('unsupported routes', routings, (routing) => unsupportedIn(routing), structural);
  return { routes: { type: 'route', links, resources }, issues: [shadowed, undeclared, unsupported] };
}

function rowsAt<V>(read: Read, of: Collection<V>, keys: Iterable<string>): V[] {
  return Array.from(keys, (key) => read.get(of, key)!);
}
