import { selects } from '../lib/host.ts';
import { type Endpoint, type EndpointPool, objectId, type Service } from '../model/index.ts';

/** The endpoints of one pool that are at one address: what the proxy at this address may stand behind. */
export interface Placed {
  readonly address: string;
  readonly namespace: string;
  readonly host: string;
  readonly endpoints: readonly Endpoint[];
}

/** Splits a pool by address, so that the change of one endpoint concerns its own proxy only. Names and sockets are nobody's address. */
export function placedOf({ namespace, host, endpoints }: EndpointPool): ReadonlyMap<string, Placed> {
  const byAddress = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    if (endpoint.address.kind !== 'ip') continue;
    const present = byAddress.get(endpoint.address.value);
    if (present === undefined) byAddress.set(endpoint.address.value, [endpoint]);
    else present.push(endpoint);
  }
  const rows = [...byAddress].map(
    ([address, own]) => [`${address}\n${namespace}/${host}`, { address, namespace, host, endpoints: own }] as const,
  );
  return new Map(rows);
}

/** Whether an endpoint of a pool came from this ServiceEntry's service; entries of one host share the pool. */
export function isOwn(endpoint: Endpoint, service: Service): boolean {
  if (objectId(endpoint.from) === objectId(service.from)) return true;
  const selected = endpoint.origin === 'workload-entry' || endpoint.origin === 'pod';
  return selected && service.selector !== undefined && selects(service.selector, endpoint.labels);
}
