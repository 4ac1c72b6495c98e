import { create } from '@bufbuild/protobuf';
import { ProxyProtocolConfig_Version, type TransportSocket, TransportSocketSchema } from '@sallyport/apis/core';
import {
  type CertificateValidationContext,
  CertificateValidationContextSchema,
  type CommonTlsContext,
  CommonTlsContextSchema,
  ProxyProtocolUpstreamTransportSchema,
  RawBufferSchema,
  type SdsSecretConfig,
  TlsParameters_TlsProtocol,
  UpstreamTlsContextSchema,
} from '@sallyport/apis/tls';
import { type MeshConfig, type TrafficPolicy, usableCurves, usableSuites, withoutLineBreaks } from '../model/index.ts';
import {
  certificateFiles,
  credential,
  credentialRoots,
  MESH_ROOTS,
  rootFile,
  SYSTEM_ROOTS,
  WORKLOAD_CERTIFICATE,
} from './cluster-sds.ts';
import { anyOf } from './encode.ts';
import type { OwnTls, UpstreamTls } from './upstream-tls.ts';

type Validation = CommonTlsContext['validationContextType'];

const VERSIONS = {
  tlsMinimumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_2,
  tlsMaximumProtocolVersion: TlsParameters_TlsProtocol.TLSv1_3,
};

export const PLAINTEXT_SOCKET: TransportSocket = create(TransportSocketSchema, {
  name: 'envoy.transport_sockets.raw_buffer',
  configType: { case: 'typedConfig', value: anyOf(RawBufferSchema, {}) },
});

/** The TLS transport socket of a cluster. `http2`: the cluster speaks HTTP/2 and nothing else (spec/istio.md 10.5). */
export function tlsSocket(tls: UpstreamTls, http2: boolean, mesh: Pick<MeshConfig, 'tlsDefaults'>): TransportSocket {
  const [sni, commonTlsContext] =
    tls.kind === 'mesh'
      ? ([withoutLineBreaks(tls.sni), meshContext(tls.subjectAltNames, http2)] as const)
      : ([withoutLineBreaks(tls.settings.sni ?? ''), ownContext(tls.mode, tls.settings, http2, mesh)] as const);
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.tls',
    configType: { case: 'typedConfig', value: anyOf(UpstreamTlsContextSchema, { sni, commonTlsContext }) },
  });
}

function meshContext(subjectAltNames: readonly string[], http2: boolean): CommonTlsContext {
  return create(CommonTlsContextSchema, {
    tlsParams: VERSIONS,
    alpnProtocols: http2 ? ['istio', 'h2'] : ['istio'],
    tlsCertificateSdsSecretConfigs: [WORKLOAD_CERTIFICATE],
    validationContextType: combined(MESH_ROOTS, subjectAltNames),
  });
}

function ownContext(
  mode: 'SIMPLE' | 'MUTUAL',
  settings: OwnTls,
  http2: boolean,
  { tlsDefaults }: Pick<MeshConfig, 'tlsDefaults'>,
): CommonTlsContext {
  return create(CommonTlsContextSchema, {
    tlsParams: {
      ...VERSIONS,
      cipherSuites: [...usableSuites(tlsDefaults?.cipherSuites)],
      ecdhCurves: [...usableCurves(tlsDefaults?.ecdhCurves)],
    },
    alpnProtocols: http2 ? ['h2'] : [],
    tlsCertificateSdsSecretConfigs: mode === 'MUTUAL' ? [certificateOf(settings)] : [],
    validationContextType: validationOf(settings),
  });
}

function certificateOf({ credentialName = '', clientCertificate = '', privateKey = '' }: OwnTls): SdsSecretConfig {
  return credentialName === '' ? certificateFiles(clientCertificate, privateKey) : credential(credentialName);
}

function validationOf(settings: OwnTls): Validation {
  const { credentialName = '', caCertificates = '', caCrl = '', subjectAltNames = [] } = settings;
  if (settings.insecureSkipVerify === true)
    return credentialName === ''
      ? { case: 'validationContext', value: create(CertificateValidationContextSchema) }
      : { case: undefined };
  if (credentialName !== '') return combined(credentialRoots(credentialName), subjectAltNames);
  return combined(caCertificates === '' ? SYSTEM_ROOTS : rootFile(caCertificates), subjectAltNames, caCrl);
}

function combined(roots: SdsSecretConfig, subjectAltNames: readonly string[], crl = ''): Validation {
  const { validationContextType } = create(CommonTlsContextSchema, {
    validationContextType: {
      case: 'combinedValidationContext',
      value: { defaultValidationContext: namesIn(subjectAltNames, crl), validationContextSdsSecretConfig: roots },
    },
  });
  return validationContextType;
}

function namesIn(subjectAltNames: readonly string[], crl: string): CertificateValidationContext {
  return create(CertificateValidationContextSchema, {
    matchSubjectAltNames: subjectAltNames.map((value) => ({ matchPattern: { case: 'exact' as const, value } })),
    ...(crl !== '' && { crl: { specifier: { case: 'filename', value: crl } } }),
  });
}

/** A socket that first sends a PROXY protocol header, around the one there is. */
export function withProxyProtocol(wanted: TrafficPolicy['proxyProtocol'], inner: TransportSocket): TransportSocket {
  if (wanted === undefined) return inner;
  const version = wanted.version === 'V2' ? ProxyProtocolConfig_Version.V2 : ProxyProtocolConfig_Version.V1;
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.upstream_proxy_protocol',
    configType: {
      case: 'typedConfig',
      value: anyOf(ProxyProtocolUpstreamTransportSchema, { config: { version }, transportSocket: inner }),
    },
  });
}
