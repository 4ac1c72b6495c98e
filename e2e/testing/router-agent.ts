import { type RunningAgent, runAgent } from 'sallyport/agent/agent.ts';
import type { ControlPlane } from './control-plane.ts';
import { freePort } from './proxy-agent.ts';

/** A gateway on loopback, labelled `app: gateway` in namespace `edge`, ready. */
export async function startRouter(
  { port }: ControlPlane,
  onMessage: (message: string) => void = () => {},
): Promise<RunningAgent> {
  const agent = await runAgent({
    identity: { role: 'router', name: 'gateway', namespace: 'edge', ips: ['127.0.0.1'], labels: { app: 'gateway' } },
    source: { kind: 'ads', place: { kind: 'tcp', address: '127.0.0.1', port } },
    mode: { kind: 'none' },
    ports: { metrics: await freePort(), health: 0, resolver: 0 },
    address: '127.0.0.1',
    upstream: { kind: 'nobody' },
    concurrency: 1,
    drainSeconds: 1,
    onLog: ({ message }) => onMessage(message),
  });
  await agent.untilReady(20_000);
  return agent;
}
