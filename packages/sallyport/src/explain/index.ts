export { type Call, callOf } from './call.ts';
export {
  type Agreement,
  agrees,
  type CompareOptions,
  compareOutcome,
  type Expectation,
  type Gate,
  unknownFields,
} from './compare.ts';
export type { CallError, CallOutcome, Detail, EndpointGroup, Upstream, UpstreamTls, WeightedDestination } from './outcome.ts';
export { indexResources, type ResourceIndex } from './resource-index.ts';
export { type Resources, resourcesFromBytes, resourcesFromJson } from './resources.ts';
export { sentenceOf } from './sentence.ts';
export type * from './step.ts';
export { stepText } from './step-text.ts';
export { VERDICTS, type Verdict, verdictOf } from './verdict.ts';
export { virtualHostsOf } from './virtual-hosts.ts';
export { walk } from './walk.ts';
