import {
  destinationReference,
  destinationSelector,
  glooStringMatch,
  objectSelector,
  reference,
  workloadSelectors,
} from './gloo-selectors.ts';
import { choice, flag, int32, labels, list, message, open, text, texts, uint32 } from './shape.ts';

const matcher = message({
  name: text,
  uri: glooStringMatch,
  headers: list(message({ name: text, value: text, regex: flag, invertMatch: flag })),
  queryParameters: list(message({ name: text, value: text, regex: flag })),
  method: text,
  port: uint32,
});

const forwardTo = message({
  destinations: list(destinationReference),
  pathRewrite: text,
  regexRewrite: message({ pattern: message({ regex: text, googleRe2: open({}) }), substitution: text }),
  hostRewrite: text,
  autoHostRewrite: flag,
});

const http = message({
  name: text,
  labels,
  matchers: list(matcher),
  forwardTo,
  delegate: message({
    routeTables: list(objectSelector),
    allowedRoutes: list(open({})),
    sortMethod: choice('TABLE_WEIGHT', 'ROUTE_SPECIFICITY'),
  }),
  redirect: message({
    hostRedirect: text,
    pathRedirect: text,
    responseCode: choice('MOVED_PERMANENTLY', 'FOUND', 'SEE_OTHER', 'TEMPORARY_REDIRECT', 'PERMANENT_REDIRECT'),
  }),
  directResponse: message({ status: uint32, body: text }),
  graphql: open({}),
});

/** networking.gloo.solo.io/v2 RouteTable (spec/gloo.md 2.6). */
export const routeTable = message({
  hosts: texts,
  virtualGateways: list(reference),
  workloadSelectors,
  applyToDestinations: list(destinationSelector),
  defaultDestination: destinationReference,
  http: list(http),
  tcp: list(message({ matchers: list(message({ port: uint32 })), forwardTo })),
  tls: list(message({ matchers: list(message({ sniHosts: texts, port: uint32 })), forwardTo })),
  weight: int32,
  portalMetadata: open({}),
  virtualServiceAnnotations: labels,
  failureMode: choice('ROUTE_REPLACEMENT', 'FREEZE_CONFIG'),
});
