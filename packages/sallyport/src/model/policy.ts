import type { ConfigObject, ObjectKey } from './object.ts';
import type { Visibility } from './service.ts';
import type { DestinationRuleSpec, SidecarSpec, Subset, TrafficPolicy, VirtualServiceSpec } from './spec/index.ts';

export type RuleKey = string;

/** DestinationRules for one host string of one namespace after merging (spec/istio.md 2.5). */
export interface Rule {
  readonly key: RuleKey;
  /** Fully qualified, may be a wildcard. */
  readonly host: string;
  readonly namespace: string;
  readonly exportTo: Visibility;
  /** Rules with a selector apply to matching proxies of their own namespace only. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: readonly Subset[];
  /** The DestinationRules merged here; the first names the rule in metadata. */
  readonly from: readonly ObjectKey[];
  /** API group and version of the first, for `istio.config` metadata. */
  readonly apiVersion: string;
  readonly createdAt: number;
}

/** A VirtualService with short names expanded and delegates merged in (spec/istio.md 2.6). Row key: its object id. */
export interface Routing {
  readonly key: ObjectKey;
  readonly apiVersion: string;
  readonly createdAt: number;
  readonly namespace: string;
  readonly hosts: readonly string[];
  /** Gateways as `namespace/name`, and `mesh`. */
  readonly gateways: readonly string[];
  readonly exportTo: Visibility;
  readonly spec: VirtualServiceSpec;
}

/** A Sidecar as scope reads it. */
export type SidecarObject = ConfigObject<SidecarSpec>;
export type DestinationRuleObject = ConfigObject<DestinationRuleSpec>;
export type VirtualServiceObject = ConfigObject<VirtualServiceSpec>;
