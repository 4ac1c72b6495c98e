import { isWildcard } from '../../lib/host.ts';
import type { Service } from '../../model/index.ts';

/** A wildcard whose members are looked up when called; a plain host with DYNAMIC_DNS has nothing to look up (spec/istio.md 1.5). */
export function isDynamic(service: Pick<Service, 'resolution' | 'host'>): boolean {
  return service.resolution === 'dynamic-dns' && isWildcard(service.host);
}
