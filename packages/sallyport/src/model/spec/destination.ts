/** discovery.mesh.gloo.solo.io/v1 Destination (spec/gloo.md 1.1). Discovered ones have `kubeService`. */
export interface DestinationSpec {
  readonly kubeService?: Readonly<Record<string, unknown>>;
  readonly externalService?: ExternalServiceV1;
  readonly mesh?: ObjectRefV1;
}

export interface ObjectRefV1 {
  readonly name?: string;
  readonly namespace?: string;
}

export interface ExternalServiceV1 {
  /** Becomes the name of the ServiceEntry. */
  readonly name?: string;
  readonly hosts?: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports?: readonly ExternalPortV1[];
  readonly endpoints?: readonly ExternalEndpointV1[];
  readonly exportTo?: readonly { readonly clusters?: readonly string[]; readonly namespaces?: readonly string[] }[];
  readonly options?: { readonly autoHostRewrite?: boolean };
}

export interface ExternalPortV1 {
  readonly number?: number;
  readonly name?: string;
  readonly protocol?: string;
}

export interface ExternalEndpointV1 {
  readonly address?: string;
  readonly ports?: Readonly<Record<string, number>>;
}
