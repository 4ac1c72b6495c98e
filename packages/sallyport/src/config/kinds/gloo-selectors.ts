import { choice, flag, labels, list, message, open, text, uint32 } from './shape.ts';

/** Shapes that Gloo's v2 kinds have in common (spec/gloo.md 2.1). */

export const reference = message({ name: text, namespace: text, cluster: text });
export const objectSelector = message({ labels, name: text, namespace: text, cluster: text, workspace: text });
export const glooPort = message({ number: uint32, name: text });
const destinationKind = choice('SERVICE', 'VIRTUAL_DESTINATION', 'EXTERNAL_SERVICE');

export const destinationReference = message({
  ref: reference,
  awsLambda: open({}),
  kind: destinationKind,
  port: glooPort,
  subset: labels,
  weight: uint32,
});

export const destinationSelector = message({ selector: objectSelector, kind: destinationKind, port: glooPort });
export const routeLabelSelector = message({ labels, namespace: text, cluster: text, workspace: text });
export const routeSelectors = list(message({ route: routeLabelSelector, withDestinations: destinationSelector }));
export const workloadSelectors = list(message({ selector: objectSelector, kind: choice('KUBE', 'VM'), port: glooPort }));
export const glooStringMatch = message({ exact: text, prefix: text, regex: text, suffix: text, ignoreCase: flag });
