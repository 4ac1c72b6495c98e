import { create } from '@bufbuild/protobuf';
import { type TransportSocket, TransportSocketSchema } from '@sallyport/apis/core';
import { DownstreamTlsContextSchema, TlsParameters_TlsProtocol as Version } from '@sallyport/apis/tls';
import { MESH_ROOTS, WORKLOAD_CERTIFICATE } from '../cluster-sds.ts';
import { anyOf } from '../encode.ts';

/** What the end of mutual TLS at a workload depends on. */
export interface MutualTlsFacts {
  /** Callers of these are let in: the mesh's own trust domain first. */
  readonly trustDomains: readonly string[];
  /** Empty: Istio's. */
  readonly cipherSuites: readonly string[];
  /** TLS 1.3 or nothing. */
  readonly from13: boolean;
}

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
  const value = anyOf(DownstreamTlsContextSchema, {
    requireClientCertificate: true,
    commonTlsContext: {
      alpnProtocols: ['h2', 'http/1.1'],
      tlsParams: {
        tlsMinimumProtocolVersion: from13 ? Version.TLSv1_3 : Version.TLSv1_2,
        tlsMaximumProtocolVersion: Version.TLSv1_3,
        cipherSuites: [...(cipherSuites.length > 0 ? cipherSuites : CIPHERS)],
      },
      tlsCertificateSdsSecretConfigs: [WORKLOAD_CERTIFICATE],
      validationContextType: {
        case: 'combinedValidationContext',
        value: {
          defaultValidationContext: { matchSubjectAltNames: ids },
          validationContextSdsSecretConfig: MESH_ROOTS,
        },
      },
    },
  });
  return create(TransportSocketSchema, { name: 'envoy.transport_sockets.tls', configType: { case: 'typedConfig', value } });
}
