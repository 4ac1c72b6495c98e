import { open, text } from './shape.ts';

/** discovery.mesh.gloo.solo.io/v1 Mesh: which cluster a mesh is in is all that is read of what Gloo discovered. */
export const discoveredMesh = open({ istio: open({ installation: open({ namespace: text, cluster: text }) }) });
