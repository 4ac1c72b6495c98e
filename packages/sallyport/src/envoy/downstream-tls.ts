import { create } from '@bufbuild/protobuf';
import { type TransportSocket, TransportSocketSchema } from '@sallyport/apis/core';
import {
  type CommonTlsContextSchema,
  DownstreamTlsContextSchema,
  type SdsSecretConfig,
  type TlsParametersSchema,
  TlsParameters_TlsProtocol as Version,
} from '@sallyport/apis/tls';
import type { ServerTlsSettings, TlsVersion } from '../model/index.ts';
import { certificateFiles, MESH_ROOTS, rootFile, WORKLOAD_CERTIFICATE } from './cluster-sds.ts';
import { anyOf, type Fields } from './encode.ts';

/** What the end of mutual TLS at a workload depends on. */
export interface MutualTlsFacts {
  /** Callers of these are let in: the mesh's own trust domain first. */
  readonly trustDomains: readonly string[];
  /** Empty: Istio's. */
  readonly cipherSuites: readonly string[];
  /** TLS 1.3 or nothing. */
  readonly from13: boolean;
}

type CommonTls = Fields<typeof CommonTlsContextSchema>;

const ALPN = ['h2', 'http/1.1'];

const CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];

/** The workload's certificate towards callers who must show one of the mesh (spec/istio.md 10.5). */
export function mutualTls({ trustDomains, cipherSuites, from13 }: MutualTlsFacts): TransportSocket {
  const ids = trustDomains.map((domain) => ({ matchPattern: { case: 'prefix' as const, value: `spiffe://${domain}/` } }));
  return serverSocket(true, {
    tlsParams: {
      tlsMinimumProtocolVersion: from13 ? Version.TLSv1_3 : Version.TLSv1_2,
      tlsMaximumProtocolVersion: Version.TLSv1_3,
      cipherSuites: [...(cipherSuites.length > 0 ? cipherSuites : CIPHERS)],
    },
    tlsCertificateSdsSecretConfigs: [WORKLOAD_CERTIFICATE],
    validationContextType: validation(MESH_ROOTS, ids),
  });
}

/** TLS with certificate files beside the proxy: SIMPLE, or MUTUAL when callers are verified with `caCertificates`. */
export function filesTls(settings: ServerTlsSettings): TransportSocket {
  const { mode, serverCertificate = '', privateKey = '', caCertificates = '', subjectAltNames = [] } = settings;
  const verifies = (mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL') && caCertificates !== '';
  const ids = subjectAltNames.map((value) => ({ matchPattern: { case: 'exact' as const, value } }));
  const tlsParams = paramsOf(settings);
  return serverSocket(mode === 'MUTUAL', {
    ...(tlsParams && { tlsParams }),
    tlsCertificateSdsSecretConfigs: [certificateFiles(serverCertificate, privateKey)],
    ...(verifies && { validationContextType: validation(rootFile(caCertificates), ids) }),
  });
}

function serverSocket(requireClientCertificate: boolean, common: CommonTls): TransportSocket {
  const commonTlsContext = { ...common, alpnProtocols: ALPN };
  return create(TransportSocketSchema, {
    name: 'envoy.transport_sockets.tls',
    configType: {
      case: 'typedConfig',
      value: anyOf(DownstreamTlsContextSchema, { requireClientCertificate, commonTlsContext }),
    },
  });
}

type Name = { readonly matchPattern: { readonly case: 'exact' | 'prefix'; readonly value: string } };

function validation(roots: SdsSecretConfig, matchSubjectAltNames: Name[]): NonNullable<CommonTls['validationContextType']> {
  return {
    case: 'combinedValidationContext',
    value: { defaultValidationContext: { matchSubjectAltNames }, validationContextSdsSecretConfig: roots },
  };
}

const VERSIONS: Readonly<Record<TlsVersion, Version>> = {
  TLS_AUTO: Version.TLS_AUTO,
  TLSV1_0: Version.TLSv1_0,
  TLSV1_1: Version.TLSv1_1,
  TLSV1_2: Version.TLSv1_2,
  TLSV1_3: Version.TLSv1_3,
};

function paramsOf(settings: ServerTlsSettings): Fields<typeof TlsParametersSchema> | undefined {
  const { minProtocolVersion, maxProtocolVersion, cipherSuites = [], ecdhCurves = [] } = settings;
  if (minProtocolVersion === undefined && maxProtocolVersion === undefined && cipherSuites.length + ecdhCurves.length === 0)
    return undefined;
  return {
    tlsMinimumProtocolVersion: VERSIONS[minProtocolVersion ?? 'TLS_AUTO'],
    tlsMaximumProtocolVersion: VERSIONS[maxProtocolVersion ?? 'TLS_AUTO'],
    cipherSuites: [...cipherSuites],
    ecdhCurves: [...ecdhCurves],
  };
}
