/**
 * The kind in the user's words. Of kinds that two API groups have, the rarer one is spelled as kubectl spells it, with its group:
 * `AccessPolicy.networking.mesh.gloo.solo.io`. The table of kinds in `config/` says which, and which are acted on.
 */
export type Kind = string;

/** Who a configuration object is. Cluster-scoped kinds have the empty namespace. */
export interface ObjectKey {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** Where in the user's text something stands. Lines and columns count from 1. */
export interface Origin {
  /** Name of the source, e.g. `files`. */
  readonly source: string;
  /** File as the user knows it, or `-` for standard input. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** A typed, validated configuration object. `spec` has camelCase keys and canonical enum names, whatever spelling was used. */
export interface ConfigObject<S = unknown> {
  readonly key: ObjectKey;
  /** API group and version as written, e.g. `networking.istio.io/v1`. */
  readonly apiVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; the oldest wins a conflict. */
  readonly createdAt: number;
  readonly spec: S;
  readonly status?: unknown;
  readonly origin: Origin;
  /** Set on Istio objects that were made from Gloo objects. */
  readonly translatedFrom?: ObjectKey;
}

/** The text form of a key, used as a row key: `Kind/namespace/name`. */
export function objectId(key: ObjectKey): string {
  return `${key.kind}/${key.namespace}/${key.name}`;
}

/** Order in which Istio lets the first win: creation time, then name, then namespace (spec/istio.md 2.1). */
export function byAge(a: ConfigObject, b: ConfigObject): number {
  return a.createdAt - b.createdAt || compareText(a.key.name, b.key.name) || compareText(a.key.namespace, b.key.namespace);
}

/** Code-unit order, the same on every machine, unlike `localeCompare`. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
