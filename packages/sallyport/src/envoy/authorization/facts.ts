import type { Authorization, ClassAuthorization, MeshConfig } from '../../model/index.ts';

/** The policies that hold for a class, and what they are read against; plain values. */
export interface AuthorizationFacts {
  readonly policies: readonly Authorization[];
  /** The mesh's own first, then its aliases. */
  readonly trustDomains: readonly string[];
}

/** Nothing where no policy holds: then everybody may call. */
export function authorizationFacts(
  authorized: ClassAuthorization | undefined,
  { trustDomain, trustDomainAliases }: MeshConfig,
): { readonly authorization?: AuthorizationFacts } {
  if (authorized === undefined) return {};
  return { authorization: { policies: authorized.policies, trustDomains: [trustDomain, ...trustDomainAliases] } };
}
