import { tcpKeepalive } from './parts.ts';
import { objectRef } from './selectors-v1.ts';
import { choice, list, message, open, text } from './shape.ts';

/** networking.mesh.gloo.solo.io/v1 VirtualMesh; certificates and federation of Kubernetes Services are not for here (spec/gloo.md 1.9). */
export const virtualMesh = message({
  meshes: list(objectRef),
  mtlsConfig: open({}),
  federation: open({ hostnameSuffix: text, tcpKeepalive }),
  globalAccessPolicy: choice('MESH_DEFAULT', 'ENABLED', 'DISABLED'),
});
