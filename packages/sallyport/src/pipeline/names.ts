import { answersTo } from '../envoy/index.ts';
import type { LedgerView } from '../ledger/index.ts';
import { wildcardsOf } from '../lib/host.ts';
import { type ConfigObject, compareText, type ObjectKey, objectId, type Service, type VisibleService } from '../model/index.ts';
import { writtenFor } from './because.ts';
import type { Pipeline } from './index.ts';

/** What a host means to callers, and by whose word. */
export interface NameRow {
  readonly host: string;
  /** What callers that see the host are answered, as far as their proxies answer DNS and their families go; empty: it is resolved elsewhere. */
  readonly addresses: readonly string[];
  /** Who chose them; absent where there are none. */
  readonly from?: 'ledger' | 'status' | 'legacy' | 'declared';
  /** Since when the ledger has them for the host, milliseconds since the epoch. */
  readonly since?: number;
  /** The objects that declare the host, by place. */
  readonly owners: readonly NameOwner[];
  readonly seenBy: {
    /** Namespaces that it is exported to; `*` for all. A Sidecar may see less. */
    readonly namespaces: '*' | readonly string[];
    /** Connected proxies that see it, and what each is answered. */
    readonly proxies: readonly { readonly node: string; readonly addresses: readonly string[] }[];
  };
}

export interface NameOwner extends ObjectKey {
  readonly file: string;
  readonly line: number;
}

/** A host that nobody declares any more and whose addresses nobody else may have yet. */
export interface RestingName {
  readonly host: string;
  readonly addresses: readonly string[];
  /** Since when, milliseconds since the epoch. */
  readonly freed: number;
}

/** What the tables and the ledger say: of all hosts, or of the one that a name means. */
export function namesReply(
  pipeline: Pipeline,
  ledger: LedgerView | undefined,
  host?: string,
): { readonly names: readonly NameRow[]; readonly resting: readonly RestingName[] } {
  const resting = restingIn(ledger);
  return {
    names: namesIn(pipeline, host),
    resting: host === undefined ? resting : resting.filter((one) => one.host === host.toLowerCase()),
  };
}

/** All hosts by name, or one: that of the name, else of the most specific wildcard that means it. */
function namesIn(pipeline: Pipeline, only?: string): readonly NameRow[] {
  const byHost = Map.groupBy(
    [...pipeline.registry.services.entries()].map(([, service]) => service),
    ({ host }) => host,
  );
  const name = only?.toLowerCase().replace(/\.$/, '');
  const hosts =
    name === undefined ? [...byHost.keys()] : [name, ...wildcardsOf(name)].filter((host) => byHost.has(host)).slice(0, 1);
  const views = viewsOf(pipeline, new Set(hosts));
  return hosts.sort(compareText).map((host) => rowOf(pipeline, host, byHost.get(host)!, views));
}

/** Hosts whose addresses rest. */
function restingIn(ledger: LedgerView | undefined): readonly RestingName[] {
  const resting = [...(ledger?.holdings() ?? [])].flatMap(({ host, addresses, freed }) =>
    freed === undefined ? [] : [{ host, addresses, freed }],
  );
  return resting.sort((a, b) => compareText(a.host, b.host));
}

function rowOf(pipeline: Pipeline, host: string, services: readonly Service[], views: readonly View[]): NameRow {
  const { registry } = pipeline;
  const declared = services.flatMap(({ addresses }) => addresses);
  const automatic = services.flatMap(({ addresses, autoAddresses }) => (addresses.length > 0 ? [] : autoAddresses));
  const granted = automatic.length === 0 ? undefined : registry.grantedAddresses.get(host);
  const addresses = [...new Set([...automatic, ...declared])];
  const from = automatic.length === 0 ? 'declared' : (granted?.from ?? pipeline.inputs.settings.get('settings')?.vip ?? 'status');
  return {
    host,
    addresses,
    ...(addresses.length > 0 && { from }),
    ...(granted?.since !== undefined && { since: granted.since }),
    owners: ownersOf(pipeline, services),
    seenBy: {
      namespaces: namespacesOf(services),
      proxies: views
        .flatMap(({ nodes, answers }) => {
          const answered = answers.get(host);
          return answered === undefined ? [] : nodes.map((node) => ({ node, addresses: answered }));
        })
        .sort((a, b) => compareText(a.node, b.node)),
    },
  };
}

function ownersOf(pipeline: Pipeline, services: readonly Service[]): readonly NameOwner[] {
  const objects = services.flatMap(({ from }) => pipeline.objects[from.kind]?.get(objectId(from)) ?? []);
  const written = new Map(
    objects.flatMap((object) => writtenFor(object, pipeline)).map((object) => [objectId(object.key), object]),
  );
  return [...written.values()].sort(byPlace).map(({ key, origin }) => ({ ...key, file: origin.path, line: origin.line }));
}

function namespacesOf(services: readonly Service[]): '*' | readonly string[] {
  if (services.some(({ exportTo }) => exportTo.kind === 'public')) return '*';
  const names = services.flatMap(({ exportTo }) => (exportTo.kind === 'namespaces' ? exportTo.names : []));
  return [...new Set(names)].sort(compareText);
}

/** One class of connected proxies, and what it is answered for the hosts that it sees. */
interface View {
  readonly nodes: readonly string[];
  readonly answers: ReadonlyMap<string, readonly string[]>;
}

function viewsOf({ registry, scope }: Pipeline, hosts: ReadonlySet<string>): readonly View[] {
  const nodesOf = Map.groupBy([...scope.classOf.entries()], ([, { id }]) => id);
  const seen = new Map<string, VisibleService[]>();
  for (const [, row] of scope.visible.entries()) {
    if (!hosts.has(row.host)) continue;
    const place = `${row.class}\n${row.host}`;
    const rows = seen.get(place);
    if (rows === undefined) seen.set(place, [row]);
    else rows.push(row);
  }
  const answersOf = new Map<string, Map<string, readonly string[]>>();
  for (const rows of seen.values()) {
    const { class: of, host } = rows[0]!;
    const proxies = scope.classes.get(of);
    if (proxies === undefined) continue;
    const lines = proxies.role === 'router' ? [] : answersTo(host, rows, proxies, registry);
    const answers = answersOf.get(of) ?? new Map<string, readonly string[]>();
    answersOf.set(of, answers.set(host, lines.find((line) => line.host === host)?.ips ?? []));
  }
  return [...nodesOf].map(([of, nodes]) => ({ nodes: nodes.map(([node]) => node), answers: answersOf.get(of) ?? new Map() }));
}

function byPlace(a: ConfigObject, b: ConfigObject): number {
  return (
    compareText(a.origin.path, b.origin.path) || a.origin.line - b.origin.line || compareText(objectId(a.key), objectId(b.key))
  );
}
