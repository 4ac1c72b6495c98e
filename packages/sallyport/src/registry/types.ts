import type { Answer, Collection } from '../collection/index.ts';
import type {
  AddressClaim,
  Authorization,
  AuthorizationPolicySpec,
  ConfigMapSpec,
  ConfigObject,
  Credential,
  DestinationRuleSpec,
  EndpointPool,
  EndpointSliceSpec,
  GatewayServers,
  GatewaySpec,
  GrantedAddresses,
  Issue,
  KubernetesServiceSpec,
  MeshConfig,
  PeerAuthenticationSpec,
  PeerPolicies,
  PlacedWorkload,
  PodSpec,
  Routing,
  Rule,
  SecretSpec,
  Service,
  ServiceEntrySpec,
  SidecarSpec,
  VirtualServiceSpec,
  WorkloadEntrySpec,
} from '../model/index.ts';

/** Objects by kind, keyed by `objectId`. */
export interface RegistryInputs {
  readonly serviceEntries: Collection<ConfigObject<ServiceEntrySpec>>;
  readonly workloadEntries: Collection<ConfigObject<WorkloadEntrySpec>>;
  readonly destinationRules: Collection<ConfigObject<DestinationRuleSpec>>;
  readonly virtualServices: Collection<ConfigObject<VirtualServiceSpec>>;
  readonly sidecars: Collection<ConfigObject<SidecarSpec>>;
  readonly gateways: Collection<ConfigObject<GatewaySpec>>;
  readonly peerAuthentications: Collection<ConfigObject<PeerAuthenticationSpec>>;
  readonly authorizationPolicies: Collection<ConfigObject<AuthorizationPolicySpec>>;
  readonly services: Collection<ConfigObject<KubernetesServiceSpec>>;
  readonly endpointSlices: Collection<ConfigObject<EndpointSliceSpec>>;
  readonly pods: Collection<ConfigObject<PodSpec>>;
  readonly namespaces: Collection<ConfigObject>;
  readonly configMaps: Collection<ConfigObject<ConfigMapSpec>>;
  readonly secrets: Collection<ConfigObject<SecretSpec>>;
  /** Mesh configuration given beside the objects (`--mesh-config`), one row with key `mesh`: a partial mesh configuration. */
  readonly meshOverlay: Collection<Readonly<Record<string, unknown>>>;
  /** Cluster domain and names that the command line may set, one row with key `settings`. */
  readonly settings: Collection<RegistrySettings>;
}

/**
 * Where virtual addresses come from: the entries' `status.addresses` (default), Istio's older allocator (spec/istio.md 3.1), or the ledger
 * (docs/decisions/0016-virtual-addresses.md).
 */
export type Vip = 'status' | 'legacy' | 'ledger';

export interface RegistrySettings {
  /** Domain of Kubernetes Services, `cluster.local` by default. */
  readonly clusterDomain: string;
  readonly clusterId: string;
  /** Where the mesh's ConfigMap `istio` is looked for: the root namespace. */
  readonly rootNamespace: string;
  readonly vip?: Vip;
}

export interface RegistryOutputs {
  /** One row, key `mesh`. Read by every later stage. */
  readonly mesh: Collection<MeshConfig>;
  /** By `ServiceKey`. Read by scope (visibility) and envoy (clusters, virtual hosts, chains). */
  readonly services: Collection<Service>;
  /** By host. Read by whoever keeps the ledger; empty unless addresses come from it. */
  readonly addressClaims: Collection<AddressClaim>;
  /** By host: the ledger's answer, in the same commit. */
  readonly grantedAddresses: Answer<AddressClaim, GrantedAddresses>;
  /** By `poolKey`. Read by envoy (endpoints) and for name tables. */
  readonly pools: Collection<EndpointPool>;
  /** By `RuleKey`. Read by scope (look-up) and envoy (policy). */
  readonly rules: Collection<Rule>;
  /** By object id. Read by scope (imports) and envoy (routes, chains). */
  readonly routings: Collection<Routing>;
  /** By namespace. Read by scope (what proxies accept) and envoy (what clients try). */
  readonly peers: Collection<PeerPolicies>;
  /** By object id. Read by scope (whose workloads they hold for). */
  readonly authorizations: Collection<Authorization>;
  /** Pods and WorkloadEntries, by object id. Read by scope: which services a proxy serves. */
  readonly workloads: Collection<PlacedWorkload>;
  /** By object id of a Secret or ConfigMap. Read by envoy, for the proxies that are entitled to them. */
  readonly credentials: Collection<Credential>;
  /** By object id. Read by scope (which routers open what). */
  readonly gateways: Collection<GatewayServers>;
  /** Findings across objects; by any key. Read by the CLI and by status writers. */
  readonly issues: readonly Collection<Issue>[];
}
