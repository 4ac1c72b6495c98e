import type { JsonValue } from '@bufbuild/protobuf';
import type { Step } from './step.ts';

/** Why a call ends before anything upstream is asked (conformance/README.md section 2). */
export type CallError =
  | 'NoListener'
  | 'NoFilterChain'
  | 'MultipleFilterChain'
  | 'TLSError'
  | 'MTLSError'
  | 'ProtocolError'
  | 'NoVirtualHost'
  | 'TLSRedirect'
  | 'NoRoute'
  /** Ours: an AuthorizationPolicy turns it away, with status 403 or by closing the connection. */
  | 'AccessDenied';

/** Where a call goes, in the shape of `expect` in conformance/scenarios: an absent field is empty. */
export interface CallOutcome {
  readonly error: CallError | null;
  readonly listener?: string;
  readonly filterChain?: string;
  readonly virtualHost?: string;
  /** Name of the route, often empty. */
  readonly route?: string;
  /** Empty for weighted clusters, redirects and direct responses. */
  readonly cluster?: string;
  /** Name under which the route configuration is fetched; empty for an inline one. */
  readonly routeConfig?: string;
  /** Absent when the call failed before a route. */
  readonly detail?: Detail;
  /** Every decision on the way, in order. */
  readonly steps: readonly Step[];
}

export interface Detail {
  /** Index in the virtual host. */
  readonly routeIndex?: number;
  readonly action: 'cluster' | 'weighted' | 'redirect' | 'direct' | 'none' | 'tcp' | 'tcpWeighted';
  readonly weighted?: readonly WeightedDestination[];
  /** The redirect action as proto3 JSON. */
  readonly redirect?: JsonValue;
  readonly directStatus?: number;
  readonly hostRewrite?: string;
  readonly prefixRewrite?: string;
  readonly regexRewrite?: JsonValue;
  /** As Go writes durations; `0s` is none. */
  readonly timeout?: string;
  readonly retries?: number;
  /** Clusters that get a copy of the request. A set. */
  readonly mirrors?: readonly string[];
  /** Faults may be injected on this route. */
  readonly fault?: boolean;
  /** Only for HTTP calls to a dynamic forward proxy cluster: the filter it needs is there. */
  readonly dynamicForwardProxyFilter?: boolean;
  /** A set. */
  readonly upstreams?: readonly Upstream[];
}

export interface WeightedDestination {
  readonly cluster: string;
  readonly weight: number;
}

/** What a cluster stands for. */
export interface Upstream {
  readonly cluster: string;
  /** False: Envoy answers 503 with the flag NC. */
  readonly exists: boolean;
  /** Discovery type, or the name of a cluster extension. */
  readonly type?: string;
  /** Port that replaces the one of the original destination. */
  readonly portOverride?: number;
  /** Absent: plaintext. `always`: one transport socket; otherwise one entry per transport socket match. */
  readonly tls?: Readonly<Record<string, UpstreamTls | 'plaintext'>>;
  /** Sorted; doubles are real. */
  readonly endpoints?: readonly string[];
  /** Only when localities, priorities or weights play a part. */
  readonly groups?: readonly EndpointGroup[];
}

export interface UpstreamTls {
  readonly sni?: string;
  /** Name of the secret or file with the client certificate. */
  readonly cert?: string;
  /** Name of the secret or file with the roots that the server's certificate is checked against. */
  readonly ca?: string;
  readonly sans?: readonly string[];
  readonly alpn?: readonly string[];
}

export interface EndpointGroup {
  /** `region/zone/subZone`, shorter when parts are missing. */
  readonly locality: string;
  readonly priority: number;
  readonly weight: number;
  readonly endpoints: readonly { readonly address: string; readonly weight: number }[];
}
