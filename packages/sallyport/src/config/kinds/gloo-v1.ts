import { destinationRule } from '../rules/destination.ts';
import { destination } from './destination.ts';
import { glooKind } from './gloo-kind.ts';
import type { KindRow } from './row.ts';
import { virtualMesh } from './virtual-mesh.ts';

const DISCOVERY = 'discovery.mesh.gloo.solo.io';
const NETWORKING = 'networking.mesh.gloo.solo.io';

/** Kinds of Gloo Mesh v1 that are translated (spec/gloo.md 1). */
export const glooV1Kinds: readonly KindRow[] = [
  glooKind(DISCOVERY, 'v1', 'Destination', 'destinations', destination, destinationRule),
  glooKind(NETWORKING, 'v1', 'VirtualMesh', 'virtualmeshes', virtualMesh),
];
