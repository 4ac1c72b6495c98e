import { setTimeout as sleep } from 'node:timers/promises';
import { SallyportError } from '../lib/error.ts';
import type { EnvoyState, Supervisor } from './proxy/supervisor.ts';

export interface AgentStatus {
  /** Envoy is LIVE and has had its first clusters and listeners. Stays true while the control plane is away (security.md P5). */
  readonly ready: boolean;
  readonly envoy: EnvoyState;
  /** A stream to the control plane is open now. */
  readonly connected: boolean;
}

const STATISTICS =
  '^(control_plane\\.connected_state|cluster_manager\\.cds\\.update_success|listener_manager\\.lds\\.update_success)$';

export async function statusOf(supervisor: Supervisor): Promise<AgentStatus> {
  const [isLive, found] = await Promise.all([supervisor.isLive(), supervisor.statistics(STATISTICS)]);
  const has = (name: string) => (found.get(name) ?? 0) > 0;
  return {
    ready: isLive && has('cluster_manager.cds.update_success') && has('listener_manager.lds.update_success'),
    envoy: supervisor.state,
    connected: has('control_plane.connected_state'),
  };
}

/** Resolves when ready; throws UNREACHABLE with the reason otherwise. */
export async function untilReady(status: () => Promise<AgentStatus>, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const { ready, envoy, connected } = await status();
    if (ready) return;
    if (envoy.kind === 'stopped') throw new SallyportError('UNREACHABLE', 'Envoy was stopped before it was ready');
    if (performance.now() > until) {
      const why =
        envoy.kind === 'waiting' ? envoy.why : connected ? 'it waits for clusters and listeners' : 'it has no control plane';
      throw new SallyportError('UNREACHABLE', `Envoy was not ready after ${timeoutMs / 1000} s: ${why}`);
    }
    await sleep(50);
  }
}
