import { type Collection, type Graph, structural } from '../collection/index.ts';
import {
  type BoundRouting,
  boundKey,
  type GatewayServers,
  gatewayText,
  type Issue,
  type OpenPort,
  openPortKey,
  type ProxyClass,
} from '../model/index.ts';
import { portReserved } from './gateway-issues.ts';
import { byGatewayAge, mergeServers } from './gateway-merge.ts';
import { isCarried, targetPorts, targetsOf } from './gateway-targets.ts';
import { rankOf } from './routing-import.ts';
import { rowsAt } from './rows-at.ts';
import type { ScopeInputs } from './types.ts';
import { reaches } from './visibility.ts';

export interface GatewayTables {
  readonly openPorts: Collection<OpenPort>;
  readonly boundRoutings: Collection<BoundRouting>;
  readonly issues: Collection<Issue>;
}

/** What a class of routers opens together. Row key: class id. */
interface Opening {
  readonly class: string;
  readonly namespace: string;
  readonly ports: readonly OpenPort[];
  /** Gateways with an open server, as `namespace/name`. */
  readonly gateways: readonly string[];
  readonly issues: readonly Issue[];
}

const ANY = '';
const pairs = (labels: Readonly<Record<string, string>>) => Object.entries(labels).map(([label, value]) => `${label}=${value}`);
/** Where a selector stands in its index: at the first of its pairs, all of which a selected class has. */
const placeOf = (selector: Readonly<Record<string, string>>) => pairs(selector).sort()[0] ?? ANY;

/**
 * Routers → the Gateways that select them → ports they open, and the VirtualServices they see there (spec/istio.md 4.12).
 * A Gateway touches the classes that it selects, a VirtualService those that open a Gateway that it names.
 */
export function buildGateways(
  graph: Graph,
  { gateways, services, routings }: ScopeInputs,
  classes: Collection<ProxyClass>,
): GatewayTables {
  const selecting = graph.index<GatewayServers>('scope.gateways-selecting', gateways, (gateway) => [
    gateway.services === undefined ? placeOf(gateway.selector) : ANY,
  ]);
  const openings = graph.derive(
    'scope.openings',
    classes,
    (router, id, read) => {
      if (router.role !== 'router') return [];
      const found = targetPorts(router, (key) => read.get(services, key));
      const carried = [ANY, ...pairs(router.labels)]
        .flatMap((place) => rowsAt(read, gateways, read.lookup(selecting, place)))
        .filter((gateway) => isCarried(gateway, router.labels, found))
        .sort(byGatewayAge)
        .map((gateway) => ({ gateway, targetsOf: (port: number) => targetsOf(gateway, found, port) }));
      return [[id, openingOf(router, mergeServers(carried, router.facet.ipFamilies === 'v6' ? '::' : '0.0.0.0'))]];
    },
    structural,
  );
  const openPorts = graph.derive(
    'scope.open-ports',
    openings,
    ({ ports }) => ports.map((port) => [openPortKey(port), port] as const),
    structural,
  );

  const openingAt = graph.index('scope.openings-of-gateways', openings, (opening) => opening.gateways);
  const boundRoutings = graph.derive(
    'scope.bound-routings',
    routings,
    (routing, key, read) =>
      routing.gateways.flatMap((gateway) =>
        rowsAt(read, openings, gateway === 'mesh' ? [] : read.lookup(openingAt, gateway)).flatMap((opening) => {
          if (!reaches(routing.exportTo, opening.namespace)) return [];
          const row = { class: opening.class, gateway, routing: key, rank: rankOf(routing, opening.namespace) };
          return [[boundKey(row), row] as const];
        }),
      ),
    structural,
  );
  const issues = graph.distinct('scope.gateway-issues', openings, (opening) =>
    opening.issues.map((issue) => [JSON.stringify(issue), issue] as const),
  );
  return { openPorts, boundRoutings, issues };
}

function openingOf(router: ProxyClass, merged: ReturnType<typeof mergeServers>): Opening {
  const refused = (port: number) => router.traits.unprivileged && port > 0 && port < 1024;
  const ports = merged.ports.filter(({ port }) => !refused(port)).map((port) => ({ ...port, class: router.id }));
  return {
    class: router.id,
    namespace: router.namespace,
    ports,
    gateways: [...new Set(ports.flatMap(({ servers }) => servers.map(({ gateway }) => gatewayText(gateway))))].sort(),
    issues: [...merged.issues, ...merged.ports.filter(({ port }) => refused(port)).flatMap(portReserved)],
  };
}
