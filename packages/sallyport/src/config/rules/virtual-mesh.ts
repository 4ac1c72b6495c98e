import type { VirtualMeshSpec } from '../../model/index.ts';
import { warn } from '../finding.ts';
import type { Rule } from './rule.ts';

/** VirtualMesh (spec/gloo.md 1.9). */
export const virtualMeshRule: Rule<VirtualMeshSpec> = function* ({ meshes = [], globalAccessPolicy }) {
  if (meshes.length === 0)
    yield warn('INEFFECTIVE', ['spec', 'meshes'], 'the VirtualMesh has no meshes, so nothing is part of it', 'name the meshes');
  if (globalAccessPolicy === 'ENABLED')
    yield warn(
      'UNSUPPORTED',
      ['spec', 'globalAccessPolicy'],
      'calls to Kubernetes Services are not closed by it: only what leaves through an egress gateway is, by AccessPolicies',
      'write an AuthorizationPolicy for Kubernetes Services; for external services set outboundTrafficPolicy REGISTRY_ONLY',
    );
};
