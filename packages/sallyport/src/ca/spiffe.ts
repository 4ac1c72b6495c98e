/** Whom a certificate names: a service account in a namespace of a trust domain. */
export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
const SEGMENT = /^[A-Za-z0-9._-]{1,253}$/;
const WORKLOAD = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/;

/** The SPIFFE ID of a trust domain, which stands in its root. */
export function trustDomainId(trustDomain: string): string {
  return `spiffe://${trustDomain}`;
}

/** The SPIFFE ID in Istio's form, `spiffe://TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT`. Ask {@link identityFault} first. */
export function spiffeId({ trustDomain, namespace, serviceAccount }: Identity): string {
  return `${trustDomainId(trustDomain)}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The identity that such an ID names; undefined when it has another form or a letter that SPIFFE forbids. */
export function parseSpiffeId(id: string): Identity | undefined {
  const [, trustDomain = '', namespace = '', serviceAccount = ''] = WORKLOAD.exec(id) ?? [];
  const identity = { trustDomain, namespace, serviceAccount };
  return identityFault(identity) === undefined ? identity : undefined;
}

/** Why no certificate can name this identity, as half a sentence; undefined when one can. Source: SPIFFE-ID sections 2.1 and 2.2. */
export function identityFault({ trustDomain, namespace, serviceAccount }: Identity): string | undefined {
  if (!isTrustDomain(trustDomain))
    return `${JSON.stringify(trustDomain)} is no trust domain: use a-z, 0-9, dot, dash and underscore`;
  if (!isSegment(namespace)) return `${JSON.stringify(namespace)} is no namespace: use letters, digits, dot, dash and underscore`;
  if (!isSegment(serviceAccount))
    return `${JSON.stringify(serviceAccount)} is no service account: use letters, digits, dot, dash and underscore`;
  return undefined;
}

export function isTrustDomain(text: string): boolean {
  return TRUST_DOMAIN.test(text);
}

/** `.` and `..` would be steps of a path, which SPIFFE forbids. */
function isSegment(text: string): boolean {
  return SEGMENT.test(text) && text !== '.' && text !== '..';
}
