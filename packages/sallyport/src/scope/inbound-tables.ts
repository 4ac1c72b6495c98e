import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type ClassInbound, type ClassScope, MESH, type ProxyClass, peerRulings } from '../model/index.ts';
import { inboundOf } from './inbound.ts';
import { sidecarId } from './sidecar.ts';
import type { ScopeInputs } from './types.ts';

/** What proxies take in: classes → the ports they serve, each with the PeerAuthentication that holds there. */
export function buildInbound(
  graph: Graph,
  { mesh, services, sidecars, peers }: ScopeInputs,
  classes: Collection<ProxyClass>,
  scopes: Collection<ClassScope>,
): Collection<ClassInbound> {
  return graph.derive(
    'scope.inbound',
    classes,
    (proxy, id, read) => {
      const scope = read.get(scopes, id);
      const settings = read.get(mesh, MESH);
      if (proxy.role !== 'sidecar' || scope === undefined || settings === undefined) return [];
      const sidecar = sidecarId(scope);
      const own = read.get(peers, proxy.namespace);
      const facts = {
        sidecar: sidecar === undefined ? undefined : read.get(sidecars, sidecar),
        rulings: peerRulings(read.get(peers, settings.rootNamespace), own, proxy.labels),
        service: (key: string) => read.get(services, key),
      };
      return [[id, inboundOf(proxy, facts)]];
    },
    structural,
  );
}
