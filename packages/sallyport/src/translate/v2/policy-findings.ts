import type { ConfigObject, Issue } from '../../model/index.ts';
import type { Attachment, DestinationPolicy } from './attachment.ts';
import type { Destination } from './destination.ts';

/** What a policy comes to at one destination, as far as it is told of. */
export interface AttachmentNote {
  readonly policy: string;
  /** `namespace/name` of the destination. */
  readonly destination: string;
  readonly held: number;
  readonly lost: Attachment['lost'];
  /** Failover that can tell no endpoints apart. */
  readonly placeless: boolean;
}

export function noteOf(
  id: string,
  { object: { key }, external }: Destination,
  { policy, ports, lost }: Attachment,
): AttachmentNote {
  const endpoints = external?.endpoints ?? [];
  const placed = endpoints.some(({ spec }) => (spec.locality?.region ?? '') !== '');
  const mapped = (policy.spec as { readonly config?: { readonly localityMappings?: readonly unknown[] } }).config
    ?.localityMappings;
  const placeless = policy.key.kind === 'FailoverPolicy' && (mapped ?? []).length > 0 && external !== undefined && !placed;
  return { policy: id, destination: `${key.namespace}/${key.name}`, held: ports.length, lost, placeless };
}

/** What is said of a policy: that it is for nothing, that an older one of its kind holds, that it can do nothing (spec/gloo.md 2.9, U24). */
export function* policyFindings(policy: DestinationPolicy, notes: readonly AttachmentNote[], cluster: string): Iterable<Issue> {
  if (notes.length === 0) {
    yield selectsNothing(policy, cluster);
    return;
  }
  const losing = notes.filter(({ lost }) => lost.length > 0);
  const [first] = losing;
  if (first !== undefined) {
    const held = notes.some((note) => note.held > 0);
    const { port, to } = first.lost[0]!;
    const more = losing.length > 1 ? `, and so it is at ${losing.length - 1} more` : '';
    yield {
      code: 'SHADOWED',
      severity: held ? 'warning' : 'error',
      object: policy.key,
      field: ['spec', 'applyToDestinations'],
      message: `at ${first.destination}, port ${port}, ${nameOf(to)} holds, which is older${more}; one ${policy.key.kind} counts for each port`,
      hint: 'select other destinations or ports, or write both into one policy',
    };
  }
  const placeless = notes.filter((note) => note.placeless);
  if (placeless.length > 0)
    yield {
      code: 'INEFFECTIVE',
      severity: 'warning',
      object: policy.key,
      field: ['spec', 'config', 'localityMappings'],
      message: `no endpoint of ${placeless[0]!.destination} says where it is, so that the policy has no effect`,
      hint: 'give its ExternalEndpoints a `locality`',
    };
}

function selectsNothing(policy: DestinationPolicy, cluster: string): Issue {
  const selectors = policy.spec.applyToDestinations ?? [];
  const elsewhere = selectors.find(({ selector }) => (selector?.cluster ?? '') !== '' && selector?.cluster !== cluster);
  const unkind = selectors.find(({ kind }) => kind === undefined);
  return {
    code: 'SELECTS_NOTHING',
    severity: 'warning',
    object: policy.key,
    field: ['spec', 'applyToDestinations'],
    message: 'the policy is for no destination of its workspace',
    hint:
      elsewhere !== undefined
        ? `it names cluster ${elsewhere.selector?.cluster}, and this one is called ${cluster} (--cluster)`
        : unkind !== undefined
          ? 'without `kind` only Kubernetes Services are meant; write kind: EXTERNAL_SERVICE for external services'
          : 'mend the selector, or the port',
  };
}

function nameOf({ key }: ConfigObject): string {
  return `${key.kind} ${key.namespace}/${key.name}`;
}
