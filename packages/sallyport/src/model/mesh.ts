import type {
  DurationText,
  HttpRetry,
  LocalityLb,
  OutboundTrafficPolicy,
  TcpKeepalive,
  TrafficPolicy,
  ZoneAwareLb,
} from './spec/index.ts';
import { VIRTUAL_ADDRESSES, type VirtualAddressTerms } from './virtual-address.ts';

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
  readonly zoneAwareLbSetting?: ZoneAwareLb;
  readonly tcpKeepalive?: TcpKeepalive;
  readonly h2UpgradePolicy: 'DO_NOT_UPGRADE' | 'UPGRADE';
  readonly defaultHttpRetryPolicy?: HttpRetry;
  /** How sidecars retry calls to their own workload; absent: what was reset before it was sent, twice (spec/istio.md 4.11). */
  readonly defaultInboundHttpRetryPolicy?: HttpRetry;
  readonly defaultTrafficPolicy?: Pick<TrafficPolicy, 'connectionPool' | 'outlierDetection'>;
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly serviceEntryVisibility?: Readonly<Record<string, unknown>>;
  readonly pathNormalization?: string;
  readonly tlsDefaults?: {
    readonly cipherSuites?: readonly string[];
    readonly ecdhCurves?: readonly string[];
    /** For servers that end TLS of their own, not for calls. */
    readonly minProtocolVersion?: 'TLS_AUTO' | 'TLSV1_2' | 'TLSV1_3';
  };
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
  /** Who looks names up, and which answers count (docs/resolution.md). */
  readonly dns?: DnsOptions;
  /** Where calls to wildcard hosts with resolution NONE go; absent: with enforcement strict as `dynamic-dns`. */
  readonly wildcards?: WildcardsWord;
  readonly virtualAddresses: VirtualAddressTerms;
}

/** Where the caller wanted to go, as in Istio, or to where DNS says that the name is. */
export type WildcardsWord = 'original-destination' | 'dynamic-dns';
export type ResolvedBy = 'proxy' | 'control-plane';

export interface DnsOptions {
  /** Absent: with enforcement strict the control plane, else the proxies. */
  readonly resolvedBy?: ResolvedBy;
  /** Whom the control plane asks, in this order; absent: the servers of the machine it runs on. */
  readonly resolvers?: readonly DnsResolver[];
  /** An answer is used at least, and at most, this long; absent: 5s and 5m. */
  readonly minTtl?: DurationText;
  readonly maxTtl?: DurationText;
  /** Ranges that names may lie in although they are not of the Internet. */
  readonly allowedAddresses?: readonly AllowedAddresses[];
}

export interface DnsResolver {
  readonly address: string;
  readonly port: number;
  /** Resolvers of different zones are compared: a name that differs between them cannot be resolved once for all. */
  readonly zone?: string;
}

export interface AllowedAddresses {
  /** Hosts and wildcards that it is for; absent: all. */
  readonly hosts?: readonly string[];
  /** CIDRs. */
  readonly ranges: readonly string[];
}

export const SALLYPORT_DEFAULTS: SallyportOptions = {
  enforcement: 'istio',
  dualStack: false,
  tlsOnSidecarIngress: false,
  virtualAddresses: VIRTUAL_ADDRESSES,
};

export const MESH = 'mesh';
