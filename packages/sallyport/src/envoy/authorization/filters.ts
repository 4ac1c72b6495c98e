import type { MessageInitShape } from '@bufbuild/protobuf';
import { type HttpFilterSchema, HttpRBACSchema } from '@sallyport/apis/http';
import type { FilterSchema } from '@sallyport/apis/listener';
import { NetworkRBACSchema } from '@sallyport/apis/network';
import { RBAC_Action, type RBACSchema } from '@sallyport/apis/rbac';
import { type Authorization, type AuthorizationEffect, compareText } from '../../model/index.ts';
import { anyOf } from '../encode.ts';
import type { AuthorizationFacts } from './facts.ts';
import { type Carries, ruleOf } from './rule.ts';

/** What Envoy does, in the order in which Istio asks: marks first, then refusals, then leave. */
const EFFECTS: Readonly<Record<AuthorizationEffect, RBAC_Action>> = {
  AUDIT: RBAC_Action.LOG,
  DENY: RBAC_Action.DENY,
  ALLOW: RBAC_Action.ALLOW,
};

interface Filter {
  readonly rules?: MessageInitShape<typeof RBACSchema>;
  readonly shadowRules?: MessageInitShape<typeof RBACSchema>;
  readonly shadowRulesStatPrefix?: string;
}

/**
 * A filter for each effect of which there are policies (Envoy's RBAC filter; Istio's reference, "Authorization Policy"): a call that a policy denies is turned
 * away, and where any policy allows, so is a call that none of them allows. A dry run only counts.
 */
function filtersOf({ policies, trustDomains }: AuthorizationFacts, carries: Carries): Filter[] {
  return (Object.keys(EFFECTS) as AuthorizationEffect[]).flatMap((effect) => {
    const of = policies.filter((policy) => policy.effect === effect);
    if (of.length === 0) return [];
    const [enforced, tried] = [of.filter(({ dryRun }) => !dryRun), of.filter(({ dryRun }) => dryRun)];
    const rbac = (some: readonly Authorization[]) => ({
      action: EFFECTS[effect],
      policies: rulesOf(some, carries, trustDomains),
    });
    return [
      {
        ...(enforced.length > 0 && { rules: rbac(enforced) }),
        ...(tried.length > 0 && {
          shadowRules: rbac(tried),
          shadowRulesStatPrefix: `istio_dry_run_${effect.toLowerCase()}_`,
        }),
      },
    ];
  });
}

/** By the names that Istio gives them, which access logs show: `ns[shop]-policy[pay]-rule[0]`. */
function rulesOf(policies: readonly Authorization[], carries: Carries, trustDomains: readonly string[]) {
  const named = policies.flatMap(({ key: { namespace, name }, effect, rules }) =>
    rules.flatMap((rule, i) => {
      const made = ruleOf(rule, effect, carries, { namespace, trustDomains });
      return made === undefined ? [] : [[`ns[${namespace}]-policy[${name}]-rule[${i}]`, made] as const];
    }),
  );
  return Object.fromEntries(named.sort(([a], [b]) => compareText(a, b)));
}

export function httpAuthorization(facts: AuthorizationFacts | undefined): MessageInitShape<typeof HttpFilterSchema>[] {
  if (facts === undefined) return [];
  return filtersOf(facts, 'http').map((filter) => ({
    name: 'envoy.filters.http.rbac',
    configType: { case: 'typedConfig', value: anyOf(HttpRBACSchema, filter) },
  }));
}

export function tcpAuthorization(facts: AuthorizationFacts | undefined): MessageInitShape<typeof FilterSchema>[] {
  if (facts === undefined) return [];
  return filtersOf(facts, 'tcp').map((filter) => ({
    name: 'envoy.filters.network.rbac',
    configType: { case: 'typedConfig', value: anyOf(NetworkRBACSchema, { statPrefix: 'tcp.', ...filter }) },
  }));
}
