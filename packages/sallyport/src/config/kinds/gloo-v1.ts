import { accessPolicyV1Rule } from '../rules/access-policy-v1.ts';
import { destinationRule } from '../rules/destination.ts';
import { serviceDependencyRule } from '../rules/service-dependency.ts';
import { trafficPolicyV1Rule } from '../rules/traffic-policy-v1.ts';
import { virtualMeshRule } from '../rules/virtual-mesh.ts';
import { accessPolicyV1 } from './access-policy-v1.ts';
import { destination } from './destination.ts';
import { discoveredMesh } from './discovered-mesh.ts';
import { glooKind } from './gloo-kind.ts';
import type { KindRow } from './row.ts';
import { serviceDependency } from './service-dependency.ts';
import { trafficPolicyV1 } from './traffic-policy-v1.ts';
import { virtualMesh } from './virtual-mesh.ts';

const DISCOVERY = 'discovery.mesh.gloo.solo.io';
const NETWORKING = 'networking.mesh.gloo.solo.io';
const ENTERPRISE = 'networking.enterprise.mesh.gloo.solo.io';
/** Gloo Mesh v2 has an AccessPolicy, too. */
const OLDER = { qualified: true } as const;

/** Kinds of Gloo Mesh v1 that are translated (spec/gloo.md 1). */
export const glooV1Kinds: readonly KindRow[] = [
  glooKind(DISCOVERY, 'v1', 'Destination', 'destinations', destination, destinationRule),
  glooKind(DISCOVERY, 'v1', 'Mesh', 'meshes', discoveredMesh),
  glooKind(NETWORKING, 'v1', 'VirtualMesh', 'virtualmeshes', virtualMesh, virtualMeshRule),
  glooKind(NETWORKING, 'v1', 'TrafficPolicy', 'trafficpolicies', trafficPolicyV1, trafficPolicyV1Rule),
  glooKind(NETWORKING, 'v1', 'AccessPolicy', 'accesspolicies', accessPolicyV1, accessPolicyV1Rule, OLDER),
  glooKind(ENTERPRISE, 'v1beta1', 'ServiceDependency', 'servicedependencies', serviceDependency, serviceDependencyRule),
];
