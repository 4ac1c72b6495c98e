import { quoted, regex, type TextMatcher, textMatcher, wildcards } from './text.ts';

/** Stands for the mesh's own trust domain, whatever it is called (Istio's `constants.DefaultClusterLocalDomain`). */
const OWN = 'cluster.local';

/**
 * The SPIFFE ids that a principal of a policy means. One of the mesh's trust domain means those of its aliases too (Istio's
 * reference, "Trust Domain Migration"); one that begins with a wildcard names no trust domain.
 */
export function principalMatchers(principal: string, trustDomains: readonly string[]): readonly TextMatcher[] {
  const slash = principal.indexOf('/');
  const domain = principal.slice(0, slash);
  const ours = slash > 0 && (domain === OWN || trustDomains.includes(domain));
  const all = ours ? trustDomains.map((own) => own + principal.slice(slash)) : [principal];
  return [...new Set(all)].map((one) => textMatcher(one, 'spiffe://'));
}

export function namespaceMatcher(namespace: string): TextMatcher {
  return regex(`.*/ns/${wildcards(namespace, '.*')}/.*`);
}

/** `account` of the policy's namespace, or `namespace/account`. */
export function accountMatcher(account: string, ownNamespace: string): TextMatcher {
  const [first = '', second] = account.split('/');
  const [namespace, name] = second === undefined ? [ownNamespace, first] : [first, second];
  return regex(`spiffe://[^/]+/ns/${quoted(namespace)}/sa/${quoted(name)}`);
}

export function trustDomainMatcher(domain: string): TextMatcher {
  return regex(`spiffe://${wildcards(domain, '[^/]*')}/.*`);
}
