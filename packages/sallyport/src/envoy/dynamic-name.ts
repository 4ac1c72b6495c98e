import { isWildcard } from '../lib/host.ts';
import type { Service } from '../model/index.ts';

/** A wildcard whose members are looked up when called, with the ranges that its guard allows, as one text: the host, a space, the ranges. */
export type DynamicName = string;

/** Undefined for services that are found otherwise; a plain host with DYNAMIC_DNS has nothing to look up (spec/istio.md 1.5). */
export function dynamicName({
  resolution,
  host,
  guard,
}: Pick<Service, 'resolution' | 'host' | 'guard'>): DynamicName | undefined {
  if (resolution !== 'dynamic-dns' || !isWildcard(host)) return undefined;
  return guard === undefined ? host : `${host} ${guard.allowed.join(',')}`;
}

export function readDynamicName(name: DynamicName): Pick<Service, 'host' | 'guard'> {
  const [host = '', allowed] = name.split(' ');
  return allowed === undefined ? { host } : { host, guard: { allowed: allowed.split(',').filter((range) => range !== '') } };
}
