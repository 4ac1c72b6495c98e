import type { SidecarPort } from './sidecar.ts';

export type ServerTlsMode = 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'AUTO_PASSTHROUGH' | 'ISTIO_MUTUAL' | 'OPTIONAL_MUTUAL';
export type TlsVersion = 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3';

/** TLS of a server; the mode is PASSTHROUGH where it is absent. */
export interface ServerTlsSettings {
  readonly httpsRedirect?: boolean;
  readonly mode?: ServerTlsMode;
  readonly serverCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly caCrl?: string;
  readonly subjectAltNames?: readonly string[];
  readonly credentialName?: string;
  readonly credentialNames?: readonly string[];
  readonly caCertCredentialName?: string;
  readonly tlsCertificates?: readonly {
    readonly serverCertificate?: string;
    readonly privateKey?: string;
    readonly caCertificates?: string;
  }[];
  readonly verifyCertificateSpki?: readonly string[];
  readonly verifyCertificateHash?: readonly string[];
  readonly minProtocolVersion?: TlsVersion;
  readonly maxProtocolVersion?: TlsVersion;
  readonly cipherSuites?: readonly string[];
  readonly ecdhCurves?: readonly string[];
}

/** networking.istio.io Gateway. */
export interface GatewaySpec {
  /** Labels of the proxies it is for, in any namespace; absent or empty: every gateway proxy. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly servers?: readonly {
    readonly port?: SidecarPort;
    readonly bind?: string;
    readonly hosts?: readonly string[];
    readonly tls?: ServerTlsSettings;
    readonly name?: string;
    readonly defaultEndpoint?: string;
  }[];
}
