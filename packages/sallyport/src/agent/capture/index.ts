export { type ConfinedOptions, confined, type ExecOptions, execIn } from './exec.ts';
export {
  attachNamespace,
  type Entrance,
  LAB_ADDRESSES,
  type Namespace,
  type NamespaceOptions,
  openNamespace,
} from './namespace.ts';
export { proxyEnvironment } from './proxy-environment.ts';
export { type Missing, missingForCapture, type Reach, type Variant, variantFor } from './requirements.ts';
export { captureRemoval, captureRules, type Exclusion, type RuleOptions } from './rules.ts';
export { ENVOY_MARK, ENVOY_UID } from './users.ts';
