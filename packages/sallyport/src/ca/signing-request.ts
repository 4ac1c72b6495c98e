import type { KeyObject } from 'node:crypto';
import { acceptableKey, newKeyPair, SIGNING } from './keys.ts';
import { library } from './library.ts';

/** Far above what a request with one key needs; nothing longer is looked at. */
const LONGEST = 16 * 1024;

export interface SigningRequest {
  /** PKCS #8 PEM; stays where it was made. */
  readonly keyPem: string;
  /** PKCS #10 PEM: the public key, and the proof that the private one is there. It names nobody: the authority knows who asks. */
  readonly csrPem: string;
}

/** A new key and the request for a certificate for it. */
export async function newSigningRequest(): Promise<SigningRequest> {
  const { Pkcs10CertificateRequestGenerator } = await library();
  const { keys, keyPem } = await newKeyPair();
  const request = await Pkcs10CertificateRequestGenerator.create({ keys, signingAlgorithm: SIGNING });
  return { keyPem, csrPem: `${request.toString('pem')}\n` };
}

/**
 * The public key of a request by `id`, or why it is refused: it must prove that its sender has the private key, and where it names
 * URIs, name exactly this one. All else that it asks for is not given (spec/security.md 2.1).
 */
export async function checkedKey(csrPem: string, id: string): Promise<KeyObject | { readonly fault: string }> {
  if (csrPem.length > LONGEST) return { fault: `the request is longer than ${LONGEST} bytes` };
  const { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } = await library();
  const read = () => {
    const request = new Pkcs10CertificateRequest(csrPem);
    const names = request.extensions.filter((extension) => extension instanceof SubjectAlternativeNameExtension);
    return { request, uris: names.flatMap((extension) => extension.names.items).filter(({ type }) => type === 'url') };
  };
  let found: ReturnType<typeof read>;
  try {
    found = read();
  } catch {
    return { fault: 'the request is no PKCS #10 in PEM' };
  }
  const { request, uris } = found;
  const key = acceptableKey(Buffer.from(request.publicKey.rawData));
  if ('fault' in key) return key;
  const isProven = await request.verify().catch(() => false);
  if (!isProven) return { fault: 'the request is not signed by the key that it is for' };
  if (uris.length > 1) return { fault: `the request names ${uris.length} URIs; name one or none` };
  const [uri] = uris;
  if (uri !== undefined && uri.value !== id) return { fault: `the request names ${uri.value}, but it comes from ${id}` };
  return key;
}
