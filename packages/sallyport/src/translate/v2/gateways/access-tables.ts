import { type Collection, type Graph, type Read, structural } from '../../../collection/index.ts';
import { byAge, type Issue, objectId } from '../../../model/index.ts';
import type { TranslateInputs, Translation } from '../../types.ts';
import { selectedPorts } from '../destination.ts';
import type { AroundRoutes } from '../routes-tables.ts';
import type { Workspaces } from '../workspace-tables.ts';
import {
  type AccessPolicy,
  AT_WORKLOADS,
  allowedBy,
  authorities,
  authorizationsAt,
  isEnforced,
  othersAt,
  unenforced,
} from './access-policy.ts';
import type { Door, Egress, EgressPort } from './egress.ts';
import type { GatewayEnd, GatewayPlan } from './gateway.ts';

/** An AccessPolicy at one gateway, for one port of one external service. */
interface Guarded {
  readonly policy: AccessPolicy;
  readonly egress: Egress;
  readonly port: EgressPort;
  readonly door: Door;
}

/** AccessPolicies, enforced where calls leave the mesh (spec/gloo.md 2.7, 2.9). */
export function buildAccess(
  graph: Graph,
  inputs: TranslateInputs,
  { workspaces, gateways, services: { search } }: AroundRoutes,
): readonly Collection<Translation>[] {
  const policies = inputs.gloo<AccessPolicy['spec']>('AccessPolicy');
  const settingsOf = (read: Read) => read.get(inputs.settings, 'settings');

  // Policies are for what their own workspace owns.
  const selected = (policy: AccessPolicy, workspace: string, read: Read) =>
    (policy.spec.applyToDestinations ?? []).flatMap((selector, i) => {
      if (selector.kind !== 'EXTERNAL_SERVICE') return [];
      const found = search.find(read, workspace, 'EXTERNAL_SERVICE', selector.selector);
      const fitting = found.filter(({ owner }) => owner === workspace);
      return fitting.map((service) => ({
        i,
        service,
        ports: selectedPorts(service.ports, selector.port).map(({ number }) => number),
      }));
    });

  const guarded = graph.derive<AccessPolicy, Guarded>(
    'translate.access.guarded',
    policies,
    (policy, id, read) => {
      const cluster = settingsOf(read)?.cluster;
      const workspace = workspaces.ofNamespace(read, policy.key.namespace);
      if (cluster === undefined || workspace === undefined || (policy.spec.applyToWorkloads ?? []).length > 0) return [];
      const rows = new Map<string, Guarded>();
      for (const { service, ports } of selected(policy, workspace, read)) {
        const service_id = objectId(service.object.key);
        const egress = read.get(gateways.egress, service_id);
        for (const port of egress?.ports ?? []) {
          if (!ports.includes(port.number)) continue;
          for (const door of port.doors) {
            const place = `${id}\n${service_id}\n${port.number}\n${door.end.namespace}\n${door.end.service}`;
            rows.set(place, { policy, egress: egress!, port, door });
          }
        }
      }
      return rows;
    },
    structural,
  );
  const authorizations = graph.derive<Guarded, Translation>(
    'translate.access.authorizations',
    guarded,
    ({ policy, egress, port, door }, key, read) => {
      const cluster = settingsOf(read)?.cluster ?? '';
      const allowed = allowedBy(policy, namespacesFor(workspaces, policy, read));
      return [[key, { objects: authorizationsAt(policy, allowed, egress, port, door, cluster), issues: [] }]];
    },
    structural,
  );

  const placeOf = ({ door }: Guarded): string => `${door.end.namespace}/${door.end.service}`;
  const enforced = ({ policy }: Guarded): boolean => isEnforced(policy);
  const byDoor = graph.index('translate.access.guarded-by-door', guarded, (row) => (enforced(row) ? [placeOf(row)] : []));
  const plansByDoor = graph.index('translate.access.plans-by-door', gateways.plans, ({ ends }) => ends.map(endPlace));
  const doors = graph.distinct('translate.access.doors', guarded, (row) =>
    enforced(row) ? [[placeOf(row), placeOf(row)] as const] : [],
  );
  const others = graph.derive<string, Translation>(
    'translate.access.others',
    doors,
    (place, _, read) => {
      const rows = [...read.lookup(byDoor, place)].sort().map((key) => read.get(guarded, key)!);
      const hosts = new Set(rows.flatMap(({ egress, port }) => authorities(egress.object.spec.hosts ?? [], port)));
      const first = rows.map(({ policy }) => policy).sort(byAge)[0]!;
      const plans = [...read.lookup(plansByDoor, place)].map((key) => read.get(gateways.plans, key)!);
      const ports = new Set(plans.flatMap((plan) => bytePorts(plan, place)));
      const cluster = settingsOf(read)?.cluster ?? '';
      const object = othersAt(
        first,
        rows[0]!.door,
        [...hosts].sort(),
        [...ports].sort((a, b) => a - b),
        cluster,
      );
      return [[`others at ${place}`, { objects: [object], issues: [] }]];
    },
    structural,
  );

  const said = graph.derive<AccessPolicy, Translation>(
    'translate.access.findings',
    policies,
    (policy, id, read) => {
      const cluster = settingsOf(read)?.cluster;
      const workspace = workspaces.ofNamespace(read, policy.key.namespace);
      if (cluster === undefined || workspace === undefined) return [];
      const issues: Issue[] = [...allowedBy(policy, namespacesFor(workspaces, policy, read)).issues, ...elsewhere(policy)];
      const found = (policy.spec.applyToWorkloads ?? []).length > 0 ? [] : selected(policy, workspace, read);
      for (const [i, { kind }] of (policy.spec.applyToDestinations ?? []).entries())
        if (kind === 'EXTERNAL_SERVICE' && !found.some((one) => one.i === i) && (policy.spec.applyToWorkloads ?? []).length === 0)
          issues.push(nothing(policy, i, workspace));
      for (const { i, service, ports } of found) {
        const egress = read.get(gateways.egress, objectId(service.object.key));
        const open = egress?.ports.filter(({ number }) => ports.includes(number)) ?? [];
        const what = `ExternalService ${service.object.key.namespace}/${service.object.key.name}`;
        if (open.length === 0)
          issues.push(
            unenforced(
              policy,
              ['spec', 'applyToDestinations', i],
              what,
              'it is for servers to enforce, and calls to this one leave through no gateway of the mesh',
            ),
          );
        for (const port of open) issues.push(besides(policy, i, port.number, what));
        for (const { door } of open.flatMap((port) => port.doors.map((one) => ({ door: one }))))
          if (door.tls !== 'ISTIO_MUTUAL') issues.push(unknownClients(policy, i, door));
      }
      return issues.length === 0 ? [] : [[`${id}\nsaid`, { objects: [], issues }]];
    },
    structural,
  );
  return [authorizations, others, said];
}

