import type { DurationText } from './common.ts';
import type { ConnectionPool } from './destination-rule.ts';
import type { DestinationSelectorV1, WorkloadSelectorV1 } from './selectors-v1.ts';

/** networking.mesh.gloo.solo.io/v1 TrafficPolicy (spec/gloo.md 1.7). */
export interface TrafficPolicyV1Spec {
  readonly sourceSelector?: readonly WorkloadSelectorV1[];
  readonly destinationSelector?: readonly DestinationSelectorV1[];
  readonly destinationPorts?: readonly number[];
  readonly httpRequestMatchers?: readonly HttpMatcherV1[];
  readonly policy?: PolicyV1;
}

export interface GlooStringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
  readonly suffix?: string;
  readonly ignoreCase?: boolean;
}

export interface HttpMatcherV1 extends Omit<GlooStringMatch, 'suffix' | 'ignoreCase'> {
  readonly name?: string;
  readonly uri?: GlooStringMatch;
  readonly headers?: readonly (ValueMatcherV1 & { readonly invertMatch?: boolean })[];
  readonly queryParameters?: readonly ValueMatcherV1[];
  readonly method?: string;
}

export interface ValueMatcherV1 {
  readonly name?: string;
  readonly value?: string;
  readonly regex?: boolean;
}

export interface PolicyV1 {
  readonly trafficShift?: { readonly destinations?: readonly WeightedDestinationV1[] };
  readonly faultInjection?: {
    readonly fixedDelay?: DurationText;
    readonly abort?: { readonly httpStatus?: number };
    readonly percentage?: number;
  };
  readonly requestTimeout?: DurationText;
  readonly retries?: { readonly attempts?: number; readonly perTryTimeout?: DurationText };
  readonly corsPolicy?: {
    readonly allowOrigins?: readonly GlooStringMatch[];
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
    readonly exposeHeaders?: readonly string[];
    readonly maxAge?: DurationText;
    readonly allowCredentials?: boolean;
  };
  readonly mirror?: { readonly kubeService?: KubeDestinationV1; readonly percentage?: number; readonly port?: number };
  readonly headerManipulation?: HeaderManipulationV1;
  readonly outlierDetection?: {
    readonly consecutiveErrors?: number;
    readonly interval?: DurationText;
    readonly baseEjectionTime?: DurationText;
    readonly maxEjectionPercent?: number;
  };
  readonly mtls?: { readonly istio?: { readonly tlsMode?: 'DISABLE' | 'SIMPLE' | 'ISTIO_MUTUAL' } };
  readonly connectionPoolSettings?: ConnectionPool;
}

export interface KubeDestinationV1 {
  readonly name?: string;
  readonly namespace?: string;
  readonly clusterName?: string;
  readonly subset?: Readonly<Record<string, string>>;
  readonly port?: number;
}

export interface WeightedDestinationV1 {
  readonly weight?: number;
  readonly kubeService?: KubeDestinationV1;
  readonly virtualDestination?: Readonly<Record<string, unknown>>;
  readonly staticDestination?: Readonly<Record<string, unknown>>;
  readonly clusterHeader?: string;
  readonly options?: { readonly headerManipulation?: HeaderManipulationV1 };
}

export interface HeaderManipulationV1 {
  readonly appendRequestHeaders?: Readonly<Record<string, string>>;
  readonly removeRequestHeaders?: readonly string[];
  readonly appendResponseHeaders?: Readonly<Record<string, string>>;
  readonly removeResponseHeaders?: readonly string[];
}
