import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { isSubsetOf, isWildcard, wildcardsOf } from '../lib/host.ts';
import { byServiceAge, importedKey, MESH, scopedKey, visibleKey } from '../model/index.ts';
import { askedByRouting, askedByRule, askedBySidecar, askedKey, meshRanksBy, rankingLabels } from './asked-labels.ts';
import { classOf } from './class.ts';
import { hostConflicts } from './host-conflicts.ts';
import { hostView, placesOf, scopedRow, visibleRows } from './host-view.ts';
import { importerOf, importPlaces, importsOf, placesOfRouting } from './imports.ts';
import { headOfRouting, importsOfRouting } from './routing-import.ts';
import { headOfRule } from './rule-choice.ts';
import { chooseSidecar, egressOf, scopeOf } from './sidecar.ts';
import { sidecarIssues } from './sidecar-issues.ts';
import type { ScopeInputs, ScopeOutputs } from './types.ts';

export { proxyOfNode } from './proxy.ts';
export { proxyOfJson } from './proxy-json.ts';
export type * from './types.ts';

/**
 * Relates proxy classes to services, rules and VirtualServices. Proxies become classes, classes importers; a host is looked
 * at once for all who may import it (the index of imports says who), and the result is spread over the importer's classes.
 * So a new service recomputes its host and the views of those who import it; endpoints are never read but for one index.
 */
