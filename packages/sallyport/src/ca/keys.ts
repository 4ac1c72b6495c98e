import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto';

/** What Sallyport's own keys are: small, fast, and understood by every TLS library. */
const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

const CURVES = ['prime256v1', 'secp384r1'];

export interface KeyPair {
  readonly keys: webcrypto.CryptoKeyPair;
  /** PKCS #8. */
  readonly keyPem: string;
}

export async function newKeyPair(): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { keys, keyPem: pem('PRIVATE KEY', Buffer.from(der)) };
}

/** A key to sign with, which cannot be taken out again. */
export function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', key.export({ format: 'der', type: 'pkcs8' }), P256, false, ['sign']);
}

/** A public key that a certificate may be issued for, or why not: Envoy takes these kinds and no others. */
export function acceptableKey(spki: Buffer | string): KeyObject | { readonly fault: string } {
  let key: KeyObject;
  try {
    key = createPublicKey(typeof spki === 'string' ? spki : { key: spki, format: 'der', type: 'spki' });
  } catch {
    return { fault: 'the public key cannot be read' };
  }
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec' && CURVES.includes(namedCurve)) return key;
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= 8192) return key;
  return { fault: 'the public key is neither ECDSA on P-256 or P-384 nor RSA of 2048 to 8192 bits' };
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
