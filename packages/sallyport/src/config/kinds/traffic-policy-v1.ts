import { connectionPool } from './parts.ts';
import { destinationSelectors, kubeDestination, kubeReference, objectRef, workloadSelectors } from './selectors-v1.ts';
import { choice, double, duration, flag, int32, labels, list, map, message, open, text, texts, uint32 } from './shape.ts';

const stringMatch = message({ exact: text, prefix: text, regex: text, suffix: text, ignoreCase: flag }, [
  'exact',
  'prefix',
  'regex',
  'suffix',
]);
const valueMatcher = { name: text, value: text, regex: flag };

const headerManipulation = message({
  appendRequestHeaders: labels,
  removeRequestHeaders: texts,
  appendResponseHeaders: labels,
  removeResponseHeaders: texts,
});

const policy = message({
  trafficShift: message({
    destinations: list(
      message(
        {
          weight: uint32,
          kubeService: message(kubeDestination),
          virtualDestination: message({ name: text, namespace: text, subset: map(text) }),
          staticDestination: objectRef,
          clusterHeader: text,
          options: message({ headerManipulation }),
        },
        ['kubeService', 'virtualDestination', 'staticDestination', 'clusterHeader'],
      ),
    ),
  }),
  faultInjection: message({ fixedDelay: duration, abort: message({ httpStatus: int32 }), percentage: double }, [
    'fixedDelay',
    'abort',
  ]),
  requestTimeout: duration,
  retries: message({ attempts: int32, perTryTimeout: duration }),
  corsPolicy: message({
    allowOrigins: list(stringMatch),
    allowMethods: texts,
    allowHeaders: texts,
    exposeHeaders: texts,
    maxAge: duration,
    allowCredentials: flag,
  }),
  mirror: message({ kubeService: kubeReference, percentage: double, port: uint32 }),
  headerManipulation,
  outlierDetection: message({
    consecutiveErrors: uint32,
    interval: duration,
    baseEjectionTime: duration,
    maxEjectionPercent: uint32,
  }),
  mtls: message({ istio: message({ tlsMode: choice('DISABLE', 'SIMPLE', 'ISTIO_MUTUAL') }) }),
  connectionPoolSettings: connectionPool,
  csrf: open({}),
  rateLimit: open({}),
  extauth: open({}),
  rateLimitSettings: open({}),
  extauthSettings: open({}),
  transformations: open({}),
});

/** networking.mesh.gloo.solo.io/v1 TrafficPolicy (spec/gloo.md 1.7). */
export const trafficPolicyV1 = message({
  sourceSelector: workloadSelectors,
  destinationSelector: destinationSelectors,
  routeSelector: list(open({})),
  destinationPorts: list(uint32),
  httpRequestMatchers: list(
    message(
      {
        name: text,
        prefix: text,
        exact: text,
        regex: text,
        uri: stringMatch,
        headers: list(message({ ...valueMatcher, invertMatch: flag })),
        queryParameters: list(message(valueMatcher)),
        method: text,
      },
      ['prefix', 'exact', 'regex'],
    ),
  ),
  policy,
});
