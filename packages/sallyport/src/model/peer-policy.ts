import { selects } from '../lib/host.ts';
import type { ObjectKey } from './object.ts';

/** Whether a workload takes calls in mutual TLS, in plain text, or in both. */
export type PeerMode = 'PERMISSIVE' | 'STRICT' | 'DISABLE';

/** A PeerAuthentication that may decide something. */
export interface PeerPolicy {
  readonly key: ObjectKey;
  /** Empty for a policy of a whole namespace or of the mesh. */
  readonly selector: Readonly<Record<string, string>>;
  /** Absent: what the wider policy says. */
  readonly mode?: PeerMode;
  /** By port of the workload; UNSET is the policy's own mode. */
  readonly ports: Readonly<Record<string, PeerMode | 'UNSET'>>;
}

/** The PeerAuthentications of one namespace; those of the root namespace are the mesh's. Row key: the namespace. */
export interface PeerPolicies {
  readonly namespace: string;
  /** The one for everything here. */
  readonly general?: PeerPolicy;
  /** Those with a selector, the oldest first. */
  readonly selected: readonly PeerPolicy[];
}

/** A mode, and the policy that decided it. */
export interface PeerRuling {
  readonly mode: PeerMode;
  readonly by?: ObjectKey;
}

/** What holds for a workload: at its ports in general, and at those that its policy names. */
export interface PeerRulings extends PeerRuling {
  readonly ports: Readonly<Record<string, PeerRuling>>;
}

const NOBODY_ASKED: PeerRuling = { mode: 'PERMISSIVE' };

/**
 * Mesh, then namespace, then workload: each level overwrites the mode unless it leaves it open. Of several workload policies
 * the oldest that selects the labels counts alone, also for ports (spec/istio.md 11). Without labels the workload level is left out.
 */
export function peerRulings(
  mesh: PeerPolicies | undefined,
  own: PeerPolicies | undefined,
  labels?: Readonly<Record<string, string>>,
): PeerRulings {
  const workload = labels && own?.selected.find(({ selector }) => selects(selector, labels));
  let ruling = NOBODY_ASKED;
  for (const policy of [mesh?.general, own?.general, workload])
    if (policy?.mode !== undefined) ruling = { mode: policy.mode, by: policy.key };
  if (workload === undefined) return { ...ruling, ports: {} };
  const ports = Object.entries(workload.ports).map(
    ([port, mode]) => [port, mode === 'UNSET' ? ruling : { mode, by: workload.key }] as const,
  );
  return { ...ruling, ports: Object.fromEntries(ports) };
}

/** What holds at one port of the workload. */
export function rulingAt(rulings: PeerRulings, port: number): PeerRuling {
  const { mode, by } = rulings;
  return rulings.ports[port] ?? { mode, ...(by !== undefined && { by }) };
}
