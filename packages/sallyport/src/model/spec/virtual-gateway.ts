import type { GlooPort, GlooSelector, GlooWorkloadSelector } from './gloo-selectors.ts';

/** networking.gloo.solo.io/v2 VirtualGateway (spec/gloo.md 2.7). */
export interface VirtualGatewaySpec {
  readonly workloads?: readonly GlooWorkloadSelector[];
  readonly listeners?: readonly GatewayListener[];
}

export interface GatewayListener {
  readonly port?: GlooPort;
  readonly tls?: ListenerTls;
  readonly httpsRedirect?: boolean;
  readonly http?: object;
  readonly tcp?: object;
  readonly allowedRouteTables?: readonly {
    readonly host?: string;
    readonly selector?: GlooSelector;
    readonly allowedRoutes?: readonly unknown[];
  }[];
  readonly exposedExternalServices?: readonly { readonly host?: string; readonly selector?: GlooSelector }[];
  readonly appProtocol?: string;
}

export interface ListenerTls {
  readonly secretName?: string;
  readonly files?: { readonly serverCert?: string; readonly privateKey?: string; readonly caCerts?: string };
  readonly verifySubjectAltName?: readonly string[];
  readonly parameters?: {
    readonly minimumProtocolVersion?: ListenerTlsVersion;
    readonly maximumProtocolVersion?: ListenerTlsVersion;
    readonly cipherSuites?: readonly string[];
  };
  readonly mode?: 'PASSTHROUGH' | 'SIMPLE' | 'MUTUAL' | 'AUTO_PASSTHROUGH' | 'ISTIO_MUTUAL';
}

export type ListenerTlsVersion = 'TLS_AUTO' | 'TLSv1_0' | 'TLSv1_1' | 'TLSv1_2' | 'TLSv1_3';
