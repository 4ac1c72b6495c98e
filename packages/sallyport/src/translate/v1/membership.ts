import type { ConfigObject, DiscoveredMeshSpec, Issue, ObjectRefV1, VirtualMeshSpec } from '../../model/index.ts';

/**
 * Whether the mesh of this cluster is part of a VirtualMesh. Meshes that nobody describes are taken for ours, for there is one
 * mesh in standalone mode (spec/gloo.md 2.10); of described ones the cluster must be ours.
 */
export function isMember(
  { spec: { meshes = [] } }: ConfigObject<VirtualMeshSpec>,
  cluster: string,
  described: (ref: ObjectRefV1) => ConfigObject<DiscoveredMeshSpec> | undefined,
): boolean {
  return meshes.some((ref) => {
    const mesh = described(ref);
    return mesh === undefined || (mesh.spec.istio?.installation?.cluster ?? cluster) === cluster;
  });
}

export function notMember({ key }: ConfigObject<VirtualMeshSpec>, cluster: string): Issue {
  return {
    code: 'INEFFECTIVE',
    severity: 'info',
    object: key,
    field: ['spec', 'meshes'],
    message: `none of its meshes is in the cluster ${cluster}, so it is not for here`,
    hint: 'if this cluster has another name, give it with --cluster',
  };
}
