import type { ServiceDependencySpec } from '../../model/index.ts';
import type { Rule } from './rule.ts';
import { checkDestinationSelectors } from './selectors-v1.ts';

/** ServiceDependency (spec/gloo.md 1.3). */
export const serviceDependencyRule: Rule<ServiceDependencySpec> = function* (spec) {
  yield* checkDestinationSelectors(spec.destinationSelectors, ['spec', 'destinationSelectors'], { kubernetes: true });
};
