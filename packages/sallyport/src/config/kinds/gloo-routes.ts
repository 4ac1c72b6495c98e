import type { KindRow } from './row.ts';

/** RouteTable, VirtualGateway, policies on routes and AccessPolicy of Gloo Mesh v2 (spec/gloo.md 2). */
export const glooRouteKinds: readonly KindRow[] = [];
