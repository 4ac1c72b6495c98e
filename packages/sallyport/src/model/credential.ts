import type { ObjectKey } from './object.ts';

/** A part of a credential, or why there is none. `why` completes "the Secret …" and says nothing of what is in it. */
export type CredentialPart<T> =
  | { readonly kind: 'given'; readonly value: T }
  /** Nothing of it is there. */
  | { readonly kind: 'absent'; readonly why: string }
  /** It is there and cannot be used. */
  | { readonly kind: 'bad'; readonly why: string };

/**
 * What a Secret, or a ConfigMap for roots, holds for TLS (`credentialName` of Gateways and DestinationRules). Texts are PEM, the OCSP
 * staple is base64. They are secret: they go to the proxies that are entitled to them and into no issue, log or print. Row key: the object's id.
 */
export interface Credential {
  readonly key: ObjectKey;
  readonly certificate: CredentialPart<{ readonly chain: string; readonly key: string; readonly staple?: string }>;
  readonly roots: CredentialPart<{ readonly certificates: string; readonly revocations: string }>;
}

/** What a `credentialName` asks for. */
export type CredentialName =
  /** A Secret; without a namespace: in that of the proxy. */
  | { readonly kind: 'secret'; readonly namespace?: string; readonly name: string }
  /** A ConfigMap with roots. */
  | { readonly kind: 'config-map'; readonly namespace: string; readonly name: string };

/** Istio's spellings: `name`, `kubernetes://name`, `kubernetes://namespace/name`, `configmap://namespace/name`; undefined for others. */
export function credentialNameOf(text: string): CredentialName | undefined {
  const [, scheme = 'kubernetes', rest = ''] = /^(?:([a-z-]+):\/\/)?(.*)$/.exec(text) ?? [];
  const [first = '', second, ...more] = rest.split('/');
  if (first === '' || second === '' || more.length > 0) return undefined;
  if (scheme === 'kubernetes')
    return second === undefined ? { kind: 'secret', name: first } : { kind: 'secret', namespace: first, name: second };
  return scheme === 'configmap' && second !== undefined ? { kind: 'config-map', namespace: first, name: second } : undefined;
}

/** Ends the names of secrets that hold roots only. */
export const ROOTS_SUFFIX = '-cacert';
