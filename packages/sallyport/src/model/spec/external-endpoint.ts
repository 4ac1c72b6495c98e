export interface GlooLocality {
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
}

/** networking.gloo.solo.io/v2 ExternalEndpoint (spec/gloo.md 2.3). */
export interface ExternalEndpointSpec {
  readonly address?: string;
  readonly ports?: readonly { readonly name?: string; readonly number?: number }[];
  readonly locality?: GlooLocality;
}
