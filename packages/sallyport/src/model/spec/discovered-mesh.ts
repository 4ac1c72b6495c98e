/** discovery.mesh.gloo.solo.io/v1 Mesh, as far as it tells which cluster a mesh is in. */
export interface DiscoveredMeshSpec {
  readonly istio?: { readonly installation?: { readonly namespace?: string; readonly cluster?: string } };
}
