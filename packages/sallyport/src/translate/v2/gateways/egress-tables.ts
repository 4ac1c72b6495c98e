import { type Collection, type Graph, type Read, structural } from '../../../collection/index.ts';
import type { ConfigObject, Translated } from '../../../model/index.ts';
import type { TranslateInputs, Translation } from '../../types.ts';
import type { RoutePlan } from '../routes/plan.ts';
import { sidecarHosts } from '../routes/virtual-service.ts';
import type { AroundRoutes } from '../routes-tables.ts';
import { clientRoutes, doorRule, doorsOf, type Egress, gatewayRoutes, isDoorIn, type Place } from './egress.ts';

interface Around extends AroundRoutes {
  readonly plans: Collection<RoutePlan>;
}

/** The objects of the way out through gateways, for clients and at the gateways (spec/gloo.md 2.7). */
export function buildEgress(graph: Graph, inputs: TranslateInputs, around: Around): readonly Collection<Translation>[] {
  const { workspaces, gateways, plans, services } = around;
  const settingsOf = (read: Read) => read.get(inputs.settings, 'settings');
  const inForce = (read: Read, viewer: string, { key }: ConfigObject) =>
    services.search.get(read, viewer, 'EXTERNAL_SERVICE', key.namespace, key.name) !== undefined;

  // A table for sidecars that has the host leads calls through the gateways itself.
  const routed = graph.index('translate.egress.routed-hosts', plans, (plan) =>
    plan.sidecars === undefined ? [] : sidecarHosts(plan.table, plan.sidecars).hosts,
  );
  const hasTable = (read: Read, host: string, workspace: string): boolean =>
    [...read.lookup(routed, host)].some((id) => workspaces.viewersOf(read, read.get(plans, id)!.table).includes(workspace));

  const clients = graph.derive<Egress, Translation>(
    'translate.egress.clients',
    gateways.egress,
    (egress, id, read) => {
      const settings = settingsOf(read);
      if (settings === undefined || egress.ports.length === 0) return [];
      const { cluster, clusterDomain } = settings;
      const copies = workspaces.explicit(read);
      const doors = doorsOf(egress);
      return workspaces.viewersOf(read, egress.object).flatMap((workspace) => {
        if (!inForce(read, workspace, egress.object)) return [];
        const namespaces = copies ? workspaces.namespacesOf(read, workspace) : [egress.object.key.namespace];
        return namespaces
          .filter((namespace) => !copies || !isDoorIn(egress, namespace))
          .map((namespace) => {
            const place: Place = { cluster, namespace, workspace, copies };
            const free = (egress.object.spec.hosts ?? []).filter((host) => !hasTable(read, host, workspace));
            const objects = [
              ...free.map((host) => clientRoutes(egress, host, place, clusterDomain)),
              // One rule for all clients has to stand beside the gateway’s Service, where they look for it.
              ...doors.map((door) =>
                doorRule(egress, door, copies ? place : { ...place, namespace: door.end.namespace }, clusterDomain),
              ),
            ];
            return [`${id}\nclients\n${workspace}\n${namespace}`, { objects, issues: [] }] as const;
          });
      });
    },
    structural,
  );

  const exits = graph.derive<Egress, Translation>(
    'translate.egress.exits',
    gateways.egress,
    (egress, id, read) => {
      const cluster = settingsOf(read)?.cluster;
      if (cluster === undefined) return [];
      const copies = workspaces.explicit(read);
      const objects = egress.ports.flatMap((port) =>
        port.doors.flatMap((door): Translated[] => {
          if (!inForce(read, door.workspace, egress.object)) return [];
          const place = { cluster, namespace: door.end.namespace, workspace: door.workspace, copies };
          return (egress.object.spec.hosts ?? []).map((host) => gatewayRoutes(egress, port, door, host, place));
        }),
      );
      return [[`${id}\nexits`, { objects, issues: egress.issues }]];
    },
    structural,
  );
  return [clients, exits];
}
