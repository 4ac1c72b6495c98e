import type { ConfigObject, LoadBalancer, LoadBalancerPolicySpec } from '../../model/index.ts';
import { copied, type Marked } from '../sourced.ts';

/** LoadBalancerPolicy: the fields that a DestinationRule has; the rule of the kind names the others (spec/gloo.md 2.9). */
export function balancerFields(policy: ConfigObject<LoadBalancerPolicySpec>): {
  readonly [K in keyof LoadBalancer]: Marked<LoadBalancer[K]>;
} {
  const { simple, consistentHash, warmupDurationSecs } = policy.spec.config ?? {};
  return {
    ...(simple !== undefined && { simple: copied(policy, ['spec', 'config', 'simple'], simple) }),
    ...(consistentHash !== undefined && { consistentHash: copied(policy, ['spec', 'config', 'consistentHash'], consistentHash) }),
    ...(warmupDurationSecs !== undefined && {
      warmupDurationSecs: copied(policy, ['spec', 'config', 'warmupDurationSecs'], warmupDurationSecs),
    }),
  };
}
