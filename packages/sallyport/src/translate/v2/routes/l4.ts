import type { ForwardTo, Issue, RouteDestination, TcpRoute, TlsRoute } from '../../../model/index.ts';
import type { Trace } from './action.ts';
import type { Labels, RouteTable } from './flatten.ts';
import { sharesOf } from './shares.ts';
import type { Resolve, Target } from './target.ts';

/** Routes of bytes: `tcp[]` and `tls[]` of a table (spec/gloo.md 2.6). One that leads nowhere is left out. */
export interface L4Routes {
  readonly tcp: readonly TcpRoute[];
  readonly tls: readonly TlsRoute[];
  /** Below `spec` of the VirtualService. */
  readonly trace: readonly Trace[];
  readonly targets: readonly Target[];
  readonly issues: readonly Issue[];
}

export function l4Routes(table: RouteTable, resolve: Resolve): L4Routes {
  const issues: Issue[] = [];
  const trace: Trace[] = [];
  const targets: Target[] = [];
  const tcp: TcpRoute[] = [];
  const tls: TlsRoute[] = [];
  const lead = (forward: ForwardTo | undefined, part: 'tcp' | 'tls', index: number) => {
    const made = leadsOf(table, forward, ['spec', part, index], resolve);
    issues.push(...made.issues);
    targets.push(...made.targets);
    return made.route;
  };
  for (const [index, { matchers = [], forwardTo }] of (table.spec.tcp ?? []).entries()) {
    const route = lead(forwardTo, 'tcp', index);
    if (route.length === 0) continue;
    const match = matchers.flatMap(({ port = 0 }) => (port === 0 ? [] : [{ port }]));
    trace.push({ out: ['tcp', tcp.length], field: ['spec', 'tcp', index] });
    tcp.push({ ...(match.length > 0 && { match }), route });
  }
  for (const [index, { matchers = [], forwardTo }] of (table.spec.tls ?? []).entries()) {
    const route = lead(forwardTo, 'tls', index);
    if (route.length === 0) continue;
    const match = matchers.map(({ sniHosts = [], port = 0 }) => ({ sniHosts, ...(port !== 0 && { port }) }));
    trace.push({ out: ['tls', tls.length], field: ['spec', 'tls', index] });
    tls.push({ match, route });
  }
  return { tcp, tls, trace, targets, issues };
}

function leadsOf(
  table: RouteTable,
  forward: ForwardTo | undefined,
  at: readonly (string | number)[],
  resolve: Resolve,
): { readonly route: readonly RouteDestination[]; readonly targets: readonly Target[]; readonly issues: readonly Issue[] } {
  const fallback = table.spec.defaultDestination;
  const own = forward?.destinations ?? [];
  const listed = own.length > 0 || fallback === undefined ? own : [fallback];
  const place = (i: number) => (own.length > 0 ? [...at, 'forwardTo', 'destinations', i] : ['spec', 'defaultDestination']);
  const found = listed.map((one) => resolve(one, table.key));
  const issues = found.flatMap((one, i) =>
    ('problem' in one ? [one.problem] : one.target.remarks).map(
      ({ part = [], ...what }): Issue => ({ ...what, object: table.key, field: [...place(i), ...part] }),
    ),
  );
  if (found.some((one) => 'problem' in one)) return { route: [], targets: [], issues };
  const targets = found.flatMap((one) => ('target' in one ? [one.target] : []));
  const shares = targets.length === 1 ? [100] : sharesOf(listed.map(({ weight }) => weight));
  // Bytes are not sent through egress gateways: these tell calls apart by their Host.
  const route = targets.map(({ host, port, subset }, i) => ({
    destination: { host, port: { number: port.number }, ...(subset !== undefined && { subset: subset.name }) },
    ...(targets.length > 1 && { weight: shares[i]! }),
  }));
  return { route, targets, issues };
}

/** The same for the proxies of these workloads only. */
export function l4ForWorkloads<R extends TcpRoute | TlsRoute>(route: R, workloads: readonly Labels[]): R {
  const asked = workloads.filter((labels) => Object.keys(labels).length > 0);
  if (asked.length === 0) return route;
  const matches = (route.match ?? []).length > 0 ? route.match! : [{}];
  return { ...route, match: matches.flatMap((match) => asked.map((sourceLabels) => ({ ...match, sourceLabels }))) };
}
