import type { Collection } from '../collection/index.ts';
import type {
  ConfigObject,
  Issue,
  Kind,
  KubernetesServiceSpec,
  PodSpec,
  ProxyNode,
  Translated,
  WorkloadEntrySpec,
} from '../model/index.ts';
import type { RoutePlan } from './v2/routes/plan.ts';

/** Istio kinds that Gloo objects are translated to. */
export const ISTIO_KINDS = [
  'ServiceEntry',
  'WorkloadEntry',
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'Sidecar',
  'AuthorizationPolicy',
  'PeerAuthentication',
] as const;
export type IstioKind = (typeof ISTIO_KINDS)[number];

/** Objects by kind, keyed by `objectId`. */
export interface TranslateInputs {
  /** Gloo objects of a kind, as keys of objects spell it. Throws for a kind that `config/` does not act on. */
  readonly gloo: <S>(kind: Kind) => Collection<ConfigObject<S>>;
  /** Istio objects that the user wrote: they win over translated ones of the same name. */
  readonly written: (kind: IstioKind) => Collection<ConfigObject> | undefined;
  readonly workloadEntries: Collection<ConfigObject<WorkloadEntrySpec>>;
  readonly namespaces: Collection<ConfigObject>;
  readonly services: Collection<ConfigObject<KubernetesServiceSpec>>;
  readonly pods: Collection<ConfigObject<PodSpec>>;
  /** Connected proxies: where one is, there is a namespace. */
  readonly proxies: Collection<ProxyNode>;
  /**
   * RouteTables as they were accepted last, by id: the outputs of the same name of earlier commits, for tables that are to stay as they
   * were while something in them is wrong (spec/gloo.md 2.6, FREEZE_CONFIG).
   */
  readonly acceptedRoutes: Collection<RoutePlan>;
  /** One row, key `settings`. Nothing is translated before it is there. */
  readonly settings: Collection<TranslateSettings>;
}

export interface TranslateSettings {
  /** The one cluster of standalone mode (spec/gloo.md 2.10). */
  readonly cluster: string;
  /** Cluster name in virtual addresses of v1 external services (spec/gloo.md 1.5). */
  readonly vipClusterName: string;
  /** Where Istio is installed: the namespace of what v1 makes. */
  readonly rootNamespace: string;
  readonly clusterDomain: string;
  /** What Gloo Mesh v1 of this release would do (spec/gloo.md 5, end). */
  readonly v1Profile: 'v1.1' | 'v1.2';
}

/** What one Gloo object comes to, or several that belong together. */
export interface Translation {
  /** Their specs are canonical: camelCase keys, enum names. The stage holds them against the rules of their kinds. */
  readonly objects: readonly Translated[];
  /** On Gloo objects, with fields as in the Gloo object. */
  readonly issues: readonly Issue[];
}

export interface TranslateOutputs {
  /** By kind, then by `objectId`: only what stands, see `translated`. */
  readonly objects: Readonly<Record<IstioKind, Collection<ConfigObject>>>;
  /** By `objectId`: what stands, with the Gloo field that each part came from. */
  readonly translated: Collection<Translated>;
  /** On Gloo objects; by any key. */
  readonly issues: readonly Collection<Issue>[];
  /** To be remembered as an input. */
  readonly acceptedRoutes: Collection<RoutePlan>;
}
