import type { ObjectRefV1 } from './destination.ts';

/** A reference of Gloo Mesh v1 to an object of a workload cluster. */
export interface ClusterObjectRefV1 extends ObjectRefV1 {
  readonly clusterName?: string;
}

/** Labels that must all be there, and places one of which it must be in; what is left out matches everything. */
export interface PlaceMatcherV1 {
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespaces?: readonly string[];
  readonly clusters?: readonly string[];
}

/** common.mesh.gloo.solo.io DestinationSelector: whatever one of its parts selects. */
export interface DestinationSelectorV1 {
  readonly kubeServiceMatcher?: PlaceMatcherV1;
  readonly kubeServiceRefs?: { readonly services?: readonly ClusterObjectRefV1[] };
  readonly externalServiceMatcher?: PlaceMatcherV1;
  readonly externalServiceRefs?: { readonly externalServices?: readonly ObjectRefV1[] };
  readonly virtualDestinationMatcher?: PlaceMatcherV1;
  readonly virtualDestinationRefs?: { readonly virtualDestinations?: readonly ObjectRefV1[] };
}

/** common.mesh.gloo.solo.io WorkloadSelector. */
export interface WorkloadSelectorV1 {
  readonly kubeWorkloadMatcher?: PlaceMatcherV1;
}

/** common.mesh.gloo.solo.io IdentitySelector: all of its parts together. */
export interface IdentitySelectorV1 {
  readonly kubeIdentityMatcher?: PlaceMatcherV1;
  readonly kubeServiceAccountRefs?: { readonly serviceAccounts?: readonly ClusterObjectRefV1[] };
  readonly requestIdentityMatcher?: Readonly<Record<string, unknown>>;
  readonly requestIpMatcher?: { readonly forwardedIPs?: readonly string[]; readonly notForwardedIPs?: readonly string[] };
}
