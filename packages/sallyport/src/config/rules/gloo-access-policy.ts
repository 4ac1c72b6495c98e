import { ipFamily, parseCidr } from '../../lib/ip.ts';
import type { AccessCase, GlooAccessPolicySpec } from '../../model/index.ts';
import { type Finding, invalid, missing, shown, warn } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkDestinationSelectors } from './gloo-selectors.ts';
import type { Rule } from './rule.ts';
import { METHODS } from './words.ts';

/** AccessPolicy of security.policy.gloo.solo.io (spec/gloo.md 2.9). */
export const glooAccessPolicyRule: Rule<GlooAccessPolicySpec> = function* (spec) {
  const { config } = spec;
  yield* checkDestinationSelectors(spec.applyToDestinations, ['spec', 'applyToDestinations']);
  if (config === undefined) {
    yield missing(['spec', 'config'], 'the policy says nothing', 'write `config.authzList`');
    return;
  }
  if ((config.authzList ?? []).length > 0 && config.authz !== undefined)
    yield warn('INEFFECTIVE', ['spec', 'config', 'authz'], '`authzList` takes the place of `authz`', 'keep `authzList`');
  if (config.authz !== undefined && config.authzList === undefined) yield* checkCase(config.authz, ['spec', 'config', 'authz']);
  for (const [i, one] of (config.authzList ?? []).entries()) yield* checkCase(one, ['spec', 'config', 'authzList', i]);
};

function* checkCase(one: AccessCase, field: Path): Iterable<Finding> {
  for (const [i, method] of (one.allowedMethods ?? []).entries())
    if (!METHODS.has(method))
      yield invalid([...field, 'allowedMethods', i], `${shown(method)} is no HTTP method`, 'for example GET');
  for (const [name, { values = [], notValues = [] }] of Object.entries(one.match?.request?.headers ?? {}))
    if (values.length + notValues.length === 0)
      yield missing([...field, 'match', 'request', 'headers', name], 'the header has no values', 'write `values` or `notValues`');
  for (const part of ['allowedIpBlocks', 'allowedRemoteIpBlocks'] as const)
    for (const [i, block] of (one[part] ?? []).entries())
      if (ipFamily(block) === 0 && parseCidr(block) === undefined)
        yield invalid([...field, part, i], `${shown(block)} is no IP address or block`, 'for example 192.0.2.0/24');
}
