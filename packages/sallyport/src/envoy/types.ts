import type { Collection } from '../collection/index.ts';
import type {
  Answer,
  Bundle,
  BundleLink,
  ClassAuthorization,
  ClassInbound,
  ClassScope,
  EndpointPool,
  ImportedRouting,
  Issue,
  MeshConfig,
  OpenPort,
  PeerPolicies,
  ProxyClass,
  Question,
  Resource,
  ResourceLink,
  ResourceType,
  Routing,
  Rule,
  ScopedService,
  Service,
  ServiceKey,
  VisibleService,
} from '../model/index.ts';

/** The rows that resources are made from. Each is described where its type is defined in `model/`. */
export interface EnvoyInputs {
  readonly mesh: Collection<MeshConfig>;
  readonly services: Collection<Service>;
  readonly pools: Collection<EndpointPool>;
  readonly rules: Collection<Rule>;
  readonly routings: Collection<Routing>;
  readonly classes: Collection<ProxyClass>;
  readonly scopes: Collection<ClassScope>;
  readonly visible: Collection<VisibleService>;
  readonly scoped: Collection<ScopedService>;
  readonly imported: Collection<ImportedRouting>;
  readonly peers: Collection<PeerPolicies>;
  readonly inbound: Collection<ClassInbound>;
  readonly openPorts: Collection<OpenPort>;
  readonly authorized: Collection<ClassAuthorization>;
  /** What the control plane's own look-ups found, by `questionKey`. */
  readonly answers: Collection<Answer>;
}

/** Which class has which bundle, and what is in it. */
export interface Bundles {
  readonly links: Collection<BundleLink>;
  /** By `BundleLink.bundle`. */
  readonly rows: Collection<Bundle>;
}

/** Resources of one type, and which class has which: a relation, so that classes share a resource that is the same for both. */
export interface ResourceTable {
  readonly type: ResourceType;
  /** By `linkKey`. */
  readonly links: Collection<ResourceLink>;
  /** Further resources, many at a time. */
  readonly bundles?: Bundles;
  /** By `ResourceLink.target`, or `Bundled.key`. */
  readonly resources: Collection<Resource>;
  /** What a proxy gets that asks for a name which is not there, where "there is none" would leave it waiting. */
  readonly placeholder?: (name: string) => Resource;
}

export interface EnvoyOutputs {
  /** In the order of delivery: clusters, endpoints, listeners, routes; name tables, which depend on none. Read by ads and by `generate`. */
  readonly tables: readonly ResourceTable[];
  readonly issues: readonly Collection<Issue>[];
  /** What the control plane is to ask DNS for the proxies that are there, by `questionKey`. */
  readonly questions: Collection<Question>;
  /** The sets of endpoints that come from names which the control plane looks up, by their row key among the resources. */
  readonly resolved: Collection<ResolvedSet>;
}

/** The names behind a set of endpoints that the control plane looks up. */
export interface ResolvedSet {
  readonly cluster: string;
  readonly service: ServiceKey;
  readonly questions: readonly Question[];
  /** Names with the port they are called at, as a DNS cluster would have them. */
  readonly places: readonly { readonly name: string; readonly port: number }[];
}
