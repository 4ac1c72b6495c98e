import type {
  ConfigObject,
  DestinationRuleSpec,
  ExternalServicePort,
  ExternalServiceSpec,
  HttpRoute,
  Issue,
  ServicePortSpec,
  Translated,
  VirtualServiceSpec,
} from '../../../model/index.ts';
import { type Marked, madeFrom, took } from '../../sourced.ts';
import { publishedLabels, sanitizedName } from '../names.ts';
import { sharesOf } from '../routes/shares.ts';
import type { GatewayEnd, GatewayPlan } from './gateway.ts';
import { isLet, protocolOf } from './listener.ts';

type ExternalServiceObject = ConfigObject<ExternalServiceSpec>;

/** The ways of one ExternalService through egress gateways (spec/gloo.md 2.7). */
export interface Egress {
  readonly object: ExternalServiceObject;
  readonly ports: readonly EgressPort[];
  readonly issues: readonly Issue[];
}

/** Calls to `portMatch` leave through gateways, which call `number`. */
export interface EgressPort {
  /** In `spec.ports`. */
  readonly index: number;
  readonly number: number;
  readonly portMatch: number;
  readonly doors: readonly Door[];
}

/** One gateway, and the listener of it that calls come in by. */
export interface Door {
  /** Id of the VirtualGateway. */
  readonly virtualGateway: string;
  readonly workspace: string;
  readonly end: GatewayEnd & { readonly service: string };
  readonly listener: number;
  /** Name of its Gateway object. */
  readonly gateway: string;
  /** The Service's port. */
  readonly port: number;
  /** How clients speak to the gateway. */
  readonly tls: 'ISTIO_MUTUAL' | 'SIMPLE' | 'none';
}

/** What the references of a port come to: the VirtualGateway, and whether its workspace sees the service. */
export interface Found {
  readonly plan: GatewayPlan;
  readonly sees: boolean;
  readonly selects: (selector: object) => boolean;
}

const DEFAULT_MATCH = 80;
const HTTP = new Set(['HTTP', 'HTTP2', 'GRPC']);

/**
 * The ways out that can be gone, and what is wrong with the others (spec/gloo.md 2.7). The rules of the kind have seen to hosts, protocols and
 * different `portMatch`es. `find` gives the gateway of a reference.
 */
export function egressOf(object: ExternalServiceObject, find: (port: number, reference: number) => Found | undefined): Egress {
  const issues: Issue[] = [];
  const taken = new Set<string>();
  const ports = (object.spec.ports ?? []).flatMap((port, index): EgressPort[] => {
    if (port.egressGatewayRoutes === undefined) return [];
    const { portMatch = DEFAULT_MATCH, virtualGatewayRefs = [] } = port.egressGatewayRoutes;
    const doors = virtualGatewayRefs.flatMap((_, r) => {
      const field = ['spec', 'ports', index, 'egressGatewayRoutes', 'virtualGatewayRefs', r];
      return doorsAt(object, port, find(index, r), taken, (code, severity, message, hint) =>
        issues.push({ code, severity, object: object.key, field, message, hint }),
      );
    });
    return doors.length === 0 ? [] : [{ index, number: port.number, portMatch, doors }];
  });
  return { object, ports, issues };
}

type Say = (code: Issue['code'], severity: Issue['severity'], message: string, hint: string) => unknown;

