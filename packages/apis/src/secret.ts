// Secrets as Envoy takes them, from PEM texts.
import { create } from '@bufbuild/protobuf';
import { type Secret, SecretSchema } from './gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js';

const inline = (text: string) => ({ specifier: { case: 'inlineBytes' as const, value: new TextEncoder().encode(text) } });

/** A certificate that a proxy shows, with its key. `staple`: an OCSP answer in DER. */
export function certificateSecret(name: string, chain: string, key: string, staple?: Uint8Array): Secret {
  const ocspStaple = staple && { specifier: { case: 'inlineBytes' as const, value: staple } };
  const value = { certificateChain: inline(chain), privateKey: inline(key), ...(ocspStaple && { ocspStaple }) };
  return create(SecretSchema, { name, type: { case: 'tlsCertificate', value } });
}

/** What a proxy verifies the other side with. `revocations`: lists in PEM. */
export function rootsSecret(name: string, roots: string, revocations = ''): Secret {
  const value = { trustedCa: inline(roots), ...(revocations !== '' && { crl: inline(revocations) }) };
  return create(SecretSchema, { name, type: { case: 'validationContext', value } });
}
