import type { ObjectKey } from './object.ts';
import type { RuleKey } from './policy.ts';
import type { ProxyClassId } from './proxy.ts';
import type { Port, ServiceKey } from './service.ts';
import type { OutboundTrafficPolicy, SidecarEgress } from './spec/index.ts';

/**
 * What applies to a class as a whole: which Sidecar, with which egress listeners. Small: it never lists services.
 * Row key: class id.
 */
export interface ClassScope {
  readonly class: ProxyClassId;
  /** Absent for the built-in default and for routers. */
  readonly sidecar?: ObjectKey;
  readonly outboundPolicy: OutboundTrafficPolicy;
  /** In the Sidecar's order; the built-in default is one listener with hosts `*​/*`. At least one. */
  readonly egress: readonly SidecarEgress[];
}

/**
 * The listener list as a relation: this service is visible on this egress listener of this class
 * (spec/istio.md 2.3). Feeds listeners, routes and name tables. Row key: `visibleKey`.
 */
export interface VisibleService {
  readonly class: ProxyClassId;
  /** Index into `ClassScope.egress`. */
  readonly egress: number;
  readonly service: ServiceKey;
  readonly host: string;
  /** The service's ports that remain on this egress listener, or absent for all of them. */
  readonly onlyPort?: number;
  /** Port numbers visible here; what the port indexes are made from. */
  readonly portNumbers: readonly number[];
  /** 0: private or exported by name to the namespace, 1: public. Sorts before age (spec/istio.md 2.2). */
  readonly rank: 0 | 1;
}

/**
 * The scope list as a relation: the one service a host name means for a class, merged by the rules of
 * spec/istio.md 2.3, and the rule that applies to it. Feeds clusters, endpoints and destination look-ups.
 * Row key: `scopedKey`.
 */
export interface ScopedService {
  readonly class: ProxyClassId;
  readonly host: string;
  readonly namespace: string;
  /** The services merged into one, the first being the one that counts. All of one namespace. */
  readonly services: readonly ServiceKey[];
  readonly ports: readonly Port[];
  /** The rule found by spec/istio.md 2.5, if any. */
  readonly rule?: RuleKey;
  /** The same without looking at labels: what holds for calls that come in. */
  readonly general?: RuleKey;
}

/** A VirtualService of gateway `mesh` that an egress listener of a class imports. Row key: `importedKey`. */
export interface ImportedRouting {
  readonly class: ProxyClassId;
  readonly egress: number;
  readonly routing: string;
  readonly hosts: readonly string[];
  /** 0 private, 1 exported by name, 2 public: the order of spec/istio.md 2.6 before age. */
  readonly rank: 0 | 1 | 2;
}

export const visibleKey = (v: { class: string; egress: number; service: string }): string =>
  `${v.class}\n${v.egress}\n${v.service}`;
export const scopedKey = (s: { class: string; host: string }): string => `${s.class}\n${s.host}`;
export const importedKey = (i: { class: string; egress: number; routing: string }): string =>
  `${i.class}\n${i.egress}\n${i.routing}`;
