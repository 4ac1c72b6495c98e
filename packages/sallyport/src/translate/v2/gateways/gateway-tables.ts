import { type Collection, type Graph, type Read, structural } from '../../../collection/index.ts';
import {
  type ConfigObject,
  type ExternalServiceSpec,
  type KubernetesServiceSpec,
  objectId,
  type ServicePortSpec,
  type VirtualGatewaySpec,
} from '../../../model/index.ts';
import type { Marked } from '../../sourced.ts';
import type { TranslateInputs, Translation } from '../../types.ts';
import { isSelected } from '../destination.ts';
import type { Workspaces } from '../workspace-tables.ts';
import { type Egress, egressOf, isDoorIn, type Place, portsFor } from './egress.ts';
import { type GatewayPlan, gatewayOf, planGateway } from './gateway.ts';
import {
  type GatewayWorkload,
  isMeant,
  type KubernetesService,
  type Labels,
  placeOfSelector,
  placesOf,
  placesOfService,
  workloadOf,
} from './workloads.ts';

export interface Gateways {
  /** By id of the VirtualGateway. */
  readonly plans: Collection<GatewayPlan>;
  /** By id of the ExternalService; only those that leave through gateways, or want to. */
  readonly egress: Collection<Egress>;
  /** Ports that the ServiceEntry of a service has besides, in a namespace whose clients send calls through a gateway. */
  entryPorts(read: Read, object: ConfigObject, place: Pick<Place, 'namespace' | 'copies'>): readonly Marked<ServicePortSpec>[];
  readonly translations: readonly Collection<Translation>[];
}

/** VirtualGateways, the proxies that carry them out, and the external services that leave through them (spec/gloo.md 2.7). */
export function buildGateways(graph: Graph, inputs: TranslateInputs, workspaces: Workspaces): Gateways {
  const services: Collection<KubernetesService> = inputs.services as Collection<ConfigObject<KubernetesServiceSpec>>;
  const serviceAt = graph.index('translate.gateways.service-at', services, placesOfService);
  // Pods come and go; what counts is which labels there are in a namespace.
  const podLabels = graph.distinct<ConfigObject, { readonly namespace: string; readonly labels: Labels }>(
    'translate.gateways.pod-labels',
    inputs.pods,
    ({ key: { namespace }, labels }) => [[`${namespace}\n${JSON.stringify(labels)}`, { namespace, labels }]],
  );
  const podLabelsAt = graph.index('translate.gateways.pod-labels-at', podLabels, ({ labels }) =>
    Object.entries(labels).map(([name, value]) => placesOf.label(name, value)),
  );

  const workloadsOf = (object: ConfigObject<VirtualGatewaySpec>, workspace: string, cluster: string, read: Read) => {
    const found = new Map<string, GatewayWorkload>();
    const selectors = object.spec.workloads ?? [];
    for (const selector of selectors.length > 0 ? selectors : [{}]) {
      const place = placeOfSelector(selector);
      const candidates = new Map<string, Labels | undefined>([...read.lookup(serviceAt, place)].map((id) => [id, undefined]));
      for (const key of read.lookup(podLabelsAt, place)) {
        const { namespace, labels } = read.get(podLabels, key)!;
        for (const id of read.lookup(serviceAt, placesOf.namespace(namespace))) candidates.set(id, labels);
      }
      for (const [id, labels] of candidates) {
        const service = read.get(services, id)!;
        const owner = workspaces.ofNamespace(read, service.key.namespace);
        if (owner === workspace && isMeant(selector, service, { workspace: owner, cluster }, labels))
          found.set(id, workloadOf(service));
      }
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
  };

  const plans = graph.derive<ConfigObject<VirtualGatewaySpec>, GatewayPlan>(
    'translate.gateways.plans',
    inputs.gloo<VirtualGatewaySpec>('VirtualGateway'),
    (object, id, read) => {
      const cluster = read.get(inputs.settings, 'settings')?.cluster;
      const workspace = workspaces.ofNamespace(read, object.key.namespace);
      if (cluster === undefined || workspace === undefined) return [];
      return [[id, planGateway(object, workspace, cluster, workloadsOf(object, workspace, cluster, read))]];
    },
    structural,
  );

  const egress = graph.derive<ConfigObject<ExternalServiceSpec>, Egress>(
    'translate.gateways.egress',
    inputs.gloo<ExternalServiceSpec>('ExternalService'),
    (object, id, read) => {
      if (!(object.spec.ports ?? []).some(({ egressGatewayRoutes }) => egressGatewayRoutes !== undefined)) return [];
      const cluster = read.get(inputs.settings, 'settings')?.cluster;
      const owner = workspaces.ofNamespace(read, object.key.namespace);
      if (cluster === undefined || owner === undefined) return [];
      const viewers = workspaces.viewersOf(read, object);
      const found = egressOf(object, (port, reference) => {
        const wanted = object.spec.ports?.[port]?.egressGatewayRoutes?.virtualGatewayRefs?.[reference];
        const { name = '', namespace = object.key.namespace } = wanted ?? {};
        if ((wanted?.cluster ?? cluster) !== cluster) return undefined;
        const plan = read.get(plans, objectId({ kind: 'VirtualGateway', namespace, name }));
        if (plan === undefined) return undefined;
        return {
          plan,
          sees: viewers.includes(plan.workspace),
          selects: (selector) => isSelected({ object, owner }, selector, cluster),
        };
      });
      return [[id, found]];
    },
    structural,
  );
  const byDoor = graph.index('translate.gateways.egress-by-door', egress, ({ ports }) =>
    ports.flatMap(({ doors }) => doors.map(({ end, gateway }) => `${end.namespace}/${gateway}`)),
  );

  const gateways = graph.derive<GatewayPlan, Translation>(
    'translate.gateways.gateways',
    plans,
    (plan, id, read) => {
      const cluster = read.get(inputs.settings, 'settings')?.cluster;
      if (cluster === undefined) return [];
      const objects = plan.ends.flatMap((end) =>
        end.listeners.map((listener) => {
          const leaving = [...read.lookup(byDoor, `${end.namespace}/${listener.gateway}`)];
          const hosts = leaving.flatMap((key) => read.get(egress, key)?.object.spec.hosts ?? []);
          return gatewayOf(plan, end, listener, cluster, hosts);
        }),
      );
      return [[id, { objects, issues: plan.issues }]];
    },
    structural,
  );
  return {
    ...{ plans, egress, translations: [gateways] },
    entryPorts: (read, { key }, { namespace, copies }) => {
      const found = read.get(egress, objectId(key));
      return found === undefined || (copies && isDoorIn(found, namespace)) ? [] : portsFor(found);
    },
  };
}
