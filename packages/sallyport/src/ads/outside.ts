import type { Collection, Graph } from '../collection/index.ts';
import type { ProxyClass, ResourceType } from '../model/index.ts';
import type { ParsedNode } from './node.ts';
import type { ResourceTable } from './view.ts';

// What the exchange has to do with the world outside of it: the transport below, the pipeline above, time.

/** What the transport tells of one stream. Nothing here throws: a broken stream is closed and touches no other. */
export interface Conversation {
  request(message: Uint8Array): void;
  drained(): void;
  closed(): void;
}

/** A rejection whose culprit is known. */
export interface Nack {
  readonly node: string;
  readonly class: string;
  readonly type: ResourceType;
  readonly name: string;
  readonly version: string;
  /** Row key in the resources of this type: what to ask the graph about. Absent when the resource is gone meanwhile. */
  readonly target?: string;
  /** The proxy's words, cleaned, at most 2,048 characters. */
  readonly detail: string;
  /** The whole class is spared from this version; otherwise others accepted it, and only this proxy does without. */
  readonly classWide: boolean;
}

export interface AdsCallbacks {
  /**
   * Streams opened. Must commit the proxies synchronously, so that `classOf` knows their classes on return; in one commit,
   * so that what several of them see is looked at once.
   */
  onConnect(nodes: readonly ParsedNode[]): void;
  /** No stream has had this node id for `lingerMs`. */
  onDisconnect(nodeId: string): void;
  /** A proxy rejected a resource and the culprit has been found. Not called inside a commit. */
  onNack(nack: Nack): void;
  /** Something worth a line in the log. */
  onNotice(text: string): void;
}

export interface AdsInputs {
  readonly graph: Graph;
  readonly tables: readonly ResourceTable[];
  /** By node id. */
  readonly classOf: Collection<ProxyClass>;
}

export interface ExchangeOptions {
  /** How long a proxy may be away before it counts as gone: its class is kept until then, which makes reconnecting cheap. */
  readonly lingerMs: number;
  /** How long the next type waits for an acknowledgement. */
  readonly patienceMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs a function soon, after the input that is at hand. */
  readonly defer: (run: () => void) => void;
}
