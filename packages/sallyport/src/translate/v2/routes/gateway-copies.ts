import { overlaps } from '../../../lib/host.ts';
import type { Issue, ObjectKey, Translated } from '../../../model/index.ts';
import type { Translation } from '../../types.ts';
import { isSelected } from '../destination.ts';
import type { GatewayPlan } from '../gateways/gateway.ts';
import { hostsOf, isLet } from '../gateways/listener.ts';
import type { RouteTable } from './flatten.ts';
import { gatewayService, type Side } from './virtual-service.ts';

interface Around {
  readonly cluster: string;
  readonly copies: boolean;
  /** Workspaces that see the table. */
  readonly viewers: readonly string[];
  /** The workspace of the table. */
  readonly workspace: string;
  readonly gateway: (key: ObjectKey) => GatewayPlan | undefined;
}

/** A table at each of its gateways that lets it in: one VirtualService for the proxies behind one Service (spec/gloo.md 2.6). */
export function gatewayCopies(table: RouteTable, side: Side, around: Around): Translation {
  const issues: Issue[] = [];
  const places: { readonly plan: GatewayPlan; readonly end: GatewayPlan['ends'][number]; readonly names: readonly string[] }[] =
    [];
  for (const [i, reference] of (table.spec.virtualGateways ?? []).entries()) {
    const { name = '', namespace = table.key.namespace, cluster = around.cluster } = reference;
    const refuse = (message: string, hint: string, part = 'name') =>
      issues.push({
        code: 'DANGLING_REFERENCE',
        severity: 'error',
        object: table.key,
        field: ['spec', 'virtualGateways', i, part],
        message,
        hint,
      });
    if (cluster !== around.cluster) {
      refuse(
        `${cluster} is not the cluster here, which is ${around.cluster}`,
        'leave `cluster` out, or start with --cluster',
        'cluster',
      );
      continue;
    }
    const plan = around.gateway({ kind: 'VirtualGateway', namespace, name });
    if (plan === undefined) {
      refuse(`there is no VirtualGateway ${namespace}/${name}`, 'declare it, or mend name and namespace');
      continue;
    }
    if (!around.viewers.includes(plan.workspace)) {
      refuse(
        `VirtualGateway ${namespace}/${name} belongs to workspace ${plan.workspace}, which does not see this table`,
        `export the table to ${plan.workspace}, and import it there`,
      );
      continue;
    }
    const open = openListeners(table, plan, around);
    if (open.size === 0) {
      refuse(
        `no listener of VirtualGateway ${namespace}/${name} lets this table in`,
        'look at host and selector of its `allowedRouteTables`',
      );
      continue;
    }
    for (const end of plan.ends) {
      const names = end.listeners.filter(({ index }) => open.has(index)).map(({ gateway }) => gateway);
      if (names.length > 0) places.push({ plan, end, names });
    }
  }
  const objects = places.map(({ plan, end, names }): Translated => {
    const twins = places.filter((other) => other.end.namespace === end.namespace).length > 1;
    const copy = { cluster: around.cluster, workspace: plan.workspace, namespace: end.namespace, copies: around.copies };
    // In one namespace for all, a table for sidecars and gateways needs two names.
    const crowded = !around.copies && table.key.namespace === end.namespace;
    const suffix = twins ? [plan.object.key.name, end.service ?? ''].filter((part) => part !== '') : crowded ? ['gateway'] : [];
    return gatewayService(table, side, copy, { names, labels: end.labels, suffix });
  });
  return { objects, issues };
}

/** Listeners that serve one of the table's hosts, and whose filters let it in. */
function openListeners(table: RouteTable, plan: GatewayPlan, around: Around): ReadonlySet<number> {
  const own = plan.object.key.namespace;
  const { namespace } = table.key;
  const open = (plan.object.spec.listeners ?? []).flatMap((listener, index) => {
    const served = (table.spec.hosts ?? []).filter((host) => hostsOf(listener, []).some((one) => overlaps(one, host)));
    const lets = served.some((host) =>
      isLet(
        listener.allowedRouteTables,
        { namespace, host },
        own,
        (selector) => isSelected({ object: table, owner: around.workspace }, selector, around.cluster),
        overlaps,
      ),
    );
    return lets ? [index] : [];
  });
  return new Set(open);
}
