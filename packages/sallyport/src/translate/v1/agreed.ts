import { structural } from '../../collection/index.ts';
import type { ConfigObject, Issue, PolicyV1, TrafficPolicyV1Spec } from '../../model/index.ts';

type Policy = ConfigObject<TrafficPolicyV1Spec>;

/** Fields that hold for all calls to a host; the others hold for the routes that the policy's conditions select. */
const FOR_ALL_CALLS: ReadonlySet<string> = new Set(['outlierDetection', 'mtls', 'connectionPoolSettings']);

/**
 * Of the policies on one destination, oldest first, those that can stand together: the first to set a field owns it, and a later one
 * that sets it differently is out as a whole (spec/gloo.md 1.7, step 4).
 */
export function agreed(
  policies: readonly Policy[],
  destination: ConfigObject,
  ports: readonly number[],
): { readonly policies: readonly Policy[]; readonly issues: readonly Issue[] } {
  const owners = new Map<string, Policy>();
  const issues: Issue[] = [];
  const standing = policies.filter((policy) => {
    const fields = Object.keys(policy.spec.policy ?? {}) as (keyof PolicyV1)[];
    const slots = fields.flatMap((field) => slotsOf(policy, field, ports).map((slot) => [field, slot] as const));
    const clash = slots.find(([field, slot]) => {
      const owner = owners.get(slot);
      return owner !== undefined && !structural(owner.spec.policy?.[field], policy.spec.policy?.[field]);
    });
    if (clash !== undefined) {
      issues.push(outdone(policy, owners.get(clash[1])!, clash[0], destination));
      return false;
    }
    for (const [, slot] of slots) if (!owners.has(slot)) owners.set(slot, policy);
    return true;
  });
  return { policies: standing, issues };
}

/** The ports of a destination that a policy is for. */
export function portsOf({ spec: { destinationPorts = [] } }: Policy, ports: readonly number[]): readonly number[] {
  return destinationPorts.length === 0 ? ports : ports.filter((port) => destinationPorts.includes(port));
}

/** Policies of one group have the same conditions and share their routes; clusters do not count, they are all this one. */
export function groupOf({ spec: { sourceSelector = [], httpRequestMatchers = [] } }: Policy): string {
  const sources = sourceSelector.map(({ kubeWorkloadMatcher: { labels = {}, namespaces = [] } = {} }) =>
    JSON.stringify([Object.entries(labels).sort(), [...namespaces].sort()]),
  );
  return JSON.stringify([sources.sort(), httpRequestMatchers]);
}

function slotsOf(policy: Policy, field: keyof PolicyV1, ports: readonly number[]): readonly string[] {
  const group = FOR_ALL_CALLS.has(field) ? '' : groupOf(policy);
  return portsOf(policy, ports).map((port) => `${port} ${field} ${group}`);
}

function outdone(policy: Policy, owner: Policy, field: keyof PolicyV1, { key }: ConfigObject): Issue {
  return {
    code: 'HOST_CONFLICT',
    severity: 'error',
    object: policy.key,
    field: ['spec', 'policy', field],
    message: `for Destination ${key.namespace}/${key.name}, \`${field}\` is already set otherwise by the older TrafficPolicy ${owner.key.namespace}/${owner.key.name}, so this policy does not apply to it`,
    hint: 'put everything that concerns the same requests into one TrafficPolicy, or select other Destinations',
  };
}
