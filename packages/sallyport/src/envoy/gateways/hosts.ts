import { isSubsetOf } from '../../lib/host.ts';
import type { GatewayServer, Routing } from '../../model/index.ts';

/**
 * The hosts that a VirtualService has at a server: what both name, the narrower of two that overlap (spec/istio.md 4.12).
 * A server's `ns/host` is for VirtualServices of that namespace only.
 */
export function sharedHosts(
  { hosts }: Pick<GatewayServer, 'hosts'>,
  routing: Pick<Routing, 'hosts' | 'namespace'>,
): readonly string[] {
  const found = new Set<string>();
  for (const { host, namespace } of hosts) {
    if (namespace !== undefined && namespace !== routing.namespace) continue;
    for (const other of routing.hosts) {
      if (isSubsetOf(host, other)) found.add(host);
      else if (isSubsetOf(other, host)) found.add(other);
    }
  }
  return [...found];
}
