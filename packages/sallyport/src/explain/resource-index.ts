import type { Address } from '@sallyport/apis/core';
import type { Listener } from '@sallyport/apis/listener';
import { canonicalIp } from '../lib/ip.ts';
import type { Resources } from './resources.ts';

/** The resources of one proxy, ready to be asked for many calls. */
export interface ResourceIndex {
  readonly listeners: ReadonlyMap<string, Listener>;
  /** By {@link bindKey}; the first of several that bind to the same. */
  readonly binds: ReadonlyMap<string, Listener>;
  readonly clusters: ReadonlyMap<string, Resources['clusters'][number]>;
  readonly routes: ReadonlyMap<string, Resources['routes'][number]>;
  /** By the name under which EDS asks for them. */
  readonly endpoints: ReadonlyMap<string, Resources['endpoints'][number]>;
}

export function indexResources(resources: Resources): ResourceIndex {
  const binds = new Map<string, Listener>();
  for (const listener of resources.listeners) {
    for (const address of [listener.address, ...listener.additionalAddresses.map((a) => a.address)]) {
      const key = keyOf(address);
      if (key !== undefined && !binds.has(key)) binds.set(key, listener);
    }
  }
  return {
    binds,
    listeners: byName(resources.listeners, (r) => r.name),
    clusters: byName(resources.clusters, (r) => r.name),
    routes: byName(resources.routes, (r) => r.name),
    endpoints: byName(resources.endpoints, (r) => r.clusterName),
  };
}

/** An address and a port as text; IPv6 addresses are the same however they are spelled. */
export function bindKey(address: string, port: number): string {
  const ip = canonicalIp(address);
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function keyOf(address: Address | undefined): string | undefined {
  if (address?.address.case !== 'socketAddress') return undefined;
  const { address: ip, portSpecifier } = address.address.value;
  return portSpecifier.case === 'portValue' ? bindKey(ip, portSpecifier.value) : undefined;
}

function byName<T>(list: readonly T[], nameOf: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(list.map((item) => [nameOf(item), item]));
}
