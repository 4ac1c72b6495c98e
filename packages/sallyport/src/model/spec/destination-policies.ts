import type { DurationText } from './common.ts';
import type { TcpKeepalive } from './destination-rule.ts';
import type { GlooLocality } from './external-endpoint.ts';
import type { DestinationSelector, GlooWorkloadSelector } from './gloo-selectors.ts';

/** Policies of Gloo Mesh v2 on destinations, and the one that trims proxies (spec/gloo.md 2.9). */

/** Empty or absent: all destinations of the workspace. */
interface AppliesToDestinations {
  readonly applyToDestinations?: readonly DestinationSelector[];
}

/** resilience.policy.gloo.solo.io/v2 ConnectionPolicy. */
export interface ConnectionPolicySpec extends AppliesToDestinations {
  readonly config?: {
    readonly tcp?: {
      readonly tcpKeepalive?: TcpKeepalive;
      readonly maxConnections?: number;
      readonly connectTimeout?: DurationText;
      readonly maxConnectionDuration?: DurationText;
    };
    readonly http?: {
      readonly maxRequestsPerConnection?: number;
      readonly maxRetries?: number;
      readonly maxRequests?: number;
      readonly maxPendingRequests?: number;
      readonly idleTimeout?: DurationText;
    };
  };
}

/** resilience.policy.gloo.solo.io/v2 OutlierDetectionPolicy. */
export interface OutlierDetectionPolicySpec extends AppliesToDestinations {
  readonly config?: {
    readonly consecutiveErrors?: number;
    readonly interval?: DurationText;
    readonly baseEjectionTime?: DurationText;
    readonly maxEjectionPercent?: number;
    readonly consecutiveGatewayErrors?: number;
  };
}

/** resilience.policy.gloo.solo.io/v2 FailoverPolicy. */
export interface FailoverPolicySpec extends AppliesToDestinations {
  readonly config?: {
    readonly localityMappings?: readonly {
      readonly from?: GlooLocality;
      readonly to?: readonly (GlooLocality & { readonly weight?: number })[];
    }[];
    readonly priorityLabels?: { readonly labels?: readonly string[] };
  };
}

/** trafficcontrol.policy.gloo.solo.io/v2 LoadBalancerPolicy. */
export interface LoadBalancerPolicySpec extends AppliesToDestinations {
  readonly config?: {
    readonly simple?: 'UNSPECIFIED' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST';
    readonly consistentHash?: {
      readonly httpHeaderName?: string;
      readonly httpCookie?: { readonly name?: string; readonly path?: string; readonly ttl?: DurationText };
      readonly useSourceIp?: boolean;
      readonly httpQueryParameterName?: string;
    };
    readonly warmupDurationSecs?: DurationText;
    readonly healthyPanicThreshold?: number;
    readonly updateMergeWindow?: DurationText;
  };
}

export interface ClientTlsConfig {
  readonly sni?: string;
  readonly credentialName?: string;
}

/** security.policy.gloo.solo.io/v2 ClientTLSPolicy; one of the modes. */
export interface ClientTlsPolicySpec extends AppliesToDestinations {
  readonly disable?: Readonly<Record<string, never>>;
  readonly simple?: { readonly config?: ClientTlsConfig };
  readonly mutual?: { readonly config?: ClientTlsConfig };
  readonly istioMutual?: Readonly<Record<string, never>>;
}

/** resilience.policy.gloo.solo.io/v2 TrimProxyConfigPolicy. */
export interface TrimProxyConfigPolicySpec {
  /** Absent means all workloads. */
  readonly applyToWorkloads?: readonly GlooWorkloadSelector[];
  readonly config?: { readonly includedDestinations?: readonly DestinationSelector[] };
}
