import { type Collection, type Graph, type Index, type Read, structural } from '../collection/index.ts';
import { isWildcard, selects, wildcardsOf } from '../lib/host.ts';
import { type GatewayServers, type Issue, MESH, objectId, type Routing, type Rule, type Service } from '../model/index.ts';
import type { AddressFindings } from './address-tables.ts';
import type { Defaults } from './defaults.ts';
import { delegates, mergeDelegates } from './delegate.ts';
import type { OwnRule } from './destination-rule.ts';
import type { EntryHead } from './entry-head.ts';
import { conflictFindings } from './issues/conflict.ts';
import { ruleFindings, shadowedRuleFindings } from './issues/destination-rule.ts';
import { issueRows } from './issues/finding.ts';
import { gatewayReferenceFindings, selectsNoPod } from './issues/gateway.ts';
import { hostCaseFindings } from './issues/host-case.ts';
import { kubernetesServiceFindings } from './issues/kubernetes-service.ts';
import { destinationFindings } from './issues/reference.ts';
import { gatewayTlsFindings, sidecarTlsFindings } from './issues/server-tls.ts';
import { entryFindings, selectsNothing } from './issues/service-entry.ts';
import { delegateFindings, ineffectiveFindings, shadowedRoutingFindings, unreachableFindings } from './issues/virtual-service.ts';
import type { NameRules } from './resolution.ts';
import type { RegistryInputs } from './types.ts';
import { selectedKeys, type Workload } from './workload.ts';

/** What findings across objects are made from. */
export interface FindingSources {
  readonly inputs: RegistryInputs;
  /** ServiceEntries without their endpoints. */
  readonly heads: Collection<EntryHead>;
  readonly services: Collection<Service>;
  /** Services by `namespace/host`, and the places there are. */
  readonly servicesByPlace: Index<Service>;
  readonly places: Collection<{ readonly namespace: string; readonly host: string }>;
  readonly ownRules: Collection<OwnRule>;
  readonly rulesByHost: Index<OwnRule>;
  readonly ruleGroups: Collection<true>;
  readonly rules: Collection<Rule>;
  readonly expanded: Collection<Routing>;
  readonly gateways: Collection<GatewayServers>;
  readonly selectable: Index<Workload>;
  /** One row, key `mesh`. */
  readonly nameRules: Collection<NameRules>;
  readonly defaultsOf: (read: Read) => Defaults | undefined;
  readonly addressFindings: AddressFindings;
}

/** Findings across objects: wiring of the rules in `issues/`. */
export function buildFindings(graph: Graph, sources: FindingSources): readonly Collection<Issue>[] {
  const { services } = sources;
  const byObject = graph.index('registry.services-by-object', services, ({ from }) => [objectId(from)]);
  const byHost = graph.index('registry.services-by-host', services, ({ host }) => [host]);
  const servicesAt = (read: Read, index: Index<Service>, place: string) =>
    [...read.lookup(index, place)].sort().map((key) => read.get(services, key)!);
  return [
    kubernetesIssues(graph, sources),
    entryIssues(graph, sources, (read, id) => servicesAt(read, byObject, id)),
    conflictIssues(graph, sources),
    gatewayIssues(graph, sources),
    sidecarIssues(graph, sources),
    ...ruleIssues(graph, sources, byHost, (read, host) => servicesAt(read, byHost, host)),
    routingIssues(graph, sources, (read, host) => servicesAt(read, byHost, host)),
  ];
}

type ServicesOf = (read: Read, at: string) => readonly Service[];

function entryIssues(graph: Graph, sources: FindingSources, servicesOfObject: ServicesOf): Collection<Issue> {
  const { heads, selectable, nameRules, defaultsOf, addressFindings } = sources;
  return graph.derive(
    'registry.entry-issues',
    heads,
    (entry, key, read) => {
      const selector = entry.spec.workloadSelector?.labels;
      const isSelected = (labels: Readonly<Record<string, string>>) =>
        selectedKeys(labels, entry.key.namespace, (place) => read.lookup(selectable, place)).length > 0;
      const { ledgerPrefixes } = defaultsOf(read) ?? {};
      return issueRows([
        ...(ledgerPrefixes === undefined ? [] : addressFindings(entry, ledgerPrefixes, read)),
        ...entryFindings(
          entry,
          () => servicesOfObject(read, key),
          () => read.get(nameRules, MESH)!,
        ),
        ...(entry.spec.workloadSelector === undefined || isSelected(selector ?? {}) ? [] : [selectsNothing(entry)]),
      ]);
    },
    structural,
  );
}

function kubernetesIssues(graph: Graph, { inputs }: FindingSources): Collection<Issue> {
  return graph.derive(
    'registry.kubernetes-issues',
    inputs.services,
    (object) => issueRows(kubernetesServiceFindings(object)),
    structural,
  );
}

function conflictIssues(graph: Graph, { inputs, services, servicesByPlace, places }: FindingSources): Collection<Issue> {
  return graph.derive(
    'registry.conflict-issues',
    places,
    (_, place, read) => {
      const keys = read.lookup(servicesByPlace, place);
      if (keys.size < 2) return [];
      const contenders = [...keys].sort().flatMap((key) => {
        const service = read.get(services, key)!;
        const id = objectId(service.from);
        const object = service.registry === 'external' ? read.get(inputs.serviceEntries, id) : read.get(inputs.services, id);
        return object === undefined ? [] : [{ service, object }];
      });
      // An entry may meet others in several hosts, each of which is a place of its own.
      return issueRows(conflictFindings(contenders)).map(([key, issue]) => [`${place}\n${key}`, issue] as const);
    },
    structural,
  );
}

