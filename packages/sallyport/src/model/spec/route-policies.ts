import type { DurationText } from './common.ts';
import type {
  DestinationReference,
  DestinationSelector,
  GlooStringMatch,
  RouteLabelSelector,
  RouteSelector,
} from './gloo-selectors.ts';

/** Gloo's policies that take effect on routes (spec/gloo.md 2.9). */

export interface RetryTimeoutPolicySpec {
  readonly applyToRoutes?: readonly RouteSelector[];
  readonly config?: {
    readonly retries?: {
      readonly attempts?: number;
      readonly perTryTimeout?: DurationText;
      readonly retryOn?: string;
      readonly retryRemoteLocalities?: boolean;
    };
    readonly requestTimeout?: DurationText;
  };
}

export interface FaultInjectionPolicySpec {
  readonly applyToRoutes?: readonly RouteSelector[];
  readonly config?: {
    readonly delay?: { readonly fixedDelay?: DurationText; readonly percentage?: number };
    readonly abort?: { readonly httpStatus?: number; readonly percentage?: number };
  };
}

export interface HeaderManipulationPolicySpec {
  readonly applyToRoutes?: readonly RouteSelector[];
  readonly applyToRouteDestinations?: readonly {
    readonly route?: RouteLabelSelector;
    readonly onDestinations?: readonly DestinationSelector[];
  }[];
  readonly config?: {
    readonly appendRequestHeaders?: Readonly<Record<string, string>>;
    readonly removeRequestHeaders?: readonly string[];
    readonly appendResponseHeaders?: Readonly<Record<string, string>>;
    readonly removeResponseHeaders?: readonly string[];
  };
}

export interface MirrorPolicySpec {
  readonly applyToRoutes?: readonly RouteSelector[];
  readonly config?: { readonly destination?: DestinationReference; readonly percentage?: number };
}

export interface CorsPolicySpec {
  readonly applyToRoutes?: readonly RouteSelector[];
  readonly config?: {
    readonly allowOrigins?: readonly GlooStringMatch[];
    readonly allowMethods?: readonly string[];
    readonly allowHeaders?: readonly string[];
    readonly exposeHeaders?: readonly string[];
    readonly maxAge?: DurationText;
    readonly allowCredentials?: boolean;
  };
}
