import { destination, percent } from './parts.ts';
import { base64, choice, duration, flag, int32, labels, list, map, message, text, texts, uint32 } from './shape.ts';

const stringMatch = message({ exact: text, prefix: text, regex: text }, ['exact', 'prefix', 'regex']);
const headerOperations = message({ set: map(text), add: map(text), remove: texts });
const headers = message({ request: headerOperations, response: headerOperations });

const httpMatch = message({
  name: text,
  uri: stringMatch,
  scheme: stringMatch,
  method: stringMatch,
  authority: stringMatch,
  headers: map(stringMatch),
  port: uint32,
  sourceLabels: labels,
  gateways: texts,
  queryParams: map(stringMatch),
  ignoreUriCase: flag,
  withoutHeaders: map(stringMatch),
  sourceNamespace: text,
  statPrefix: text,
});

const fault = message({
  delay: message({ percent: int32, percentage: percent, fixedDelay: duration, exponentialDelay: duration }, [
    'fixedDelay',
    'exponentialDelay',
  ]),
  abort: message({ percentage: percent, httpStatus: int32, grpcStatus: text, http2Error: text }, [
    'httpStatus',
    'grpcStatus',
    'http2Error',
  ]),
});

const httpRoute = message({
  name: text,
  match: list(httpMatch),
  route: list(message({ destination, weight: int32, headers })),
  redirect: message(
    {
      uri: text,
      prefixRewrite: text,
      authority: text,
      port: uint32,
      derivePort: choice('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
      scheme: text,
      redirectCode: uint32,
    },
    ['port', 'derivePort'],
  ),
  directResponse: message({ status: uint32, body: message({ string: text, bytes: base64 }, ['string', 'bytes']) }),
  delegate: message({ name: text, namespace: text }),
  rewrite: message({ uri: text, authority: text, uriRegexRewrite: message({ match: text, rewrite: text }) }),
  timeout: duration,
  retries: message({
    attempts: int32,
    perTryTimeout: duration,
    retryOn: text,
    retryRemoteLocalities: flag,
    retryIgnorePreviousHosts: flag,
    backoff: duration,
  }),
  fault,
  mirror: destination,
  mirrors: list(message({ destination, percentage: percent })),
  mirrorPercent: uint32,
  mirrorPercentage: percent,
  corsPolicy: message({
    allowOrigin: texts,
    allowOrigins: list(stringMatch),
    allowMethods: texts,
    allowHeaders: texts,
    exposeHeaders: texts,
    maxAge: duration,
    allowCredentials: flag,
    unmatchedPreflights: choice('UNSPECIFIED', 'FORWARD', 'IGNORE'),
  }),
  headers,
});

const l4 = { destinationSubnets: texts, port: uint32, sourceLabels: labels, gateways: texts, sourceNamespace: text };
const destinations = list(message({ destination, weight: int32 }));

/** networking.istio.io VirtualService (spec/istio.md 2.6, 4.7). */
export const virtualService = message({
  hosts: texts,
  gateways: texts,
  http: list(httpRoute),
  tls: list(message({ match: list(message({ ...l4, sniHosts: texts })), route: destinations })),
  tcp: list(message({ match: list(message({ ...l4, sourceSubnet: text })), route: destinations })),
  exportTo: texts,
});
