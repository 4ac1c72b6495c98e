import type { KeyObject } from 'node:crypto';
import { acceptableKey, SIGNING, signingKey } from './keys.ts';
import { library } from './library.ts';
import { newRoot, type Root, type RootMaterial, readRoot } from './root.ts';
import { newSerial } from './serial.ts';
import { checkedKey } from './signing-request.ts';
import { type Identity, identityFault, spiffeId } from './spiffe.ts';
import { SKEW_MS, wholeSecond } from './validity.ts';

/** For whom, for which key, and for how long. Who asks must have been authenticated as this identity before. */
export type IssueRequest = {
  readonly identity: Identity;
  /** Milliseconds from now. */
  readonly lifetimeMs: number;
} & ({ readonly csr: string } | { readonly publicKey: string });

export interface Issued {
  /** PEM, the leaf first; the root is not in it. */
  readonly chain: string;
  /** PEM of what the leaf is verified with. */
  readonly roots: string;
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
}

/** Half a sentence about the request. */
export interface Refused {
  readonly fault: string;
}

export interface Authority {
  readonly trustDomain: string;
  /** PEM of the trust bundle. */
  readonly roots: string;
  issue(request: IssueRequest): Promise<Issued | Refused>;
}

const SHORTEST_MS = 1000;
const LONGEST_MS = 90 * 24 * 3600 * 1000;

/**
 * An authority for one trust domain. `clock` gives milliseconds since the epoch. Without material it makes a new root and forgets
 * it at the end; `store.ts` keeps one. Material that cannot sign for the trust domain is refused.
 */
export async function createAuthority(
  trustDomain: string,
  clock: () => number,
  material?: RootMaterial,
): Promise<Authority | Refused> {
  const used = material ?? (await newRoot(trustDomain, clock()));
  const root = readRoot(trustDomain, used, clock());
  if ('fault' in root) return root;
  const key = await signingKey(root.key);
  return {
    trustDomain,
    roots: used.certificatePem,
    issue: async (request) => {
      const fault =
        identityFault(request.identity) ?? lifetimeFault(request.lifetimeMs) ?? foreignFault(request.identity, trustDomain);
      if (fault !== undefined) return { fault };
      const id = spiffeId(request.identity);
      const subject = 'csr' in request ? await checkedKey(request.csr, id) : acceptableKey(request.publicKey);
      if ('fault' in subject) return subject;
      const now = clock();
      const end = Math.min(now + request.lifetimeMs, root.certificate.validToDate.getTime());
      if (end <= now) return { fault: 'the root has ended' };
      const notAfter = wholeSecond(end);
      const chain = await leaf({ root, key, subject, id, notBefore: wholeSecond(now - SKEW_MS), notAfter });
      return { chain, roots: used.certificatePem, notAfter: notAfter.getTime() };
    },
  };
}

interface Leaf {
  readonly root: Root;
  readonly key: Parameters<typeof crypto.subtle.sign>[1];
  readonly subject: KeyObject;
  readonly id: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An X.509-SVID: the name is the URI alone, which is critical because the subject is empty (X509-SVID section 4). */
async function leaf({ root, key, subject, id, notBefore, notAfter }: Leaf): Promise<string> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(root.certificate.raw);
  const publicKey = new x509.PublicKey(subject.export({ format: 'der', type: 'spki' }));
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    issuer: issuer.subjectName,
    notBefore,
    notAfter,
    signingAlgorithm: SIGNING,
    publicKey,
    signingKey: key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      // Only RSA keys can encrypt keys, in suites of TLS 1.2.
      new x509.KeyUsagesExtension(
        subject.asymmetricKeyType === 'rsa' ? digitalSignature | keyEncipherment : digitalSignature,
        true,
      ),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'url', value: id }], true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

function lifetimeFault(lifetimeMs: number): string | undefined {
  const isFit = lifetimeMs >= SHORTEST_MS && lifetimeMs <= LONGEST_MS;
  return isFit ? undefined : `a lifetime of ${lifetimeMs / 1000} s is not between 1 s and 90 days`;
}

function foreignFault(identity: Identity, trustDomain: string): string | undefined {
  return identity.trustDomain === trustDomain
    ? undefined
    : `${identity.trustDomain} is another trust domain; this authority signs for ${trustDomain}`;
}
