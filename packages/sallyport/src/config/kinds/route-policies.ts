import {
  destinationReference,
  destinationSelector,
  glooStringMatch,
  routeLabelSelector,
  routeSelectors,
} from './gloo-selectors.ts';
import { double, duration, flag, int32, labels, list, message, text, texts } from './shape.ts';

/** Gloo's policies that take effect on routes (spec/gloo.md 2.9). */

/** resilience.policy.gloo.solo.io/v2 RetryTimeoutPolicy. */
export const retryTimeoutPolicy = message({
  applyToRoutes: routeSelectors,
  config: message({
    retries: message({ attempts: int32, perTryTimeout: duration, retryOn: text, retryRemoteLocalities: flag }),
    requestTimeout: duration,
  }),
});

/** resilience.policy.gloo.solo.io/v2 FaultInjectionPolicy. */
export const faultInjectionPolicy = message({
  applyToRoutes: routeSelectors,
  config: message({
    delay: message({ fixedDelay: duration, percentage: double }),
    abort: message({ httpStatus: int32, percentage: double }),
  }),
});

/** trafficcontrol.policy.gloo.solo.io/v2 HeaderManipulationPolicy. */
export const headerManipulationPolicy = message({
  applyToRoutes: routeSelectors,
  applyToRouteDestinations: list(message({ route: routeLabelSelector, onDestinations: list(destinationSelector) })),
  config: message({
    appendRequestHeaders: labels,
    removeRequestHeaders: texts,
    appendResponseHeaders: labels,
    removeResponseHeaders: texts,
  }),
});

/** trafficcontrol.policy.gloo.solo.io/v2 MirrorPolicy. */
export const mirrorPolicy = message({
  applyToRoutes: routeSelectors,
  config: message({ destination: destinationReference, percentage: double }),
});

/** security.policy.gloo.solo.io/v2 CORSPolicy. */
export const corsPolicy = message({
  applyToRoutes: routeSelectors,
  config: message({
    allowOrigins: list(glooStringMatch),
    allowMethods: texts,
    allowHeaders: texts,
    exposeHeaders: texts,
    maxAge: duration,
    allowCredentials: flag,
  }),
});
