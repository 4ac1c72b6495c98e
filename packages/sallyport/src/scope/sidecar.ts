import { selects } from '../lib/host.ts';
import {
  byAge,
  type ClassScope,
  type MeshConfig,
  type OutboundTrafficPolicy,
  objectId,
  type ProxyClass,
  type SidecarEgress,
  type SidecarObject,
} from '../model/index.ts';

const EVERYTHING: readonly SidecarEgress[] = [{ hosts: ['*/*'] }];

/**
 * The one Sidecar that applies to a class, if any (spec/istio.md 2.4). Takes the Sidecars of its namespace and of the root
 * namespace in any order. An empty selector is a selector and matches everything. Routers have none.
 */
export function chooseSidecar(
  proxy: Pick<ProxyClass, 'role' | 'namespace' | 'labels'>,
  own: readonly SidecarObject[],
  root: readonly SidecarObject[],
): SidecarObject | undefined {
  if (proxy.role === 'router') return undefined;
  const sorted = own.toSorted(byAge);
  const selected = sorted.find((s) => s.spec.workloadSelector && selects(s.spec.workloadSelector.labels ?? {}, proxy.labels));
  return selected ?? sorted.find(isGeneral) ?? root.toSorted(byAge).find(isGeneral);
}

/** Applies to the whole namespace, and from the root namespace to the mesh. */
export function isGeneral(sidecar: SidecarObject): boolean {
  return sidecar.spec.workloadSelector === undefined;
}

/** Whether some ingress listener is at the proxy's own address, or leads to it. */
export function ingressByAddress({ spec }: SidecarObject): boolean {
  const everywhere = /^(0\.0\.0\.0|\[::\]):/;
  return (spec.ingress ?? []).some(({ bind = '', defaultEndpoint = '' }) => bind === '' || everywhere.test(defaultEndpoint));
}

/** What a Sidecar, or its absence, means for a class as a whole. */
export function scopeOf(proxy: ProxyClass, sidecar: SidecarObject | undefined, mesh: MeshConfig): ClassScope {
  return {
    class: proxy.id,
    ...(sidecar !== undefined && { sidecar: sidecar.key }),
    outboundPolicy: outboundPolicy(sidecar?.spec.outboundTrafficPolicy, mesh),
    egress: egressOf(sidecar),
  };
}

/** The egress listeners in their order; a Sidecar without any imports everything, as the built-in default does. */
export function egressOf(sidecar: SidecarObject | undefined): readonly SidecarEgress[] {
  const egress = sidecar?.spec.egress ?? [];
  return egress.length === 0 ? EVERYTHING : egress;
}

/** A Sidecar's policy replaces the mesh's completely, so `{}` is REGISTRY_ONLY (spec/istio.md 2.4). The mode is always given. */
function outboundPolicy(own: OutboundTrafficPolicy | undefined, mesh: MeshConfig): OutboundTrafficPolicy {
  return own === undefined
    ? { mode: mesh.outboundTrafficPolicy.mode ?? 'REGISTRY_ONLY' }
    : { ...own, mode: own.mode ?? 'REGISTRY_ONLY' };
}

/** Row key of a Sidecar. */
export const sidecarId = (scope: ClassScope): string | undefined => scope.sidecar && objectId(scope.sidecar);
