import type { Authorization, AuthorizationPolicySpec, ConfigObject } from '../model/index.ts';

export type AuthorizationObject = ConfigObject<AuthorizationPolicySpec>;

/**
 * A policy in force; none for one that is about targets (waypoints, Gateway API), which are not here. CUSTOM asks a server that
 * is not there either, and denies what it is about, as istiod does for a provider it does not know.
 */
export function authorizationOf(
  { key, spec, annotations }: AuthorizationObject,
  rootNamespace: string,
): Authorization | undefined {
  if (hasTargets(spec)) return undefined;
  const { action = 'ALLOW', rules = [] } = spec;
  return {
    key,
    effect: action === 'CUSTOM' ? 'DENY' : action,
    everywhere: key.namespace === rootNamespace,
    selector: spec.selector?.matchLabels ?? {},
    dryRun: /^(1|t|true)$/i.test(annotations['istio.io/dry-run'] ?? ''),
    rules,
  };
}

export function hasTargets({ targetRef, targetRefs = [] }: AuthorizationPolicySpec): boolean {
  return targetRef !== undefined || targetRefs.length > 0;
}
