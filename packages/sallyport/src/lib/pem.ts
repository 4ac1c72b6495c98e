import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const REVOCATIONS = /-----BEGIN X509 CRL-----[A-Za-z0-9+/=\s]+-----END X509 CRL-----/g;

/**
 * The certificates of a text, in PEM. Throws when there is none or when one cannot be read. Nothing else of the text is given
 * back, nor said: what may stand beside them goes nowhere.
 */
export function certificatesIn(text: string): readonly string[] {
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) throw new Error('there is no certificate in PEM');
  blocks.forEach((block, index) => {
    try {
      new X509Certificate(block);
    } catch {
      throw new Error(`certificate ${index + 1} of ${blocks.length} cannot be read`);
    }
  });
  return blocks;
}

/** A certificate chain and the private key that belongs to its first certificate, both in PEM. Throws when they cannot be read. */
export function chainAndKey(chain: string, key: string): { readonly chain: string; readonly key: string } {
  const blocks = certificatesIn(chain);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch {
    throw new Error('the private key is not in PEM, or it is encrypted');
  }
  if (!new X509Certificate(blocks[0] ?? '').checkPrivateKey(privateKey))
    throw new Error('the private key is not that of the certificate');
  return { chain: `${blocks.join('\n')}\n`, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

/** The revocation lists of a text, in PEM; empty when there is none. */
export function revocationsIn(text: string): string {
  return (text.match(REVOCATIONS) ?? []).map((block) => `${block}\n`).join('');
}
