import { destinationSelectors, workloadSelectors } from './selectors-v1.ts';
import { message } from './shape.ts';

/** networking.enterprise.mesh.gloo.solo.io/v1beta1 ServiceDependency (spec/gloo.md 1.3). */
export const serviceDependency = message({ sourceSelectors: workloadSelectors, destinationSelectors });
