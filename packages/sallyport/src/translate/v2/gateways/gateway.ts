import type { GatewaySpec, Issue, Translated } from '../../../model/index.ts';
import { madeFrom, took } from '../../sourced.ts';
import { publishedLabels, sanitizedName } from '../names.ts';
import { protocolOf, servedPort, serverOf, type VirtualGateway } from './listener.ts';
import type { GatewayWorkload, Labels } from './workloads.ts';

/** A VirtualGateway with the proxies that carry it out. */
export interface GatewayPlan {
  readonly object: VirtualGateway;
  readonly workspace: string;
  readonly ends: readonly GatewayEnd[];
  readonly issues: readonly Issue[];
}

/** The proxies behind one Service, and the Gateway objects that are for them: one for each listener, so that each lets in whom it says. */
export interface GatewayEnd {
  readonly namespace: string;
  /** Name of the Service; absent where there is none, and the proxies are known by labels only. */
  readonly service?: string;
  readonly labels: Labels;
  /** Those that can be carried out. */
  readonly listeners: readonly EndListener[];
}

export interface EndListener {
  /** In `spec.listeners`. */
  readonly index: number;
  /** Port of the Service. */
  readonly number: number;
  /** Where the proxies listen. */
  readonly target: number;
  /** Name of the Gateway object. */
  readonly gateway: string;
}

/** What a VirtualGateway comes to with the workloads that it selects (spec/gloo.md 2.7). */
export function planGateway(
  object: VirtualGateway,
  workspace: string,
  cluster: string,
  workloads: readonly GatewayWorkload[],
): GatewayPlan {
  const issues: Issue[] = [];
  const say = (
    code: Issue['code'],
    severity: Issue['severity'],
    field: readonly (string | number)[],
    message: string,
    hint: string,
  ) => issues.push({ code, severity, object: object.key, field: ['spec', ...field], message, hint });
  const found = workloads.length > 0 ? workloads : labelled(object);
  if (workloads.length === 0) {
    if (found.length === 0)
      say(
        'SELECTS_NOTHING',
        'warning',
        ['workloads'],
        'no Service of a gateway is selected, so the gateway is nowhere',
        'name the Service of the gateway, or the labels it selects its Pods by',
      );
    else
      say(
        'SELECTS_NOTHING',
        'info',
        ['workloads'],
        'no Service has these labels: proxies that have them listen on the ports of the listeners themselves',
        'declare the Service of the gateway if it listens elsewhere',
      );
  }
  const ends = found.map((workload): GatewayEnd => {
    const twin = found.some((other) => other !== workload && other.namespace === workload.namespace);
    const listeners = (object.spec.listeners ?? []).flatMap((listener, index) => {
      if (workload.ports.length === 0) {
        const { number } = listener.port ?? {};
        return number === undefined ? [] : [{ index, number, target: number }];
      }
      const port = servedPort(listener, workload.ports);
      const name = `Service ${workload.namespace}/${workload.service}`;
      if (port === undefined) {
        const list = workload.ports
          .map(({ number, name: one }) => (one === undefined ? `${number}` : `${number} (${one})`))
          .join(', ');
        say(
          'DANGLING_REFERENCE',
          'error',
          ['listeners', index, 'port'],
          `${name} has no port ${listener.port?.number ?? listener.port?.name}`,
          `it has ${list}`,
        );
        return [];
      }
      if (port.target === undefined) {
        say(
          'UNTRANSLATABLE',
          'error',
          ['listeners', index, 'port'],
          `${name} gives its target port by name, which is not looked up for gateways`,
          'write the number of the container port as `targetPort`',
        );
        return [];
      }
      return [{ index, number: port.number, target: port.target }];
    });
    const { service, namespace, labels } = workload;
    const names = ['virtualgateway', object.key.name, object.key.namespace, cluster, workspace, ...(twin ? [service] : [])];
    const several = (object.spec.listeners ?? []).length > 1;
    return {
      ...{ namespace, labels },
      ...(service !== '' && { service }),
      listeners: unique(object, listeners, say).map((one) => ({
        ...one,
        gateway: sanitizedName(...names, ...(several ? [`${one.index}`] : [])),
      })),
    };
  });
  return { object, workspace, ends, issues };
}

/** Proxies that no Service stands before, known by the labels that the gateway asks for. */
function labelled({ key, spec }: VirtualGateway): readonly GatewayWorkload[] {
  return (spec.workloads ?? []).flatMap(({ selector }) => {
    const labels = selector?.labels ?? {};
    if (Object.keys(labels).length === 0) return [];
    return [{ namespace: selector?.namespace ?? key.namespace, service: '', labels, ports: [] }];
  });
}

/** Listeners on one port that want one name of one protocol: the first has it (spec/gloo.md 2.7). */
function unique<L extends { readonly index: number; readonly target: number }>(
  { spec }: VirtualGateway,
  listeners: readonly L[],
  say: (code: 'PORT_CONFLICT', severity: 'error', field: readonly (string | number)[], message: string, hint: string) => void,
): readonly L[] {
  const protocols = new Map<number, string>();
  const places = new Set<string>();
  return listeners.filter(({ index, target }) => {
    const listener = spec.listeners![index]!;
    const protocol = protocolOf(listener);
    const first = listener.allowedRouteTables?.[0]?.host ?? listener.exposedExternalServices?.[0]?.host ?? '*';
    const before = protocols.get(target);
    const field = ['listeners', index, 'port'];
    if (before !== undefined && before !== protocol) {
      say(
        'PORT_CONFLICT',
        'error',
        field,
        `another listener of this port is for ${before}, and this one for ${protocol}`,
        'use another port',
      );
      return false;
    }
    if (places.has(`${target} ${first}`)) {
      say(
        'PORT_CONFLICT',
        'error',
        field,
        `another listener has this port and the first host ${first}`,
        'put the hosts into one listener',
      );
      return false;
    }
    protocols.set(target, protocol);
    places.add(`${target} ${first}`);
    return true;
  });
}

/** The Gateway of one listener. `more`: hosts of external services that leave through it (spec/gloo.md 2.6, 2.7). */
export function gatewayOf(
  { object, workspace }: GatewayPlan,
  end: GatewayEnd,
  listener: EndListener,
  cluster: string,
  more: readonly string[],
): Translated {
  return madeFrom<GatewaySpec>(object, {
    kind: 'Gateway',
    name: listener.gateway,
    namespace: end.namespace,
    labels: publishedLabels(object, { cluster, workspace, namespace: end.namespace }),
    spec: {
      selector: took(object, ['spec', 'workloads'], end.labels),
      servers: [serverOf(object, listener.index, listener.target, more)],
    },
  });
}
