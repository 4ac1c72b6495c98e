import { labels, list, map, message, open, text, texts, uint32 } from './shape.ts';

/** References and selectors that kinds of Gloo Mesh v1 share (`common.mesh.gloo.solo.io`, spec/gloo.md 1.3). */
export const objectRef = message({ name: text, namespace: text });
const clusterObjectRef = message({ name: text, namespace: text, clusterName: text });

const placeMatcher = message({ labels, namespaces: texts, clusters: texts });
const labelMatcher = message({ labels, namespaces: texts });

export const destinationSelectors = list(
  message({
    kubeServiceMatcher: placeMatcher,
    kubeServiceRefs: message({ services: list(clusterObjectRef) }),
    externalServiceMatcher: labelMatcher,
    externalServiceRefs: message({ externalServices: list(objectRef) }),
    virtualDestinationMatcher: labelMatcher,
    virtualDestinationRefs: message({ virtualDestinations: list(objectRef) }),
  }),
);

export const workloadSelectors = list(message({ kubeWorkloadMatcher: placeMatcher }));

export const identitySelectors = list(
  message({
    kubeIdentityMatcher: message({ namespaces: texts, clusters: texts }),
    kubeServiceAccountRefs: message({ serviceAccounts: list(clusterObjectRef) }),
    requestIdentityMatcher: open({}),
    requestIpMatcher: message({ forwardedIPs: texts, notForwardedIPs: texts }),
  }),
);

export const kubeDestination = { name: text, namespace: text, clusterName: text, subset: map(text), port: uint32 };
export const kubeReference = clusterObjectRef;
