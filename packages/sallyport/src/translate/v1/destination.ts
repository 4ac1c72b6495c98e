import type {
  ConfigObject,
  DestinationSpec,
  ExternalServiceV1,
  ServiceEntrySpec,
  Translated,
  VirtualMeshSpec,
} from '../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../sourced.ts';
import type { TranslateSettings } from '../types.ts';
import { parentsAnnotation } from './parents.ts';
import { resolutionOf } from './resolution.ts';

/** A Destination that declares an external service. */
export type ExternalDestination = ConfigObject<DestinationSpec & { readonly externalService: ExternalServiceV1 }>;

export interface AroundDestination {
  readonly settings: TranslateSettings;
  /** The VirtualMeshes that the mesh is part of. */
  readonly virtualMeshes: readonly ConfigObject<VirtualMeshSpec>[];
  /** The virtual address, if the service brings none. */
  readonly vip: string;
}

const AT = ['spec', 'externalService'];

/** Gloo Mesh v1 (spec/gloo.md 1.2): one ServiceEntry in the namespace of Istio, named as the external service. */
export function serviceEntryOf(object: ExternalDestination, { settings, virtualMeshes, vip }: AroundDestination): Translated {
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
    },
  });
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

function addressesOf(object: ExternalDestination, vip: string): Marked<readonly string[]> {
  const { addresses = [] } = object.spec.externalService;
  return addresses.length > 0 ? copied(object, [...AT, 'addresses'], addresses) : took(object, [...AT, 'name'], [vip]);
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}
