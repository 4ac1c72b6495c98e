import { ipFamily } from '../../lib/ip.ts';
import type { ExternalServiceV1, ResolutionName } from '../../model/index.ts';

/**
 * How the addresses behind a v1 external service are found (spec/gloo.md 1.6): by its endpoints if it has any; otherwise by its
 * hosts, as far as these can be looked up.
 */
export function resolutionOf({ hosts = [], endpoints = [] }: ExternalServiceV1): ResolutionName {
  if (endpoints.length > 0) return endpoints.some(({ address = '' }) => ipFamily(address) === 0) ? 'DNS' : 'STATIC';
  return hosts.length > 0 && hosts.every((host) => !host.startsWith('*')) ? 'DNS' : 'NONE';
}
