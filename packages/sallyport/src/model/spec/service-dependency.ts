import type { DestinationSelectorV1, WorkloadSelectorV1 } from './selectors-v1.ts';

/** networking.enterprise.mesh.gloo.solo.io/v1beta1 ServiceDependency (spec/gloo.md 1.3). */
export interface ServiceDependencySpec {
  readonly sourceSelectors?: readonly WorkloadSelectorV1[];
  readonly destinationSelectors?: readonly DestinationSelectorV1[];
}
