import type { Collection } from '../collection/index.ts';
import type {
  Authorization,
  BoundRouting,
  ClassAuthorization,
  ClassInbound,
  ClassScope,
  EndpointPool,
  GatewayServers,
  ImportedRouting,
  Issue,
  MeshConfig,
  OpenPort,
  PeerPolicies,
  PlacedWorkload,
  ProxyClass,
  ProxyNode,
  Routing,
  Rule,
  ScopedService,
  Service,
  SidecarObject,
  VisibleService,
} from '../model/index.ts';

export interface ScopeInputs {
  /** Connected proxies, by node id. Written by ads through pipeline, or by `generate --proxy`. */
  readonly proxies: Collection<ProxyNode>;
  readonly mesh: Collection<MeshConfig>;
  readonly services: Collection<Service>;
  readonly pools: Collection<EndpointPool>;
  readonly rules: Collection<Rule>;
  readonly routings: Collection<Routing>;
  readonly sidecars: Collection<SidecarObject>;
  readonly gateways: Collection<GatewayServers>;
  readonly peers: Collection<PeerPolicies>;
  readonly authorizations: Collection<Authorization>;
  readonly workloads: Collection<PlacedWorkload>;
}

export interface ScopeOutputs {
  /** Class of each proxy, by node id. Read by ads. */
  readonly classOf: Collection<ProxyClass>;
  /** Distinct classes, by class id. Read by envoy. */
  readonly classes: Collection<ProxyClass>;
  /** By class id. */
  readonly scopes: Collection<ClassScope>;
  /** By `visibleKey`: the listener list. */
  readonly visible: Collection<VisibleService>;
  /** By `scopedKey`: the scope list. */
  readonly scoped: Collection<ScopedService>;
  /** By `importedKey`. */
  readonly imported: Collection<ImportedRouting>;
  /** By `openPortKey`: what classes of routers listen for. */
  readonly openPorts: Collection<OpenPort>;
  /** By `boundKey`: the VirtualServices that classes of routers see at Gateways. */
  readonly boundRoutings: Collection<BoundRouting>;
  /** By class id. */
  readonly inbound: Collection<ClassInbound>;
  /** By class id: who may call the workloads, and what. Classes without a policy have no row. */
  readonly authorized: Collection<ClassAuthorization>;
  readonly issues: readonly Collection<Issue>[];
}
