import { type Collection, type Graph, type Index, type Read, structural } from '../collection/index.ts';
import { isSubsetOf, isWildcard } from '../lib/host.ts';
import {
  byServiceAge,
  MESH,
  type ProxyClass,
  type ScopedService,
  type Service,
  scopedKey,
  type VisibleService,
  visibleKey,
} from '../model/index.ts';
import { type HostFacts, hostView, placesOf, scopedRow, visibleRows } from './host-view.ts';
import type { ImporterTables } from './importer-tables.ts';
import type { RoutingHead } from './routing-import.ts';
import { rowsAt } from './rows-at.ts';
import { headOfRule } from './rule-choice.ts';
import type { ScopeInputs } from './types.ts';

export interface HostTables {
  /** By host. */
  readonly hostFacts: Collection<HostFacts>;
  /** Service keys by host. */
  readonly servicesOf: Index<Service>;
  readonly visible: Collection<VisibleService>;
  readonly scoped: Collection<ScopedService>;
}

/**
 * Hosts → who may import each → what it is for them → rows of their classes. A host is gathered once for everybody and
 * looked at once for each importer, in rows of their own: so neither a new service nor a new importer computes what it
 * has nothing to do with.
 */
export function buildHosts(
  graph: Graph,
  { mesh, services, rules }: ScopeInputs,
  classes: Collection<ProxyClass>,
  routingHeads: Collection<RoutingHead>,
  { importers, imports, importersAmong, classesOf }: ImporterTables,
): HostTables {
  const ruleHeads = graph.derive('scope.rule-heads', rules, (rule, key) => [[key, headOfRule(rule)]], structural);
  const rulesFor = graph.index('scope.rules-for', ruleHeads, ({ host }) => (isWildcard(host) ? [] : [host]));
  const wildcardsIn = graph.index('scope.wildcards-in', ruleHeads, (rule) => (isWildcard(rule.host) ? [rule.namespace] : []));
  const wildcardRules = (read: Read, namespaces: readonly string[]) =>
    [...new Set(namespaces)].flatMap((namespace) => rowsAt(read, ruleHeads, read.lookup(wildcardsIn, namespace)));

  const rootNamespace = graph.derive('scope.root-namespace', mesh, (row) => [[MESH, row.rootNamespace]]);
  // Wildcard rules bear on a host from three sides: its services' namespaces, the client's and the root namespace.
  const rulesOf = graph.derive(
    'scope.rules-of',
    importers,
    ({ namespace }, id, read) => {
      const root = read.get(rootNamespace, MESH) ?? '';
      return [[id, { root, wildcards: wildcardRules(read, [namespace, root]) }]];
    },
    structural,
  );

  const servicesOf = graph.index('scope.services-of', services, ({ host }) => [host]);
  const routingsTo = graph.index('scope.routings-to', routingHeads, ({ destinations }) => destinations.map(({ host }) => host));
  const hosts = graph.distinct('scope.hosts', services, ({ host }) => [[host, host]]);
  const hostFacts = graph.derive(
    'scope.host-facts',
    hosts,
    (host, _, read) => {
      const ofHost = rowsAt(read, services, read.lookup(servicesOf, host)).sort(byServiceAge);
      const around = ofHost.map(({ namespace }) => namespace);
      const named = rowsAt(read, ruleHeads, read.lookup(rulesFor, host));
      const covering = wildcardRules(read, around).filter((rule) => isSubsetOf(host, rule.host));
      const leading = rowsAt(read, routingHeads, read.lookup(routingsTo, host));
      return [[host, { host, services: ofHost, rules: [...named, ...covering], routings: leading }]];
    },
    structural,
  );
  const audience = graph.derive(
    'scope.audience',
    hostFacts,
    (facts, host, read) => importersAmong(read, placesOf(facts)).map((id) => [`${id}\n${host}`, { host, importer: id }] as const),
    // The key says it all.
    () => true,
  );
  const views = graph.derive(
    'scope.views',
    audience,
    ({ host, importer }, key, read) => {
      const facts = read.get(hostFacts, host);
      const importing = read.get(imports, importer);
      const ruling = read.get(rulesOf, importer);
      if (facts === undefined || importing === undefined || ruling === undefined) return [];
      const view = hostView(facts, importing, ruling);
      return view === undefined ? [] : [[key, view]];
    },
    structural,
  );

  const visible = graph.derive(
    'scope.visible',
    views,
    (view, _, read) =>
      [...read.lookup(classesOf, view.importer)].flatMap((id) =>
        visibleRows(view, id).map((row) => [visibleKey(row), row] as const),
      ),
    structural,
  );
  const scoped = graph.derive(
    'scope.scoped',
    views,
    (view, _, read) => {
      // Labels matter only where a rule has a selector: most rows need not look at the class.
      const selective = view.rules.some(({ selector }) => selector !== undefined);
      return [...read.lookup(classesOf, view.importer)].map((id) => {
        const row = scopedRow(view, id, selective ? (read.get(classes, id)?.labels ?? {}) : {});
        return [scopedKey(row), row] as const;
      });
    },
    structural,
  );
  return { hostFacts, servicesOf, visible, scoped };
}
