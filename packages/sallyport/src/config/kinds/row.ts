import type { Kind, Severity } from '../../model/index.ts';
import type { Rule } from '../rules/rule.ts';
import type { Shape } from './shape.ts';

/** One kind of object that people write. Every kind is either acted on, or says why not. */
export interface KindRow {
  readonly kind: Kind;
  /** API group, empty for Kubernetes' core. */
  readonly group: string;
  /** Another group has the kind, too: keys of objects spell this one with its group. */
  readonly qualified?: true;
  /** Served versions, the preferred one first. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly use: ActedOn | NotActedOn;
}

export interface ActedOn {
  readonly acted: true;
  /** JSON Schema of `spec`. */
  readonly schema: Shape;
  /** Rules beyond the schema that refuse the object or warn (spec/istio.md 1.3, 2.7). */
  readonly rule?: Rule<never>;
  /** The fields stand beside `metadata`; they are put under `spec` (EndpointSlice, ConfigMap). */
  readonly withoutSpec?: true;
}

export interface NotActedOn {
  readonly acted: false;
  /** Completes "… is not acted on: ". */
  readonly because: string;
  readonly severity: Severity;
}

/** The kind as keys of objects spell it. */
export function keyKind({ kind, group, qualified }: Pick<KindRow, 'kind' | 'group' | 'qualified'>): Kind {
  return qualified === true ? `${kind}.${group}` : kind;
}

export function versionOf(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.lastIndexOf('/');
  return slash === -1
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
