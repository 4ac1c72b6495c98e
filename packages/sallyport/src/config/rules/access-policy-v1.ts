import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { AccessPolicyV1Spec } from '../../model/index.ts';
import { invalid, shown } from '../finding.ts';
import type { Rule } from './rule.ts';
import { checkDestinationSelectors } from './selectors-v1.ts';

/** AccessPolicy of Gloo Mesh v1 (spec/gloo.md 1.9). */
export const accessPolicyV1Rule: Rule<AccessPolicyV1Spec> = function* (spec) {
  yield* checkDestinationSelectors(spec.destinationSelector, ['spec', 'destinationSelector'], { kubernetes: false });
  if ((spec.allowedPorts ?? []).length > 0)
    yield {
      code: 'UNSUPPORTED',
      severity: 'error',
      field: ['spec', 'allowedPorts'],
      message: 'an egress gateway listens on ports of its own, so the ports of a Destination cannot be told apart there',
      hint: 'declare only the ports that may be called in the Destination',
      side: 'key',
    };
  for (const [i, { requestIdentityMatcher, requestIpMatcher }] of (spec.sourceSelector ?? []).entries()) {
    const at = ['spec', 'sourceSelector', i];
    if (requestIdentityMatcher !== undefined)
      yield {
        code: 'UNSUPPORTED',
        severity: 'error',
        field: [...at, 'requestIdentityMatcher'],
        message: 'tokens are not checked, so nobody is known by one',
        hint: 'select service accounts with kubeServiceAccountRefs',
        side: 'key',
      };
    for (const part of ['forwardedIPs', 'notForwardedIPs'] as const)
      for (const [j, address] of (requestIpMatcher?.[part] ?? []).entries())
        if (ipFamily(address) === 0 && parseCidr(address) === undefined)
          yield invalid(
            [...at, 'requestIpMatcher', part, j],
            `${shown(address)} is neither an IP address nor a CIDR`,
            'for example 10.1.2.3 or 10.1.0.0/16',
          );
  }
};
