import type { DestinationSelectorV1 } from '../../model/index.ts';
import { type Finding, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';

/**
 * Policies of Gloo Mesh v1 are carried out for external services: what else a selector selects stays as it is, and is said.
 * ServiceDependencies take Kubernetes Services, too.
 */
export function* checkDestinationSelectors(
  selectors: readonly DestinationSelectorV1[] | undefined,
  field: Path,
  { kubernetes }: { readonly kubernetes: boolean },
): Iterable<Finding> {
  for (const [i, selector] of (selectors ?? []).entries()) {
    for (const part of ['virtualDestinationMatcher', 'virtualDestinationRefs'] as const)
      if (selector[part] !== undefined)
        yield unsupported(
          [...field, i, part],
          'VirtualDestinations of Gloo Mesh v1 are not translated',
          'select the external services behind it',
        );
    for (const part of ['kubeServiceMatcher', 'kubeServiceRefs'] as const)
      if (!kubernetes && selector[part] !== undefined)
        yield unsupported(
          [...field, i, part],
          'policies of Gloo Mesh v1 are carried out for external services, not for Kubernetes Services',
          'for Kubernetes Services write a VirtualService or DestinationRule; select external services with externalServiceRefs or externalServiceMatcher',
        );
    if (Object.keys(selector).length === 0)
      yield warn(
        'SELECTS_NOTHING',
        [...field, i],
        'an empty selector selects nothing',
        'leave the whole list out to select every Destination',
      );
  }
}

function unsupported(field: Path, message: string, hint: string): Finding {
  return warn('UNSUPPORTED', field, message, hint);
}
