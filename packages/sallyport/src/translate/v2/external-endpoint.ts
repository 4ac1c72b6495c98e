import { ipFamily } from '../../lib/ip.ts';
import type { ConfigObject, ExternalEndpointSpec, GlooLocality, GlooPort, WorkloadEntrySpec } from '../../model/index.ts';
import { copied, type Marked, took } from '../sourced.ts';

export type EndpointObject = ConfigObject<ExternalEndpointSpec>;

const UNIX = 'unix://';

export function addressKind({ spec: { address = '' } }: EndpointObject): 'ip' | 'name' | 'unix' {
  if (address.startsWith(UNIX)) return 'unix';
  return ipFamily(address) === 0 ? 'name' : 'ip';
}

/** A port of a service that looks for its counterpart on endpoints. */
export interface WantedPort {
  readonly name: string;
  readonly number: number;
  readonly targetPort?: GlooPort;
}

/** The port of the endpoint that a service's port leads to, with its index if the endpoint lists it (spec/gloo.md 2.4, 3). */
export function endpointPort(
  { spec: { ports = [] } }: EndpointObject,
  { number, targetPort }: WantedPort,
): { readonly number: number; readonly index?: number } | undefined {
  const wanted = targetPort?.name !== undefined ? undefined : (targetPort?.number ?? number);
  // An endpoint that lists no ports takes calls on every number.
  if (ports.length === 0) return wanted === undefined ? undefined : { number: wanted };
  const index = ports.findIndex((port) => (wanted === undefined ? port.name === targetPort?.name : port.number === wanted));
  const found = ports[index]?.number;
  return found === undefined ? undefined : { number: found, index };
}

/** `region/zone/subzone`, ending with the last part that is given. */
export function localityText({ region = '', zone = '', subZone = '' }: GlooLocality): string {
  return [region, zone, subZone].filter((part) => part !== '').join('/');
}

/** The endpoint of a ServiceEntry with these ports; `more`: labels beside its own. */
export function entryEndpoint(
  object: EndpointObject,
  ports: readonly WantedPort[],
  more: Readonly<Record<string, string>> = {},
): Marked<WorkloadEntrySpec> {
  const { address = '', locality } = object.spec;
  const place = localityText(locality ?? {});
  const unix = addressKind(object) === 'unix';
  const labels = { ...object.labels, ...more };
  return {
    address: took(object, ['spec', 'address'], address),
    ...(Object.keys(labels).length > 0 && { labels: copied(object, ['metadata', 'labels'], labels) }),
    ...(place !== '' && { locality: took(object, ['spec', 'locality'], place) }),
    // A unix socket has no ports; the one port of the service leads to it (spec/gloo.md 5, U18).
    ...(!unix && {
      ports: Object.fromEntries(
        ports.flatMap((port) => {
          const found = endpointPort(object, port);
          if (found === undefined) return [];
          const field = found.index === undefined ? ['spec', 'address'] : ['spec', 'ports', found.index, 'number'];
          return [[port.name, took(object, field, found.number)] as const];
        }),
      ),
    }),
  };
}
