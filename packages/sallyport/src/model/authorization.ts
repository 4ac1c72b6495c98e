import type { ObjectKey } from './object.ts';
import type { ProxyClassId } from './proxy.ts';
import type { AuthorizationRule } from './spec/index.ts';

/** What becomes of calls that a policy matches: let in, turned away, or only marked. */
export type AuthorizationEffect = 'ALLOW' | 'DENY' | 'AUDIT';

/** An AuthorizationPolicy in force. Row key: its object id. */
export interface Authorization {
  readonly key: ObjectKey;
  readonly effect: AuthorizationEffect;
  /** Set in the root namespace: it is for workloads of every namespace. */
  readonly everywhere: boolean;
  /** Empty: every workload. */
  readonly selector: Readonly<Record<string, string>>;
  /** Counted and logged by Envoy, but without consequence (annotation `istio.io/dry-run`). */
  readonly dryRun: boolean;
  /** None: it matches no call. */
  readonly rules: readonly AuthorizationRule[];
}

/** The policies that hold for the workloads of a class, sorted by name; there is at least one. Row key: class id. */
export interface ClassAuthorization {
  readonly class: ProxyClassId;
  readonly policies: readonly Authorization[];
}
