import type { ScopedService, Service, VisibleService } from '../model/index.ts';
import { type Imports, importsHost, placesOfHost, placesOfRouting } from './imports.ts';
import { listServices } from './listing.ts';
import { type MergedHost, mergeOffers, type Offer } from './merge.ts';
import { byRoutingOrder, destinationPorts, importsOfRouting, type RoutingHead, serviceOfDestination } from './routing-import.ts';
import { chooseRule, generalRule, type RuleHead, type RuleOption, ruleOptions } from './rule-choice.ts';

/** What one host is for one importer, whatever its classes: the listener list, the scope list and the rules to choose from. */
export interface HostView {
  readonly importer: string;
  readonly host: string;
  readonly listed: readonly Omit<VisibleService, 'class' | 'host'>[];
  readonly merged: MergedHost;
  readonly rules: readonly RuleOption[];
}

/** All that bears on a host, for whoever imports it. */
export interface HostFacts {
  readonly host: string;
  /** Oldest first. */
  readonly services: readonly Service[];
  /** Rules for the host, and those of its services' namespaces that cover it; in any order. */
  readonly rules: readonly RuleHead[];
  /** VirtualServices with a route to the host, in any order. */
  readonly routings: readonly RoutingHead[];
}

/** Where those stand in the index of imports who may see the host, by its name or by a VirtualService that leads to it. */
export function* placesOf({ host, services, routings }: HostFacts): Generator<string> {
  const namespaces = services.map(({ namespace }) => namespace);
  yield* placesOfHost(host, namespaces);
  for (const routing of routings) yield* placesOfRouting(routing.namespace, routing.hosts);
}

export interface Ruling {
  readonly root: string;
  readonly wildcards: readonly RuleHead[];
}

/** What one host is for one importer; undefined when it sees nothing of it. */
export function hostView(facts: HostFacts, imports: Imports, ruling: Ruling): HostView | undefined {
  return plainView(facts, imports, ruling) ?? fullView(facts, imports, ruling);
}

type Look = Omit<HostView, 'importer'>;

const looks = new WeakMap<HostFacts, Map<string, Look>>();

/**
 * The common case: one public service that is imported with all its ports, and rules that look the same from everywhere. Then
 * nothing depends on who imports but which of his listeners do, and those who agree on that share one look. Undefined if it is not the case.
 */
export function plainView(facts: HostFacts, imports: Imports, { root, wildcards }: Ruling): HostView | undefined {
  const [service, ...others] = facts.services;
  const { namespace: client, egress } = imports;
  if (service === undefined || others.length > 0 || service.exportTo.kind !== 'public' || wildcards.length > 0) return undefined;
  const isOwn = client === service.namespace;
  if (client === root || !facts.rules.every((rule) => isPlain(rule) && (isOwn || rule.namespace !== client))) return undefined;
  let importing = `${root}${isOwn ? ' own' : ''}`;
  let first: number | undefined;
  for (const [index, listener] of egress.entries()) {
    if (!importsHost(listener, service.namespace, facts.host)) continue;
    if (listener.port !== undefined) return undefined;
    first ??= index;
    importing += `${listener.exactOnly ? ' =' : ' '}${index}`;
  }
  // Where no listener imports it, or an earlier one does not, a VirtualService may lead to it first.
  if (first === undefined || (first > 0 && facts.routings.length > 0)) return undefined;
  let known = looks.get(facts);
  if (known === undefined) {
    known = new Map();
    looks.set(facts, known);
  }
  let look = known.get(importing);
  if (look === undefined) {
    look = fullView(facts, imports, { root, wildcards });
    if (look === undefined) return undefined;
    known.set(importing, look);
  }
  const { host, listed, merged, rules } = look;
  return { importer: imports.id, host, listed, merged, rules };
}

/** Exported to everybody and for all proxies: it is found on whichever level it stands. */
function isPlain({ selector, exportTo }: RuleHead): boolean {
  return selector === undefined && exportTo.kind === 'public';
}

/** The same, worked out from everything there is. */
export function fullView(
  { host, services, routings, rules }: HostFacts,
  imports: Imports,
  { root, wildcards }: Ruling,
): HostView | undefined {
  const lists = imports.egress.map((egress) => listServices(services, imports, egress));
  const merged = mergeOffers(offers(lists, services, routings, imports));
  if (merged === undefined) return undefined;
  const listed = lists.flatMap((list, egress) =>
    list.map(({ service, onlyPort, rank }) => ({
      egress,
      service: service.key,
      ...(onlyPort !== undefined && { onlyPort }),
      portNumbers: portsOf(service, onlyPort).map(({ number }) => number),
      rank,
    })),
  );
  // A rule that covers the host may come from both sides.
  const applicable = [...rules, ...wildcards.filter(({ key }) => rules.every((rule) => rule.key !== key))];
  const namespaces = { client: imports.namespace, service: merged.namespace, root };
  return { importer: imports.id, host, listed, merged, rules: ruleOptions(applicable, host, namespaces) };
}

/** Listener by listener: what it imports by name, then where the VirtualServices it imports lead. */
function* offers(
  lists: readonly ReturnType<typeof listServices>[],
  services: readonly Service[],
  routings: readonly RoutingHead[],
  imports: Imports,
): Generator<Offer> {
  const client = imports.namespace;
  const destination = routings.length === 0 ? undefined : serviceOfDestination(services, client);
  const imported = destination === undefined ? [] : routings.toSorted(byRoutingOrder(client));
  const listeners = imported.map((head) => ({ head, egress: importsOfRouting(head, imports).map((i) => i.egress) }));
  for (const [egress, list] of lists.entries()) {
    for (const { service, onlyPort } of list) yield { service, ports: portsOf(service, onlyPort) };
    for (const { head, egress: importing } of listeners) {
      if (destination === undefined || !importing.includes(egress)) continue;
      const ports = destinationPorts(head, destination, client, imports.egress[egress]?.port);
      if (ports !== undefined && ports.length > 0) yield { service: destination, ports };
    }
  }
}

function portsOf({ ports }: Service, only: number | undefined) {
  return only === undefined ? ports : ports.filter(({ number }) => number === only);
}

/** The rows of the listener list for one class. */
export function visibleRows(view: HostView, proxyClass: string): readonly VisibleService[] {
  return view.listed.map((row) => ({ ...row, class: proxyClass, host: view.host }));
}

/** The row of the scope list for one class. */
export function scopedRow(
  { host, merged, rules }: HostView,
  proxyClass: string,
  labels: Readonly<Record<string, string>>,
): ScopedService {
  const rule = chooseRule(rules, labels);
  const general = generalRule(rules);
  return { class: proxyClass, host, ...merged, ...(rule !== undefined && { rule }), ...(general !== undefined && { general }) };
}
