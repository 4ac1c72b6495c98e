export { type ConfinedOptions, confined, type ExecOptions, execIn } from './exec.ts';
export { LAB_ADDRESSES, type Namespace, type NamespaceOptions, openNamespace } from './namespace.ts';
export { type Missing, missingForCapture, type Reach, type Variant, variantFor } from './requirements.ts';
export { captureRemoval, captureRules, type Exclusion, type RuleOptions } from './rules.ts';
export { ENVOY_MARK, ENVOY_UID } from './users.ts';
