import { certificatesIn, chainAndKey, revocationsIn } from '../lib/pem.ts';
import type { ConfigMapSpec, ConfigObject, Credential, CredentialPart, SecretSpec } from '../model/index.ts';

/** Keys of a certificate in a Secret, the first pair that has values counts; with those of the roots beside it. */
const PAIRS = [
  { certificate: 'cert', key: 'key' },
  { certificate: 'tls.crt', key: 'tls.key' },
] as const;
const STAPLE = 'tls.ocsp-staple';
const ROOTS = [
  { roots: 'cacert', revocations: 'crl' },
  { roots: 'ca.crt', revocations: 'ca.crl' },
] as const;

type Content = (key: string) => Buffer | undefined;

/**
 * What a Secret holds for TLS: the types tls (`tls.crt`, `tls.key`, `ca.crt`) and generic (`cert`, `key`, `cacert`) as istiod reads
 * them. Errors name keys, never what stands at them.
 */
export function credentialOfSecret({ key, spec }: ConfigObject<SecretSpec>): Credential {
  const { data = {}, stringData = {} } = spec;
  const content: Content = (name) => {
    const plain = Object.hasOwn(stringData, name) ? stringData[name] : undefined;
    if (typeof plain === 'string') return Buffer.from(plain);
    const encoded = Object.hasOwn(data, name) ? data[name] : undefined;
    return typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : undefined;
  };
  return { key, certificate: certificateOf(content), roots: rootsOf(content) };
}

/** A ConfigMap holds roots and no key. */
export function credentialOfConfigMap({ key, spec }: ConfigObject<ConfigMapSpec>): Credential {
  const data = spec.data ?? {};
  const content: Content = (name) => (Object.hasOwn(data, name) ? Buffer.from(data[name]!) : undefined);
  return { key, certificate: { kind: 'absent', why: 'is a ConfigMap, and keys belong into a Secret' }, roots: rootsOf(content) };
}

const filled = (content: Content, name: string): boolean => (content(name)?.length ?? 0) > 0;

function certificateOf(content: Content): Credential['certificate'] {
  const pair = PAIRS.find(({ certificate, key }) => filled(content, certificate) && filled(content, key));
  if (pair === undefined) return { kind: 'absent', why: 'has neither tls.crt and tls.key nor cert and key' };
  const staple = content(STAPLE);
  return read(() => ({
    ...chainAndKey(text(content, pair.certificate), text(content, pair.key)),
    ...(staple !== undefined && staple.length > 0 && { staple: staple.toString('base64') }),
  }));
}

function rootsOf(content: Content): Credential['roots'] {
  const found = ROOTS.find(({ roots }) => filled(content, roots));
  if (found === undefined) return { kind: 'absent', why: 'has neither ca.crt nor cacert' };
  return read(() => ({
    certificates: `${certificatesIn(text(content, found.roots)).join('\n')}\n`,
    revocations: revocationsIn(text(content, found.revocations)),
  }));
}

const text = (content: Content, name: string): string => content(name)?.toString() ?? '';

function read<T>(make: () => T): CredentialPart<T> {
  try {
    return { kind: 'given', value: make() };
  } catch (error) {
    return { kind: 'bad', why: `cannot be used: ${error instanceof Error ? error.message : 'it cannot be read'}` };
  }
}
