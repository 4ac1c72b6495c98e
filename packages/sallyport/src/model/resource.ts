import type { ProxyClassId } from './proxy.ts';

export type ResourceType = 'cluster' | 'endpoints' | 'listener' | 'route' | 'secret' | 'nameTable' | 'nameRow';

/** An xDS resource: bytes of one Envoy message, encoded once and shared by everybody who is sent it. */
export interface Resource {
  readonly type: ResourceType;
  readonly name: string;
  /** Hash of the content: equal content, equal version, on every machine and after every restart. */
  readonly version: string;
  /** The Envoy message, without its `Any` or `Resource` envelope. */
  readonly bytes: Uint8Array;
  /**
   * It stands for what is not known yet. `hold`: whoever asks waits, and whoever has something keeps it. `keep`: whoever has
   * something keeps it, and others are sent this. Either ends with another row.
   */
  readonly unknown?: 'hold' | 'keep';
}

/** This class has this resource. Row key: `linkKey`. Many links share one target. */
export interface ResourceLink {
  readonly class: ProxyClassId;
  readonly type: ResourceType;
  readonly name: string;
  /** Row key in the collection of resources. */
  readonly target: string;
}

/**
 * Resources that classes have all together, such as those of one host, by type: to each class one row says it all. A class
 * has a name from one bundle or link only.
 */
export type Bundle = { readonly [T in ResourceType]?: readonly Bundled[] };

export interface Bundled {
  readonly name: string;
  /** Row key in the collection of resources. */
  readonly key: string;
}

/** This class has this bundle. */
export interface BundleLink {
  readonly class: ProxyClassId;
  /** Row key of the bundle. */
  readonly bundle: string;
}

export const linkKey = (l: { class: string; type: ResourceType; name: string }): string => `${l.class}\n${l.type}\n${l.name}`;
/** Where a class's links of one type stand in the index by class. */
export const linkPlace = (l: { class: string; type: ResourceType }): string => `${l.class}\n${l.type}`;
