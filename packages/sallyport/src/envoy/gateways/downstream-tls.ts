import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type TransportSocket, TransportSocketSchema } from '@sallyport/apis/core';
import {
  type CertificateValidationContextSchema,
  type CommonTlsContext,
  CommonTlsContextSchema,
  DownstreamTlsContextSchema,
  TlsParameters_TlsProtocol as Protocol,
  type SdsSecretConfig,
  type TlsParametersSchema,
} from '@sallyport/apis/tls';
import {
  isCertificateHash,
  isKeyHash,
  type MeshConfig,
  type ServerTlsSettings,
  type TlsVersion,
  usableCurves,
  usableSuites,
} from '../../model/index.ts';
import {
  certificateFiles,
  credential,
  credentialRoots,
  MESH_ROOTS,
  rootFile,
  SYSTEM_ROOTS,
  WORKLOAD_CERTIFICATE,
} from '../cluster-sds.ts';
import { anyOf } from '../encode.ts';

type Defaults = NonNullable<MeshConfig['tlsDefaults']>;
type Validation = CommonTlsContext['validationContextType'];

const VERSIONS: Readonly<Record<TlsVersion, Protocol>> = {
  TLS_AUTO: Protocol.TLS_AUTO,
  TLSV1_0: Protocol.TLSv1_0,
  TLSV1_1: Protocol.TLSv1_1,
  TLSV1_2: Protocol.TLSv1_2,
  TLSV1_3: Protocol.TLSv1_3,
};

/** The transport socket of a server that ends TLS (spec/istio.md 10.5, Downstream). */
export function serverSocket(tls: ServerTlsSettings, defaults: Defaults): TransportSocket {
  const { mode = 'SIMPLE' } = tls;
  const context = {
    commonTlsContext: create(CommonTlsContextSchema, {
      alpnProtocols: ['h2', 'http/1.1'],
      ...(mode !== 'ISTIO_MUTUAL' && paramsOf(tls, defaults)),
      tlsCertificateSdsSecretConfigs: certificatesOf(tls),
      validationContextType: validationOf(tls),
    }),
    requireClientCertificate: mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL',
  };
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.tls',
    configType: { case: 'typedConfig', value: anyOf(DownstreamTlsContextSchema, context) },
  });
}

/** What the server asks for comes before what the mesh prefers; nothing is written where neither says anything. */
function paramsOf(tls: ServerTlsSettings, defaults: Defaults): { tlsParams?: MessageInitShape<typeof TlsParametersSchema> } {
  const { maxProtocolVersion = 'TLS_AUTO' } = tls;
  const own = tls.minProtocolVersion ?? 'TLS_AUTO';
  const minProtocolVersion = own === 'TLS_AUTO' ? (defaults.minProtocolVersion ?? 'TLS_AUTO') : own;
  const given = (own: readonly string[], mesh: readonly string[]) => [...(own.length > 0 ? own : mesh)];
  const cipherSuites = given(usableSuites(tls.cipherSuites), usableSuites(defaults.cipherSuites));
  const ecdhCurves = given(usableCurves(tls.ecdhCurves), usableCurves(defaults.ecdhCurves));
  const versions = [minProtocolVersion, maxProtocolVersion];
  if (cipherSuites.length + ecdhCurves.length === 0 && versions.every((version) => version === 'TLS_AUTO')) return {};
  const [tlsMinimumProtocolVersion, tlsMaximumProtocolVersion] = [VERSIONS[minProtocolVersion], VERSIONS[maxProtocolVersion]];
  return { tlsParams: { tlsMinimumProtocolVersion, tlsMaximumProtocolVersion, cipherSuites, ecdhCurves } };
}

function certificatesOf(tls: ServerTlsSettings): SdsSecretConfig[] {
  if (tls.mode === 'ISTIO_MUTUAL') return [WORKLOAD_CERTIFICATE];
  const names = credentialsOf(tls);
  if (names.length > 0) return names.map(credential);
  const pairs = tls.tlsCertificates ?? [];
  return (pairs.length > 0 ? pairs : [tls]).map(({ serverCertificate = '', privateKey = '' }) =>
    certificateFiles(serverCertificate, privateKey),
  );
}

function credentialsOf({ credentialName = '', credentialNames = [] }: ServerTlsSettings): readonly string[] {
  return credentialNames.length > 0 ? credentialNames : credentialName === '' ? [] : [credentialName];
}

function validationOf(tls: ServerTlsSettings): Validation {
  const { mode, caCertificates = '', subjectAltNames = [] } = tls;
  const accepted = acceptedClients(tls);
  if (mode === 'ISTIO_MUTUAL') return combined(MESH_ROOTS, accepted);
  const [name] = credentialsOf(tls);
  if (mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL') {
    if (name === undefined) return combined(caCertificates === '' ? SYSTEM_ROOTS : rootFile(caCertificates), accepted);
    return combined(tls.caCertCredentialName ? credential(tls.caCertCredentialName) : credentialRoots(name), accepted);
  }
  if (name === undefined || subjectAltNames.length === 0) return { case: undefined };
  return create(CommonTlsContextSchema, { validationContextType: { case: 'validationContext', value: accepted } })
    .validationContextType;
}

function acceptedClients(tls: ServerTlsSettings): MessageInitShape<typeof CertificateValidationContextSchema> {
  const { subjectAltNames = [], caCrl = '', verifyCertificateSpki = [], verifyCertificateHash = [] } = tls;
  return {
    matchSubjectAltNames: subjectAltNames.map((value) => ({ matchPattern: { case: 'exact' as const, value } })),
    ...(tls.mode !== 'ISTIO_MUTUAL' && {
      verifyCertificateSpki: pins(verifyCertificateSpki, isKeyHash, NO_KEY),
      verifyCertificateHash: pins(verifyCertificateHash, isCertificateHash, NO_CERTIFICATE),
    }),
    ...(caCrl !== '' && { crl: { specifier: { case: 'filename' as const, value: caCrl } } }),
  };
}

/** Hashes that nothing has. */
const NO_KEY = `${'A'.repeat(43)}=`;
const NO_CERTIFICATE = '0'.repeat(64);

/** Where none of the hashes given is one, nobody is let in: without any, everybody would be. */
function pins(given: readonly string[], isGood: (text: string) => boolean, nobody: string): string[] {
  const good = given.filter(isGood);
  return good.length === 0 && given.length > 0 ? [nobody] : good;
}

function combined(roots: SdsSecretConfig, accepted: MessageInitShape<typeof CertificateValidationContextSchema>): Validation {
  const value = { defaultValidationContext: accepted, validationContextSdsSecretConfig: roots };
  return create(CommonTlsContextSchema, { validationContextType: { case: 'combinedValidationContext', value } })
    .validationContextType;
}
