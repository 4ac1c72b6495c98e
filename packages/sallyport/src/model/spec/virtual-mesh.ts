import type { ObjectRefV1 } from './destination.ts';
import type { TcpKeepalive } from './destination-rule.ts';

/** networking.mesh.gloo.solo.io/v1 VirtualMesh, what matters to external services (spec/gloo.md 1.9). */
export interface VirtualMeshSpec {
  readonly meshes?: readonly ObjectRefV1[];
  readonly federation?: { readonly hostnameSuffix?: string; readonly tcpKeepalive?: TcpKeepalive };
  readonly globalAccessPolicy?: 'MESH_DEFAULT' | 'ENABLED' | 'DISABLED';
}
