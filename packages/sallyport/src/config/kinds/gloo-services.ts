import type { KindRow } from './row.ts';

/** ExternalService, ExternalEndpoint, Workspaces, policies on destinations and VirtualDestination of Gloo Mesh v2 (spec/gloo.md 2). */
export const glooServiceKinds: readonly KindRow[] = [];
