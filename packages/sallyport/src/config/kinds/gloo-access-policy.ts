import { destinationSelector, objectSelector } from './gloo-selectors.ts';
import { choice, flag, labels, list, map, message, open, text, texts } from './shape.ts';

const authz = message({
  allowedClients: list(
    message({
      serviceAccountSelector: objectSelector,
      externalWorkloadSelector: objectSelector,
      requestIdentityMatcher: open({}),
    }),
  ),
  allowedPaths: texts,
  allowedMethods: texts,
  match: message({ request: message({ headers: map(message({ values: texts, notValues: texts })) }) }),
  allowedIpBlocks: texts,
  allowedRemoteIpBlocks: texts,
  dryRun: flag,
});

/** security.policy.gloo.solo.io/v2 AccessPolicy (spec/gloo.md 2.9). */
export const glooAccessPolicy = message({
  applyToDestinations: list(destinationSelector),
  applyToWorkloads: list(message({ selector: message({ labels, namespace: text, cluster: text, workspace: text }) })),
  config: message({
    authn: message({ tlsMode: choice('DISABLE', 'PERMISSIVE', 'STRICT') }),
    authz,
    authzList: list(authz),
    enforcementLayers: message({ mesh: flag, cni: flag }),
  }),
});