export function buildScope(graph: Graph, inputs: ScopeInputs): ScopeOutputs {
  const { proxies, mesh, services, pools, rules, routings, sidecars } = inputs;

  // Proxies → classes.
  const bySidecars = graph.distinct('scope.labels-of-sidecars', sidecars, askedBySidecar);
  const byRules = graph.distinct('scope.labels-of-rules', rules, askedByRule);
  const byRoutings = graph.distinct('scope.labels-of-routings', routings, askedByRouting);
  const ranking = graph.distinct('scope.labels-that-rank', rules, rankingLabels);
  const endpointsAt = graph.index('scope.endpoints-at', pools, ({ endpoints }) => endpoints.map(({ address }) => address.value));
  const classOfProxy = graph.derive(
    'scope.class-of',
    proxies,
    (proxy, id, read) => {
      const settings = read.get(mesh, MESH);
      const value = classOf(proxy, {
        asksFor: (label, value) =>
          [bySidecars, byRules].some((of) => read.get(of, askedKey(proxy.namespace, label, value))) ||
          read.get(byRoutings, askedKey('', label, value)) === true,
        ranksBy: (label) => meshRanksBy(settings, label) || read.get(ranking, label) !== undefined,
        servesEndpoint: proxy.ips.some((ip) => read.lookup(endpointsAt, ip).size > 0),
        tracing: settings?.enableTracing === true,
      });
      return [[id, value]];
    },
    structural,
  );
  const classes = graph.distinct('scope.classes', classOfProxy, (row) => [[row.id, row]]);

  // Classes → the Sidecar that applies → importers, shared by all classes that import the same.
  const rootNamespace = graph.derive('scope.root-namespace', mesh, (row) => [[MESH, row.rootNamespace]]);
  const sidecarsIn = graph.index('scope.sidecars-in', sidecars, ({ key }) => [key.namespace]);
  const sidecarsAt = (read: Read, namespace: string) => rowsAt(read, sidecars, read.lookup(sidecarsIn, namespace));
  const scopes = graph.derive(
    'scope.scopes',
    classes,
    (row, id, read) => {
      const settings = read.get(mesh, MESH);
      if (settings === undefined) return [];
      const sidecar = chooseSidecar(row, sidecarsAt(read, row.namespace), sidecarsAt(read, settings.rootNamespace));
      return [[id, scopeOf(row, sidecar, settings)]];
    },
    structural,
  );
  const membership = graph.derive(
    'scope.membership',
    scopes,
    (scope, id, read) => {
      const row = read.get(classes, id);
      return row === undefined ? [] : [[id, importerOf(row, scope)]];
    },
    structural,
  );
  const importers = graph.distinct('scope.importers', membership, (importer) => [[importer.id, importer]]);
  const classesOf = graph.index('scope.classes-of', membership, (importer) => [importer.id]);
  const imports = graph.derive(
    'scope.imports',
    importers,
    (importer, id, read) => {
      const sidecar = importer.sidecar === undefined ? undefined : read.get(sidecars, importer.sidecar);
      return [[id, importsOf(importer, egressOf(sidecar))]];
    },
    structural,
  );
  const importersAt = graph.index('scope.importers-at', imports, importPlaces);
  const importersAmong = (read: Read, places: Iterable<string>) => [
    ...new Set([...new Set(places)].flatMap((place) => [...read.lookup(importersAt, place)])),
  ];

  // Rules and VirtualServices, without what is of no concern here.
  const ruleHeads = graph.derive('scope.rule-heads', rules, (rule, key) => [[key, headOfRule(rule)]], structural);
  const rulesFor = graph.index('scope.rules-for', ruleHeads, ({ host }) => (isWildcard(host) ? [] : [host]));
  const wildcardsIn = graph.index('scope.wildcards-in', ruleHeads, ({ host, namespace }) =>
    isWildcard(host) ? [namespace] : [],
  );
  const wildcardRules = (read: Read, namespaces: Iterable<string>) =>
    [...new Set(namespaces)].flatMap((namespace) => rowsAt(read, ruleHeads, read.lookup(wildcardsIn, namespace)));
  const rulesOf = graph.derive(
    'scope.rules-of',
    importers,
    ({ namespace }, id, read) => {
      const root = read.get(rootNamespace, MESH) ?? '';
      return [[id, { root, wildcards: wildcardRules(read, [namespace, root]) }]];
    },
    structural,
  );
  const routingHeads = graph.derive(
    'scope.routing-heads',
    routings,
    (routing, key) => {
      const head = headOfRouting(routing, key);
      return head === undefined ? [] : [[key, head]];
    },
    structural,
  );
  const routingsTo = graph.index('scope.routings-to', routingHeads, ({ destinations }) => destinations.map(({ host }) => host));

  // Hosts → who may import each → what it is for them.
  const servicesOf = graph.index('scope.services-of', services, ({ host }) => [host]);
  const hosts = graph.distinct('scope.hosts', services, ({ host }) => [[host, host]]);
  const hostFacts = graph.derive(
    'scope.host-facts',
    hosts,
    (host, _, read) => {
      const ofHost = rowsAt(read, services, read.lookup(servicesOf, host)).sort(byServiceAge);
      const named = rowsAt(read, ruleHeads, read.lookup(rulesFor, host));
      const covering = wildcardRules(
        read,
        ofHost.map(({ namespace }) => namespace),
      ).filter((rule) => isSubsetOf(host, rule.host));
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

  // Views → rows of classes.
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
    (view, _, read) =>
      [...read.lookup(classesOf, view.importer)].map((id) => {
        // Labels matter only where a rule has a selector: most rows need not look at the class.
        const selective = view.rules.some(({ selector }) => selector !== undefined);
        const row = scopedRow(view, id, selective ? (read.get(classes, id)?.labels ?? {}) : {});
        return [scopedKey(row), row] as const;
      }),
    structural,
  );

  // VirtualServices → who imports them → rows of classes.
  const routingImports = graph.derive(
    'scope.routing-imports',
    routingHeads,
    (head, key, read) =>
      rowsAt(read, imports, importersAmong(read, placesOfRouting(head.namespace, head.hosts))).flatMap((importer) =>
        importsOfRouting(head, importer).map(({ egress, rank }) => {
          const row = { importer: importer.id, egress, routing: key, hosts: head.hosts, rank };
          return [`${importer.id}\n${egress}\n${key}`, row] as const;
        }),
      ),
    structural,
  );
  const imported = graph.derive(
    'scope.imported',
    routingImports,
    ({ importer, ...row }, _, read) =>
      [...read.lookup(classesOf, importer)].map((id) => [importedKey({ class: id, ...row }), { class: id, ...row }] as const),
    structural,
  );

  // What users should know.
  const conflicts = graph.derive('scope.host-conflicts', hostFacts, (facts) => hostConflicts(facts.services), structural);
  const routingsNaming = graph.index('scope.routings-naming', routingHeads, (head) => head.hosts);
  const wildcardsAbove = graph.distinct('scope.wildcards-above', services, ({ host }) =>
    [...wildcardsOf(host)].filter((wildcard) => wildcard !== '*').map((wildcard) => [wildcard, true] as const),
  );
  const namespaces = graph.distinct('scope.namespaces', services, ({ namespace }) => [[namespace, true]]);
  const sidecarFindings = graph.derive(
    'scope.sidecar-issues',
    sidecars,
    (sidecar, id, read) => {
      const isDeclared = (host: string) => read.lookup(servicesOf, host).size > 0;
      const found = sidecarIssues(sidecar, {
        rootNamespace: read.get(rootNamespace, MESH) ?? '',
        neighbours: sidecarsAt(read, sidecar.key.namespace),
        servicesOf: (host) => rowsAt(read, services, read.lookup(servicesOf, host)).sort(byServiceAge),
        isRouted: (host) => [host, ...wildcardsOf(host)].some((name) => read.lookup(routingsNaming, name).size > 0),
        wildcardServices: (host) => [...wildcardsOf(host)].filter(isDeclared),
        hasServicesUnder: (wildcard) => isDeclared(wildcard) || read.get(wildcardsAbove, wildcard) === true,
        hasServicesIn: (namespace) => read.get(namespaces, namespace) === true,
      });
      return [...found].map(([key, issue]) => [`${id}\n${key}`, issue] as const);
    },
    structural,
  );

  return { classOf: classOfProxy, classes, scopes, visible, scoped, imported, issues: [conflicts, sidecarFindings] };
}

function rowsAt<V>(read: Read, of: Collection<V>, keys: Iterable<string>): V[] {
  return [...keys].map((key) => read.get(of, key)).filter((row) => row !== undefined);
}
