import type { GlooSelector } from './gloo-selectors.ts';

export interface WorkspaceNamespaces {
  /** `*` stands for any text. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly configEnabled?: boolean;
}

export interface WorkspaceCluster {
  readonly name?: string;
  /** Labels of the KubernetesCluster. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly namespaces?: readonly WorkspaceNamespaces[];
  readonly configEnabled?: boolean;
}

/** admin.gloo.solo.io/v2 Workspace (spec/gloo.md 2.10). */
export interface WorkspaceSpec {
  readonly workloadClusters?: readonly WorkspaceCluster[];
}

export type SharedKind =
  | 'ALL'
  | 'ROUTE_TABLE'
  | 'SERVICE'
  | 'VIRTUAL_DESTINATION'
  | 'EXTERNAL_SERVICE'
  | 'API_DOC'
  | 'GRAPHQL_RESOLVER_MAP'
  | 'GRAPHQL_SCHEMA'
  | 'GRAPHQL_STITCHED_SCHEMA'
  | 'EXTERNAL_WORKLOAD';

/** Objects of some workspaces, for import or export. */
export interface SharedObjects {
  readonly workspaces?: readonly { readonly name?: string; readonly selector?: Readonly<Record<string, string>> }[];
  /** Absent means all kinds. */
  readonly resources?: readonly {
    /** Absent means ALL. */
    readonly kind?: SharedKind;
    readonly labels?: Readonly<Record<string, string>>;
    readonly name?: string;
    readonly namespace?: string;
    readonly cluster?: string;
  }[];
}

export interface WorkspaceOptions {
  readonly serviceIsolation?: {
    readonly enabled?: boolean;
    readonly trimProxyConfig?: boolean;
    readonly enforcementLayers?: Readonly<Record<string, boolean>>;
  };
  readonly federation?: {
    readonly enabled?: boolean;
    readonly hostSuffix?: string;
    readonly serviceSelector?: readonly GlooSelector[];
    readonly ports?: readonly unknown[];
  };
  readonly eastWestGateways?: readonly unknown[];
  readonly virtualDestClientMode?: Readonly<Record<string, unknown>>;
  readonly trimAllProxyConfig?: boolean;
}

/** admin.gloo.solo.io/v2 WorkspaceSettings (spec/gloo.md 2.10). */
export interface WorkspaceSettingsSpec {
  readonly importFrom?: readonly SharedObjects[];
  readonly exportTo?: readonly SharedObjects[];
  readonly options?: WorkspaceOptions;
}
