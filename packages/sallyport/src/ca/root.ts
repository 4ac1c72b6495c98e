import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { newKeyPair, SIGNING } from './keys.ts';
import { library } from './library.ts';
import { newSerial } from './serial.ts';
import { isTrustDomain, trustDomainId } from './spiffe.ts';
import { SKEW_MS, wholeSecond } from './validity.ts';

/** A root with its key, as it is stored. */
export interface RootMaterial {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

const TEN_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000;

/** A new self-signed root of a trust domain, valid for ten years from `now` (milliseconds since the epoch). */
export async function newRoot(trustDomain: string, now: number): Promise<RootMaterial> {
  const x509 = await library();
  const { keys, keyPem } = await newKeyPair();
  const serialNumber = newSerial();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber,
    // Told apart by name: a verifier that has the old root and the new one need not try both.
    name: [{ O: ['Sallyport'] }, { CN: [`root ${serialNumber.slice(0, 8)}`] }],
    notBefore: wholeSecond(now - SKEW_MS),
    notAfter: wholeSecond(now + TEN_YEARS_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: trustDomainId(trustDomain) }]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem };
}

export interface Root {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** What stands in stored material, or why it cannot sign for this trust domain, as half a sentence. */
export function readRoot(trustDomain: string, material: RootMaterial, now: number): Root | { readonly fault: string } {
  let root: Root;
  try {
    root = { certificate: new X509Certificate(material.certificatePem), key: createPrivateKey(material.keyPem) };
  } catch {
    return { fault: 'the certificate or the key cannot be read' };
  }
  const { certificate, key } = root;
  if (!isTrustDomain(trustDomain)) return { fault: `${JSON.stringify(trustDomain)} is no trust domain` };
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return { fault: 'the key is not ECDSA on P-256' };
  if (!certificate.checkPrivateKey(key)) return { fault: 'the key is not that of the certificate' };
  if (!certificate.ca) return { fault: 'the certificate is no authority' };
  if (certificate.subjectAltName !== `URI:${trustDomainId(trustDomain)}`)
    return { fault: `it is for ${certificate.subjectAltName ?? 'no name'}, not for ${trustDomainId(trustDomain)}` };
  if (certificate.validToDate.getTime() <= now) return { fault: `it ended on ${certificate.validToDate.toISOString()}` };
  return root;
}
