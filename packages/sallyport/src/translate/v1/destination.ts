import type {
  ConfigObject,
  DestinationRuleSpec,
  DestinationSpec,
  ExternalServiceV1,
  Issue,
  ServiceEntrySpec,
  TrafficPolicyV1Spec,
  Translated,
  VirtualMeshSpec,
  VirtualServiceSpec,
} from '../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../sourced.ts';
import type { TranslateSettings, Translation } from '../types.ts';
import { agreed, portsOf } from './agreed.ts';
import { trafficPolicyOf } from './destination-rule.ts';
import { exportToOf } from './exported.ts';
import { parentsAnnotation } from './parents.ts';
import { resolutionOf } from './resolution.ts';
import { setsRoutes } from './route-fields.ts';
import { keepaliveOf } from './rule-fields.ts';
import { httpPortsOf, routesOf, unrouted } from './virtual-service.ts';

/** A Destination that declares an external service. */
export type ExternalDestination = ConfigObject<DestinationSpec & { readonly externalService: ExternalServiceV1 }>;

export interface AroundDestination {
  readonly settings: TranslateSettings;
  /** The VirtualMeshes that the mesh is part of, oldest first. */
  readonly virtualMeshes: readonly ConfigObject<VirtualMeshSpec>[];
  /** The virtual address, if the service brings none. */
  readonly vip: string;
  /** What is to be said when the address is not the one that the name gives. */
  readonly clash?: Issue;
  /** TrafficPolicies that select it, oldest first. */
  readonly policies: readonly ConfigObject<TrafficPolicyV1Spec>[];
}

const AT = ['spec', 'externalService'];

/** Everything that a Destination with an external service stands for (spec/gloo.md 1.2, 1.3). */
export function translationOf(object: ExternalDestination, around: AroundDestination): Translation {
  const { settings, virtualMeshes, clash } = around;
  const { hosts = [], ports = [] } = object.spec.externalService;
  const numbers = ports.map(({ number = 0 }) => number);
  const { policies, issues } = agreed(around.policies, object, numbers);
  const trafficPolicy = trafficPolicyOf(policies, keepaliveOf(virtualMeshes));
  const metadata = (host: string) => ({
    name: took<string>(object, [...AT, 'name'], nameFor(object, host)),
    namespace: settings.rootNamespace,
    labels: labelsOf(settings),
    annotations: parentsAnnotation([object]),
  });
  const objects = hosts.flatMap((host, i) => {
    const own = took(object, [...AT, 'hosts', i], host);
    const http = routesOf(object, host, policies, settings);
    return [
      ...(http.length === 0
        ? []
        : [madeFrom<VirtualServiceSpec>(object, { kind: 'VirtualService', ...metadata(host), spec: { hosts: [own], http } })]),
      ...(trafficPolicy === undefined
        ? []
        : [
            madeFrom<DestinationRuleSpec>(object, {
              kind: 'DestinationRule',
              ...metadata(host),
              spec: { host: own, trafficPolicy },
            }),
          ]),
    ];
  });
  return {
    objects: [serviceEntryOf(object, around), ...objects],
    issues: [
      ...(clash === undefined ? [] : [clash]),
      ...issues,
      ...unrouted(object, policies, settings),
      ...unheard(object, policies),
    ],
  };
}

/** One ServiceEntry in the namespace of Istio, named as the external service. */
function serviceEntryOf(object: ExternalDestination, { settings, virtualMeshes, vip }: AroundDestination): Translated {
  const service = object.spec.externalService;
  return madeFrom<ServiceEntrySpec>(object, {
    kind: 'ServiceEntry',
    name: took(object, [...AT, 'name'], service.name ?? ''),
    namespace: settings.rootNamespace,
    labels: labelsOf(settings),
    annotations: parentsAnnotation(virtualMeshes),
    spec: {
      hosts: hostsOf(object, settings),
      addresses: addressesOf(object, vip),
      ports: (service.ports ?? []).map(({ number = 0, name = '', protocol = '' }, i) => ({
        number: took(object, [...AT, 'ports', i, 'number'], number),
        name: took(object, [...AT, 'ports', i, 'name'], name),
        protocol: took(object, [...AT, 'ports', i, 'protocol'], protocol.toUpperCase()),
      })),
      endpoints: copied(object, [...AT, 'endpoints'], nonEmpty(service.endpoints)),
      resolution: took(object, [...AT, nonEmpty(service.endpoints) === undefined ? 'hosts' : 'endpoints'], resolutionOf(service)),
      exportTo: exportToOf(object, settings),
    },
  });
}

/** Names of what is made for one host: that of the service, or, where there are several, with the host in it. */
function nameFor({ spec: { externalService } }: ExternalDestination, host: string): string {
  const { name = '', hosts = [] } = externalService;
  return hosts.length === 1 ? name : `${name}-${host.replace(/[.*]/g, '-')}`;
}

/** Policies for requests, on a service that has no port on which requests can be told apart. */
function unheard(object: ExternalDestination, policies: readonly ConfigObject<TrafficPolicyV1Spec>[]): readonly Issue[] {
  const ports = httpPortsOf(object);
  const { namespace, name } = object.key;
  return policies
    .filter((policy) => setsRoutes(policy) && portsOf(policy, ports).length === 0)
    .map((policy) => ({
      code: 'INEFFECTIVE',
      severity: 'warning',
      object: policy.key,
      field: ['spec', 'policy'],
      message: `it has no effect on Destination ${namespace}/${name}: none of the ports that it is for has a protocol whose requests can be read`,
      hint: 'requests are routed on ports with protocol HTTP, HTTP2 or GRPC',
    }));
}

/** Labels that Gloo's agent writes on what it makes. */
function labelsOf({ cluster }: TranslateSettings): Readonly<Record<string, string>> {
  return {
    'cluster.multicluster.solo.io': '',
    'owner.networking.mesh.gloo.solo.io': 'gloo-mesh',
    'relay-agent': cluster,
  };
}

/** Istio wants a host; a service that is only addresses gets one that nobody will ask for. */
function hostsOf(object: ExternalDestination, { cluster }: TranslateSettings): Marked<readonly string[]> {
  const { hosts = [], addresses } = object.spec.externalService;
  if (hosts.length > 0) return copied(object, [...AT, 'hosts'], hosts);
  const { name, namespace } = object.key;
  return took(
    object,
    [...AT, 'addresses'],
    addresses === undefined ? [] : [`${name}.${namespace}.${cluster}.external.gloo.internal`],
  );
}

/** Where clients choose the address themselves, a virtual one would lead nowhere. */
function addressesOf(object: ExternalDestination, vip: string): Marked<readonly string[]> | undefined {
  const { externalService: service } = object.spec;
  const { addresses = [] } = service;
  if (addresses.length > 0) return copied(object, [...AT, 'addresses'], addresses);
  return resolutionOf(service) === 'NONE' ? undefined : took(object, [...AT, 'name'], [vip]);
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
