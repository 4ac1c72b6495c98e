import { destinationSelectors, identitySelectors } from './selectors-v1.ts';
import { list, message, texts, uint32 } from './shape.ts';

/** networking.mesh.gloo.solo.io/v1 AccessPolicy (spec/gloo.md 1.9). */
export const accessPolicyV1 = message({
  sourceSelector: identitySelectors,
  destinationSelector: destinationSelectors,
  allowedPaths: texts,
  allowedMethods: texts,
  allowedPorts: list(uint32),
});
