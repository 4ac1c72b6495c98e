import type { DurationText, HttpRetry, LocalityLb, OutboundTrafficPolicy, TcpKeepalive, TrafficPolicy } from './spec/index.ts';

/** The mesh configuration as used: Istio's defaults with the user's values laid over them (spec/istio.md 2.7). One row, key `mesh`. */
export interface MeshConfig {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly proxyListenPort: number;
  readonly proxyInboundListenPort: number;
  readonly proxyHttpPort: number;
  readonly connectTimeout: DurationText;
  readonly dnsRefreshRate: DurationText;
  readonly protocolDetectionTimeout: DurationText;
  readonly enableAutoMtls: boolean;
  readonly enableTracing: boolean;
  readonly outboundTrafficPolicy: OutboundTrafficPolicy & { readonly tls?: Readonly<Record<string, unknown>> };
  readonly inboundTrafficPolicy: 'PASSTHROUGH' | 'LOCALHOST';
  readonly localityLbSetting: LocalityLb;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly h2UpgradePolicy: 'DO_NOT_UPGRADE' | 'UPGRADE';
  readonly defaultHttpRetryPolicy?: HttpRetry;
  readonly defaultTrafficPolicy?: Pick<TrafficPolicy, 'connectionPool' | 'outlierDetection'>;
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly serviceEntryVisibility?: Readonly<Record<string, unknown>>;
  readonly pathNormalization?: string;
  readonly tlsDefaults?: { readonly cipherSuites?: readonly string[]; readonly ecdhCurves?: readonly string[] };
  readonly meshMtls?: { readonly cipherSuites?: readonly string[]; readonly minProtocolVersion?: string };
  readonly proxyMetadata: Readonly<Record<string, string>>;
  /** Where proxies write their access log, e.g. `/dev/stdout`; absent or empty: nowhere. */
  readonly accessLogFile?: string;
  /** A line with Envoy's command operators, or a JSON object as text with encoding JSON; absent: Istio's default. */
  readonly accessLogFormat?: string;
  readonly accessLogEncoding?: 'TEXT' | 'JSON';
  /** Our own options, under `sallyport:` in the mesh configuration. */
  readonly sallyport: SallyportOptions;
}

export interface SallyportOptions {
  readonly enforcement: 'istio' | 'strict';
  readonly dualStack: boolean;
  readonly tlsOnSidecarIngress: boolean;
}

export const MESH = 'mesh';
