import { isWildcard } from '../../../lib/host.ts';
import type { Issue, Translated, VirtualServiceSpec } from '../../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../../sourced.ts';
import { publishedLabels, sanitizedName } from '../names.ts';
import { type BuiltRoute, forWorkloads, type Trace } from './action.ts';
import { type Labels, labelsOf, type RouteTable } from './flatten.ts';
import { type L4Routes, l4ForWorkloads } from './l4.ts';
import { marked } from './marked.ts';

/** Everything that a root table does for one sort of proxies, whoever they are. */
export interface Side {
  readonly http: readonly BuiltRoute[];
  readonly l4: L4Routes;
}

/** Where the VirtualService stands, and for which workspace. */
export interface Copy {
  readonly cluster: string;
  readonly namespace: string;
  readonly workspace: string;
  /** Whether each namespace has its own; without, one is for all. */
  readonly copies: boolean;
}

/** Whether a table is for sidecars: it says so, or names no gateway (spec/gloo.md 2.6). */
export function isForSidecars({ spec: { virtualGateways = [], workloadSelectors = [] } }: RouteTable): boolean {
  return virtualGateways.length === 0 || workloadSelectors.length > 0;
}

/** For sidecars: one VirtualService for all hosts of the table, or one for each where a wildcard was narrowed. */
export function sidecarServices(table: RouteTable, side: Side, copy: Copy): readonly Translated[] {
  const hosts = sidecarHosts(table, side);
  const groups = hosts.narrowed ? hosts.hosts.map((host) => [host]) : [hosts.hosts];
  const http = side.http.map(({ http: route, flat, trace }) => ({ http: forWorkloads(route, flat.workloads), trace, flat }));
  const workloads = labelsOf(table.spec.workloadSelectors);
  return groups
    .filter((group) => group.length > 0)
    .map((group) =>
      madeFrom<VirtualServiceSpec>(table, {
        kind: 'VirtualService',
        name: nameOf(table, copy, groups.length > 1 ? group : []),
        namespace: copy.namespace,
        labels: publishedLabels(table, copy),
        ...annotationsOf(table),
        spec: {
          hosts: hosts.narrowed ? took(table, ['spec', 'hosts'], group) : copied(table, ['spec', 'hosts'], group),
          gateways: ['mesh'],
          ...routesOf(table, http, side.l4, workloads),
          ...(copy.copies && { exportTo: ['.'] }),
        },
      }),
    );
}

/** For the proxies of one gateway: the hosts as they are, and only where the gateway's workloads ask (published). */
export function gatewayService(table: RouteTable, side: Side, copy: Copy, gateway: GatewayName): Translated {
  const http = side.http.map(({ http: route, flat, trace }) => ({ http: forWorkloads(route, [gateway.labels]), trace, flat }));
  return madeFrom<VirtualServiceSpec>(table, {
    kind: 'VirtualService',
    name: nameOf(table, copy, gateway.suffix),
    namespace: copy.namespace,
    labels: publishedLabels(table, copy),
    ...annotationsOf(table),
    spec: {
      hosts: copied(table, ['spec', 'hosts'], table.spec.hosts ?? []),
      gateways: took(table, ['spec', 'virtualGateways'], gateway.names),
      ...routesOf(table, http, side.l4, [gateway.labels]),
      ...(copy.copies && { exportTo: ['.'] }),
    },
  });
}

export interface GatewayName {
  /** Names of Gateway objects, as a VirtualService refers to them. */
  readonly names: readonly string[];
  readonly labels: Labels;
  /** What tells this VirtualService from others of the table in the same namespace. */
  readonly suffix: readonly string[];
}

function annotationsOf(table: RouteTable): { readonly annotations?: Marked<Labels> } {
  const annotations = table.spec.virtualServiceAnnotations;
  return annotations === undefined ? {} : { annotations: copied(table, ['spec', 'virtualServiceAnnotations'], annotations) };
}

function nameOf({ key }: RouteTable, { cluster, workspace }: Copy, suffix: readonly string[]): string {
  return sanitizedName('routetable', key.name, key.namespace, cluster, workspace, ...suffix);
}

function routesOf(
  table: RouteTable,
  http: readonly Pick<BuiltRoute, 'http' | 'trace' | 'flat'>[],
  l4: L4Routes,
  workloads: readonly Labels[],
): Marked<Pick<VirtualServiceSpec, 'http' | 'tcp' | 'tls'>> {
  const bytes = {
    ...(l4.tcp.length > 0 && { tcp: l4.tcp.map((route) => l4ForWorkloads(route, workloads)) }),
    ...(l4.tls.length > 0 && { tls: l4.tls.map((route) => l4ForWorkloads(route, workloads)) }),
  };
  return {
    ...(http.length > 0 && { http: http.map(({ http: route, trace, flat }) => marked(route, trace, flat.table)) }),
    ...(marked(bytes, l4.trace as readonly Trace[], table) as Pick<VirtualServiceSpec, 'tcp' | 'tls'>),
  } as Marked<Pick<VirtualServiceSpec, 'http' | 'tcp' | 'tls'>>;
}

/**
 * Istio's sidecars know no `*`; it stands for the hosts of everything that the table leads to (spec/gloo.md 2.6, U25). Other hosts stay.
 */
export function sidecarHosts(
  { spec: { hosts = [] } }: RouteTable,
  { http, l4 }: Side,
): { readonly hosts: readonly string[]; readonly narrowed: boolean } {
  if (!hosts.includes('*')) return { hosts, narrowed: false };
  const targets = [...http.flatMap((route) => route.targets), ...l4.targets];
  const meant = targets.flatMap(({ destination }) => destination.hosts);
  const named = hosts.filter((host) => host !== '*');
  return {
    hosts: [...new Set([...named, ...meant.filter((host) => !named.includes(host))])].sort(wildcardsLast),
    narrowed: true,
  };
}

function wildcardsLast(a: string, b: string): number {
  return Number(isWildcard(a)) - Number(isWildcard(b)) || (a < b ? -1 : 1);
}

/** What is to be said where `*` was narrowed. */
export function narrowedIssue(table: RouteTable, hosts: readonly string[]): Issue {
  const index = (table.spec.hosts ?? []).indexOf('*');
  const at = { object: table.key, field: ['spec', 'hosts', index] };
  if (hosts.length === 0)
    return {
      ...{ code: 'UNTRANSLATABLE', severity: 'error', ...at },
      message: 'sidecars know no host "*", and the table leads nowhere whose hosts it could stand for',
      hint: 'name the hosts, or a gateway in `virtualGateways`',
    };
  return {
    ...{ code: 'INEFFECTIVE', severity: 'warning', ...at },
    message: `sidecars know no host "*"; it stands for the hosts that the table leads to: ${hosts.join(', ')}`,
    hint: 'name the hosts, or a gateway in `virtualGateways`',
  };
}
