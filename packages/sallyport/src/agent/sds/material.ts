import { toBinary } from '@bufbuild/protobuf';
import { certificateSecret, rootsSecret } from '@sallyport/apis/secret';
import { SecretSchema } from '@sallyport/apis/tls';
import { certificatesIn, chainAndKey } from '../../lib/pem.ts';

/** What a secret holds, as PEM. */
export type Material =
  | { readonly kind: 'certificate'; readonly chain: string; readonly key: string }
  | { readonly kind: 'roots'; readonly roots: string };

/** A chain and its key. Throws when they cannot be read or do not belong together. */
export function certificateOf(chain: string, key: string): Material {
  return { kind: 'certificate', ...chainAndKey(chain, key) };
}

/** Roots to verify with. Throws when there is none or when one cannot be read. */
export function rootsOf(text: string): Material {
  return { kind: 'roots', roots: `${certificatesIn(text).join('\n')}\n` };
}

/** The secret as Envoy takes it, in bytes. */
export function secretBytes(name: string, material: Material): Uint8Array {
  return toBinary(
    SecretSchema,
    material.kind === 'roots' ? rootsSecret(name, material.roots) : certificateSecret(name, material.chain, material.key),
  );
}

export function isEqual(one: Material | undefined, other: Material): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
