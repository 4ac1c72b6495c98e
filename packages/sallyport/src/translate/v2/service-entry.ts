import { isWildcard } from '../../lib/host.ts';
import type { ServiceEntrySpec, ServicePortSpec, Translated, WorkloadEntrySpec } from '../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../sourced.ts';
import { entryEndpoint } from './external-endpoint.ts';
import { type ExternalDestination, type ExternalPort, WILDCARD_TARGET } from './external-service.ts';
import { type Place, publishedLabels, sanitizedName } from './names.ts';

/** Where a copy of a destination is for. Without `copies` there is one object, seen by all, named as the Gloo object. */
export interface Copy extends Place {
  readonly copies: boolean;
}

/** Annotations that are for Sallyport itself go with the object (docs/resolution.md). */
function ownAnnotations(object: ExternalDestination['object']): Marked<Readonly<Record<string, string>>> {
  const own = Object.entries(object.annotations).filter(([name]) => name.startsWith('sallyport.io/'));
  return Object.fromEntries(own.map(([name, value]) => [name, copied(object, ['metadata', 'annotations', name], value)]));
}

/** The ServiceEntry of an ExternalService in one namespace (spec/gloo.md 2.4). `more`: ports that the way through a gateway adds. */
export function externalEntry(
  destination: ExternalDestination,
  copy: Copy,
  more: readonly Marked<ServicePortSpec>[] = [],
): Translated {
  const { object, ports, resolution, endpoints } = destination;
  const { addresses = [] } = object.spec;
  const { name, namespace } = object.key;
  return madeFrom<ServiceEntrySpec>(object, {
    kind: 'ServiceEntry',
    name: took(
      object,
      ['metadata', 'name'],
      copy.copies ? sanitizedName('externalservice', name, namespace, copy.cluster, copy.workspace) : name,
    ),
    namespace: took(object, ['metadata', 'namespace'], copy.namespace),
    labels: publishedLabels(object, copy),
    annotations: ownAnnotations(object),
    spec: {
      hosts:
        addresses.length > 0
          ? took(object, ['spec', 'addresses'], destination.hosts)
          : copied(object, ['spec', 'hosts'], destination.hosts),
      ...(addresses.length > 0 && { addresses: copied(object, ['spec', 'addresses'], addresses) }),
      ports: [...ports.map((port) => entryPort(destination, port)), ...more],
      ...(endpoints.length > 0 && {
        endpoints: took<readonly WorkloadEntrySpec[]>(
          object,
          ['spec', 'selector'],
          endpoints.map((one) => entryEndpoint(one, ports)),
        ),
      }),
      resolution: took(object, resolutionField(destination), resolution),
      ...(copy.copies && { exportTo: ['.'] }),
    },
  });
}

function entryPort(destination: ExternalDestination, port: ExternalPort): Marked<ServicePortSpec> {
  const { object } = destination;
  const field = ['spec', 'ports', port.index];
  const target = targetPort(destination, port);
  const from = port.targetPort === undefined ? [...field, 'number'] : [...field, 'targetPort'];
  return took<ServicePortSpec>(object, field, {
    name: took(object, [...field, 'name'], port.name),
    number: took(object, [...field, 'number'], port.number),
    protocol: took(object, [...field, 'protocol'], port.protocol),
    ...(target !== undefined && { targetPort: took(object, from, target) }),
  });
}

/**
 * Calls to hosts that are resolved go to the target port, which is written even where it is the port itself, as published. Endpoints have ports of their own.
 * Where clients choose the address, a port that nobody asked to change stays as they chose it.
 */
function targetPort(
  { endpoints, resolution, hosts }: ExternalDestination,
  { number, targetPort: wanted }: ExternalPort,
): number | undefined {
  if (endpoints.length > 0) return undefined;
  if (resolution !== 'NONE') return wanted?.number ?? number;
  return hosts.some(isWildcard) && wanted?.number !== WILDCARD_TARGET ? undefined : wanted?.number;
}

function resolutionField({ object: { spec }, endpoints }: ExternalDestination): readonly string[] {
  if (endpoints.length > 0) return ['spec', 'selector'];
  return ['spec', (spec.addresses ?? []).length > 0 ? 'addresses' : 'hosts'];
}
