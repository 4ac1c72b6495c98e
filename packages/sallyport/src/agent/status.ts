import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../lib/error.ts';
import type { NamesStatus } from './names/index.ts';
import type { EnvoyState, Supervisor } from './proxy/supervisor.ts';
import type { AnswerCounts } from './resolver/answer.ts';

export interface AgentStatus {
  /** Envoy is LIVE and has had its first clusters and listeners, and names are known. Stays true while the control plane is away (security.md P5). */
  readonly ready: boolean;
  readonly envoy: EnvoyState;
  /** A stream to the control plane is open now. */
  readonly connected: boolean;
  /** Where the application's questions are answered. */
  readonly names?: NamesStatus & { readonly answered: Readonly<AnswerCounts> };
}

const STATISTICS =
  '^(control_plane\\.connected_state|cluster_manager\\.cds\\.update_success|listener_manager\\.lds\\.update_success)$';

export async function statusOf(supervisor: Supervisor, names?: AgentStatus['names']): Promise<AgentStatus> {
  const [isLive, found] = await Promise.all([supervisor.isLive(), supervisor.statistics(STATISTICS)]);
  const has = (name: string) => (found.get(name) ?? 0) > 0;
  return {
    ready:
      isLive && has('cluster_manager.cds.update_success') && has('listener_manager.lds.update_success') && (names?.ready ?? true),
    envoy: supervisor.state,
    connected: has('control_plane.connected_state'),
    ...(names !== undefined && { names }),
  };
}

/** Resolves when ready; throws UNREACHABLE with the reason otherwise. */
export async function untilReady(status: () => Promise<AgentStatus>, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { ready, envoy, connected, names } = await status();
    if (ready) return;
    if (envoy.kind === 'stopped') throw new SallyportError('UNREACHABLE', 'Envoy was stopped before it was ready');
    if (performance.now() > until) {
      const waits = names?.ready === false ? 'it waits for its names' : 'it waits for clusters and listeners';
      const why = envoy.kind === 'waiting' ? envoy.why : connected ? waits : 'it has no control plane';
      throw new SallyportError('UNREACHABLE', `Envoy was not ready after ${timeoutMs / 1000} s: ${why}`);
    }
    await sleep(50);
  }
}
