/** As users write it; UNSET and an absent mode mean the same: what the wider policy says. */
export type PeerModeName = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface PeerTls {
  readonly mode?: PeerModeName;
}

/** security.istio.io PeerAuthentication (spec/istio.md 11). */
export interface PeerAuthenticationSpec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly mtls?: PeerTls;
  /** By port of the workload, as text. */
  readonly portLevelMtls?: Readonly<Record<string, PeerTls>>;
}