function gatewayIssues(graph: Graph, { inputs }: FindingSources): Collection<Issue> {
  const pair = ([label, value]: readonly [string, string]) => `${label}=${value}`;
  const podsWith = graph.index('registry.pods-with', inputs.pods, ({ labels }) => ['', ...Object.entries(labels).map(pair)]);
  return graph.derive(
    'registry.gateway-issues',
    inputs.gateways,
    (object, _, read) => {
      const selector = object.spec.selector ?? {};
      const [first] = Object.entries(selector);
      const tls = gatewayTlsFindings(object);
      if (first === undefined || read.lookup(podsWith, '').size === 0) return issueRows(tls);
      const isSelected = [...read.lookup(podsWith, pair(first))].some((pod) =>
        selects(selector, read.get(inputs.pods, pod)?.labels ?? {}),
      );
      return issueRows(isSelected ? tls : [...tls, selectsNoPod(object)]);
    },
    structural,
  );
}

function sidecarIssues(graph: Graph, { inputs }: FindingSources): Collection<Issue> {
  return graph.derive('registry.sidecar-issues', inputs.sidecars, (object) => issueRows(sidecarTlsFindings(object)), structural);
}

function ruleIssues(graph: Graph, sources: FindingSources, byHost: Index<Service>, servicesOfHost: ServicesOf) {
  const { services, ownRules, rulesByHost, ruleGroups } = sources;
  const under = graph.index('registry.services-under', services, ({ host }) => wildcardsOf(host));
  const references = graph.derive(
    'registry.rule-issues',
    ownRules,
    (rule, _, read) => {
      const { host } = rule;
      const isMeant = read.lookup(byHost, host).size > 0 || (isWildcard(host) && read.lookup(under, host).size > 0);
      // The ports of all that a wildcard means are not compared, and of a partial wildcard it is not known what it means.
      if (isPartial(host)) return [];
      return issueRows(ruleFindings(rule, isMeant, () => (isWildcard(host) ? [] : servicesOfHost(read, host))));
    },
    structural,
  );
  const shadowed = graph.derive(
    'registry.shadowed-rule-issues',
    ruleGroups,
    (_, group, read) => {
      const keys = read.lookup(rulesByHost, group);
      if (keys.size < 2) return [];
      return issueRows(shadowedRuleFindings([...keys].sort().map((key) => read.get(ownRules, key)!)));
    },
    structural,
  );
  return [references, shadowed];
}

function isPartial(host: string): boolean {
  return host.length > 1 && isWildcard(host) && !host.startsWith('*.');
}

function routingIssues(graph: Graph, sources: FindingSources, servicesOfHost: ServicesOf): Collection<Issue> {
  const { inputs, services, rules, expanded, gateways } = sources;
  const rulesOf = graph.index('registry.merged-rules-by-host', rules, ({ host }) => [host]);
  const partialServices = graph.index('registry.partial-services', services, ({ host }) => (isPartial(host) ? ['all'] : []));
  const meshRoutings = graph.index('registry.mesh-routings-by-host', expanded, ({ hosts, gateways }) =>
    gateways.includes('mesh') ? hosts : [],
  );
  const covering = (read: Read, host: string) => [
    ...[...wildcardsOf(host)].flatMap((wildcard) => servicesOfHost(read, wildcard)),
    ...[...read.lookup(partialServices, 'all')]
      .sort()
      .map((key) => read.get(services, key)!)
      .filter((service) => host.endsWith(service.host.slice(1))),
  ];
  const rulesAt = (read: Read, host: string) => [...read.lookup(rulesOf, host)].sort().map((key) => read.get(rules, key)!);
  const known = (read: Read) => ({
    exactly: (host: string) => servicesOfHost(read, host),
    covering: (host: string) => covering(read, host),
    rules: (host: string) => rulesAt(read, host),
    rulesCovering: (host: string) => [...wildcardsOf(host)].flatMap((wildcard) => rulesAt(read, wildcard)),
  });
  const rivals = (read: Read, host: string) => [...read.lookup(meshRoutings, host)].sort().map((key) => read.get(expanded, key)!);
  return graph.derive(
    'registry.routing-issues',
    expanded,
    (routing, key, read) => {
      const object = read.get(inputs.virtualServices, key)!;
      const merges = routing.hosts.length > 0 && delegates(routing);
      const lost = merges ? mergeDelegates(routing, (delegate) => read.get(expanded, objectId(delegate))).lost : [];
      return issueRows([
        ...hostCaseFindings(object, object.spec.hosts ?? [], (index) => ['spec', 'hosts', index]),
        ...destinationFindings(object, routing, known(read)),
        ...unreachableFindings(object, routing),
        ...ineffectiveFindings(object, routing, (host) => servicesOfHost(read, host)),
        ...shadowedRoutingFindings(object, routing, (host) => rivals(read, host)),
        ...delegateFindings(object, lost),
        ...gatewayReferenceFindings(object, routing, (name) => read.get(gateways, `Gateway/${name}`)),
      ]);
    },
    structural,
  );
}
