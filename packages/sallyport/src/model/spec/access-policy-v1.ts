import type { DestinationSelectorV1, IdentitySelectorV1 } from './selectors-v1.ts';

/** networking.mesh.gloo.solo.io/v1 AccessPolicy (spec/gloo.md 1.9). */
export interface AccessPolicyV1Spec {
  readonly sourceSelector?: readonly IdentitySelectorV1[];
  readonly destinationSelector?: readonly DestinationSelectorV1[];
  readonly allowedPaths?: readonly string[];
  readonly allowedMethods?: readonly string[];
  readonly allowedPorts?: readonly number[];
}