const endPlace = ({ namespace, service = '' }: GatewayEnd): string => `${namespace}/${service}`;

/** Where proxies of this place take bytes and no requests. */
function bytePorts({ object, ends }: GatewayPlan, place: string): readonly number[] {
  return ends
    .filter((end) => endPlace(end) === place)
    .flatMap(({ listeners }) => listeners)
    .filter(({ index }) => object.spec.listeners?.[index]?.http === undefined)
    .map(({ target }) => target);
}

/** Namespaces of the policy’s workspace; of the implicit one all are, and none is named. */
function namespacesFor(workspaces: Workspaces, policy: AccessPolicy, read: Read): readonly string[] {
  const workspace = workspaces.ofNamespace(read, policy.key.namespace);
  return workspace === undefined || !workspaces.explicit(read) ? [] : workspaces.namespacesOf(read, workspace);
}

/** Attachments that other proxies than egress gateways would have to enforce. */
function* elsewhere(policy: AccessPolicy): Iterable<Issue> {
  const { applyToWorkloads = [], applyToDestinations = [] } = policy.spec;
  const sidecars = 'it would be enforced at the sidecars of their workloads';
  if (applyToWorkloads.length > 0) {
    yield unenforced(policy, ['spec', 'applyToWorkloads'], 'workloads', 'it would be enforced at their sidecars', AT_WORKLOADS);
    return;
  }
  if (applyToDestinations.length === 0)
    yield unenforced(policy, ['spec'], 'every Service of the workspace', sidecars, AT_WORKLOADS);
  for (const [i, { kind = 'SERVICE' }] of applyToDestinations.entries()) {
    const field = ['spec', 'applyToDestinations', i];
    if (kind === 'SERVICE') yield unenforced(policy, field, 'Services', sidecars, AT_WORKLOADS);
    if (kind === 'VIRTUAL_DESTINATION')
      yield unenforced(
        policy,
        field,
        'VirtualDestinations',
        'Gloo does not support them either',
        'select the ExternalServices behind them',
      );
  }
}

function nothing({ key }: AccessPolicy, i: number, workspace: string): Issue {
  return {
    ...{ code: 'SELECTS_NOTHING', severity: 'warning', object: key, field: ['spec', 'applyToDestinations', i] },
    message: `workspace ${workspace} has no ExternalService of its own that is meant`,
    hint: 'mend name or labels; services of other workspaces are guarded by policies there',
  };
}

/** The gateway sees what comes to it; a client that calls the port itself does not (spec/gloo.md 2.7: a NetworkPolicy keeps it from that). */
function besides({ key }: AccessPolicy, i: number, port: number, what: string): Issue {
  return {
    ...{ code: 'INEFFECTIVE', severity: 'info', object: key, field: ['spec', 'applyToDestinations', i] },
    message: `calls that a client makes to port ${port} of ${what} itself pass the gateway by, and the policy does not see them`,
    hint: 'let nothing but the gateway leave the network, for example by a NetworkPolicy',
  };
}

function unknownClients({ key }: AccessPolicy, i: number, door: Door): Issue {
  return {
    ...{ code: 'INEFFECTIVE', severity: 'warning', object: key, field: ['spec', 'applyToDestinations', i] },
    message: `clients show no identity at VirtualGateway ${door.virtualGateway}, so that rules on \`allowedClients\` let nobody in`,
    hint: 'use tls.mode: ISTIO_MUTUAL at its listener',
  };
}
