import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { SecretSchema } from '@sallyport/apis/tls';

/** What a secret holds, as PEM. */
export type Material =
  | { readonly kind: 'certificate'; readonly chain: string; readonly key: string }
  | { readonly kind: 'roots'; readonly roots: string };

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/**
 * A chain and its key. Throws when they cannot be read or do not belong together. Only certificates and the key are taken from the
 * texts: what else may stand in a file that somebody named goes nowhere.
 */
export function certificateOf(chain: string, key: string): Material {
  const blocks = certificatesIn(chain);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch {
    throw new Error('the private key is not in PEM, or it is encrypted');
  }
  if (!new X509Certificate(blocks[0] ?? '').checkPrivateKey(privateKey))
    throw new Error('the private key is not that of the certificate');
  return {
    kind: 'certificate',
    chain: `${blocks.join('\n')}\n`,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** Roots to verify with. Throws when there is none or when one cannot be read. */
export function rootsOf(text: string): Material {
  return { kind: 'roots', roots: `${certificatesIn(text).join('\n')}\n` };
}

function certificatesIn(text: string): readonly string[] {
  const blocks = text.match(BLOCK) ?? [];
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

/** The secret as Envoy takes it, in bytes. */
export function secretBytes(name: string, material: Material): Uint8Array {
  const inline = (text: string) => ({ specifier: { case: 'inlineBytes' as const, value: Buffer.from(text) } });
  const secret = create(SecretSchema, {
    name,
    type:
      material.kind === 'roots'
        ? { case: 'validationContext', value: { trustedCa: inline(material.roots) } }
        : {
            case: 'tlsCertificate',
            value: { certificateChain: inline(material.chain), privateKey: inline(material.key) },
          },
  });
  return toBinary(SecretSchema, secret);
}

export function isEqual(one: Material | undefined, other: Material): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