function doorsAt(
  { key, spec }: ExternalServiceObject,
  port: ExternalServicePort,
  found: Found | undefined,
  taken: Set<string>,
  say: Say,
): Door[] {
  if (found === undefined) {
    say('DANGLING_REFERENCE', 'error', 'there is no such VirtualGateway', 'declare it, or mend name and namespace');
    return [];
  }
  const { plan, sees, selects } = found;
  const name = `VirtualGateway ${plan.object.key.namespace}/${plan.object.key.name}`;
  if (!sees) {
    say(
      'DANGLING_REFERENCE',
      'error',
      `${name} belongs to workspace ${plan.workspace}, which does not see this service`,
      `export the service to ${plan.workspace}, and import it there`,
    );
    return [];
  }
  const hosts = spec.hosts ?? [];
  const listeners = plan.object.spec.listeners ?? [];
  const open = listeners.flatMap((listener, index) =>
    listener.http !== undefined &&
    hosts.every((host) =>
      isLet(listener.exposedExternalServices, { namespace: key.namespace, host }, plan.object.key.namespace, selects),
    )
      ? [index]
      : [],
  );
  if (open.length === 0) {
    say(
      'DANGLING_REFERENCE',
      'error',
      `${name} has no http listener that exposes ${hosts.join(', ')}`,
      'add the host to `exposedExternalServices` of a listener',
    );
    return [];
  }
  const secure = open.find((index) => listeners[index]!.tls?.mode === 'ISTIO_MUTUAL') ?? open[0]!;
  const mode = protocolOf(listeners[secure]!) === 'HTTPS' ? (listeners[secure]!.tls?.mode ?? 'PASSTHROUGH') : 'none';
  if (mode !== 'ISTIO_MUTUAL' && mode !== 'SIMPLE' && mode !== 'none') {
    say(
      'UNTRANSLATABLE',
      'error',
      `${name} listens with TLS mode ${mode}, for which proxies of the mesh have no certificates`,
      'use ISTIO_MUTUAL: both ends have certificates of the mesh',
    );
    return [];
  }
  const doors = plan.ends.flatMap((end): Door[] => {
    const listener = end.listeners.find(({ index }) => index === secure);
    if (listener === undefined || end.service === undefined) return [];
    return [
      {
        virtualGateway: `${plan.object.key.namespace}/${plan.object.key.name}`,
        workspace: plan.workspace,
        end: { ...end, service: end.service },
        listener: secure,
        gateway: listener.gateway,
        port: listener.number,
        tls: mode,
      },
    ];
  });
  if (doors.length === 0) {
    say(
      'SELECTS_NOTHING',
      'error',
      `${name} has no Service that calls could be sent to`,
      'declare the Service in front of the gateway’s proxies',
    );
    return [];
  }
  return doors.filter(({ end, listener }) => {
    const place = `${end.namespace}/${end.service} ${listener}`;
    const free = !taken.has(place);
    taken.add(place);
    if (!free)
      say(
        'PORT_CONFLICT',
        'error',
        `another port of this service comes in by the same listener of ${name}, and the gateway cannot tell the two apart`,
        `send port ${port.number} through another gateway`,
      );
    return free;
  });
}

export function doorsOf({ ports }: Egress): readonly Door[] {
  return ports.flatMap(({ doors }) => doors);
}

/** Whether the namespace is that of a gateway that calls to the service leave through. */
export function isDoorIn(egress: Egress, namespace: string): boolean {
  return doorsOf(egress).some(({ end }) => end.namespace === namespace);
}

/** The name that clients call a gateway by. */
export function doorHost({ end }: Door, clusterDomain: string): string {
  return `${end.service}.${end.namespace}.svc.${clusterDomain}`;
}

/** Name of the subset that stands for an external host at a port of a gateway: calls are told apart by their server name. */
export const subsetFor = (host: string, port: number): string => sanitizedName(host, `${port}`);

/** Ports that the ServiceEntry of clients has besides: they give the sidecar something to listen for (spec/gloo.md 2.7). */
export function portsFor({ object, ports }: Egress): readonly Marked<ServicePortSpec>[] {
  const own = new Set((object.spec.ports ?? []).map(({ number }) => number));
  return ports
    .filter(({ portMatch }) => !own.has(portMatch))
    .map(({ index, portMatch }) =>
      took<ServicePortSpec>(object, ['spec', 'ports', index, 'egressGatewayRoutes', 'portMatch'], {
        name: `http-${portMatch}`,
        number: portMatch,
        protocol: 'HTTP',
      }),
    );
}

/** Where an object of a client or gateway stands, and for which workspace. */
export interface Place {
  readonly cluster: string;
  readonly namespace: string;
  readonly workspace: string;
  /** Whether each namespace has its own; without, one is for all. */
  readonly copies: boolean;
}

