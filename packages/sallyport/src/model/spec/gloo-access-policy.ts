import type { DestinationSelector, GlooSelector } from './gloo-selectors.ts';

/** security.policy.gloo.solo.io/v2 AccessPolicy (spec/gloo.md 2.9). */
export interface GlooAccessPolicySpec {
  readonly applyToDestinations?: readonly DestinationSelector[];
  readonly applyToWorkloads?: readonly { readonly selector?: Omit<GlooSelector, 'name'> }[];
  readonly config?: {
    readonly authn?: { readonly tlsMode?: 'DISABLE' | 'PERMISSIVE' | 'STRICT' };
    readonly authz?: AccessCase;
    readonly authzList?: readonly AccessCase[];
    readonly enforcementLayers?: { readonly mesh?: boolean; readonly cni?: boolean };
  };
}

/** A request is allowed when every part of one case fits. */
export interface AccessCase {
  readonly allowedClients?: readonly AllowedClient[];
  readonly allowedPaths?: readonly string[];
  readonly allowedMethods?: readonly string[];
  readonly match?: {
    readonly request?: {
      readonly headers?: Readonly<
        Record<string, { readonly values?: readonly string[]; readonly notValues?: readonly string[] }>
      >;
    };
  };
  readonly allowedIpBlocks?: readonly string[];
  readonly allowedRemoteIpBlocks?: readonly string[];
  readonly dryRun?: boolean;
}

export interface AllowedClient {
  readonly serviceAccountSelector?: GlooSelector;
  readonly externalWorkloadSelector?: GlooSelector;
  readonly requestIdentityMatcher?: unknown;
}