/** Sends calls of clients to the gateways: one VirtualService a host. Other HTTP ports go where they went before. */
export function clientRoutes({ object, ports }: Egress, host: string, place: Place, clusterDomain: string): Translated {
  const matched = new Set(ports.map(({ portMatch }) => portMatch));
  const straight = (object.spec.ports ?? []).flatMap(({ number, protocol = '' }, index) =>
    HTTP.has(protocol.toUpperCase()) && !matched.has(number) ? [{ number, index }] : [],
  );
  return madeFrom<VirtualServiceSpec>(object, {
    kind: 'VirtualService',
    name: sanitizedName('externalservice', object.key.name, object.key.namespace, place.cluster, host, place.workspace),
    namespace: place.namespace,
    labels: publishedLabels(object, place),
    spec: {
      hosts: took(object, ['spec', 'hosts'], [host]),
      gateways: ['mesh'],
      http: [
        ...ports.map(({ index, portMatch, doors }) => {
          const field = ['spec', 'ports', index, 'egressGatewayRoutes'];
          const shares = sharesOf(doors.map(() => undefined));
          return took<HttpRoute>(object, field, {
            match: took(object, [...field, 'portMatch'], [{ port: portMatch }]),
            route: doors.map((door, d) => ({
              destination: {
                host: doorHost(door, clusterDomain),
                port: { number: door.port },
                subset: subsetFor(host, door.port),
              },
              ...(doors.length > 1 && { weight: shares[d]! }),
            })),
          });
        }),
        ...straight.map(({ number, index }) =>
          took<HttpRoute>(object, ['spec', 'ports', index], {
            match: [{ port: number }],
            route: [{ destination: { host, port: { number } } }],
          }),
        ),
      ],
      ...(place.copies && { exportTo: ['.'] }),
    },
  });
}

/** How clients speak to one gateway about this service: a subset for each host, with its name as server name. */
export function doorRule({ object, ports }: Egress, door: Door, place: Place, clusterDomain: string): Translated {
  const port = ports.find(({ doors }) => doors.includes(door))!;
  const hosts = object.spec.hosts ?? [];
  return madeFrom<DestinationRuleSpec>(object, {
    kind: 'DestinationRule',
    name: sanitizedName(
      'virtualgateway',
      door.virtualGateway,
      door.end.service,
      place.cluster,
      object.key.name,
      object.key.namespace,
      `${door.listener}`,
      place.workspace,
    ),
    namespace: place.namespace,
    labels: publishedLabels(object, place),
    spec: took<DestinationRuleSpec>(object, ['spec', 'ports', port.index, 'egressGatewayRoutes', 'virtualGatewayRefs'], {
      host: doorHost(door, clusterDomain),
      subsets: hosts.map((host) => ({
        name: subsetFor(host, door.port),
        trafficPolicy: {
          portLevelSettings: [
            {
              port: { number: door.port },
              tls: door.tls === 'none' ? { mode: 'DISABLE' as const } : { mode: door.tls, sni: host },
            },
          ],
        },
      })),
      ...(place.copies && { exportTo: ['.'] }),
    }),
  });
}

/** At the gateway: calls to the host go on to it. */
export function gatewayRoutes({ object }: Egress, port: EgressPort, door: Door, host: string, place: Place): Translated {
  const field = ['spec', 'ports', port.index];
  return madeFrom<VirtualServiceSpec>(object, {
    kind: 'VirtualService',
    name: sanitizedName(
      'virtualgateway',
      door.virtualGateway,
      door.end.service,
      object.key.name,
      object.key.namespace,
      place.cluster,
      host,
      place.workspace,
    ),
    namespace: place.namespace,
    labels: publishedLabels(object, place),
    spec: {
      hosts: took(object, ['spec', 'hosts'], [host]),
      gateways: took(object, [...field, 'egressGatewayRoutes', 'virtualGatewayRefs'], [door.gateway]),
      http: [
        took<HttpRoute>(object, field, {
          route: [{ destination: { host, port: { number: took(object, [...field, 'number'], port.number) } } }],
        }),
      ],
      ...(place.copies && { exportTo: ['.'] }),
    },
  });
}
