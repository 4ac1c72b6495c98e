// An agent in a process of its own, as `sallyport agent` is inside a network namespace. Argument: what differs from the defaults, as JSON.
// Says `ready` when it is, access log lines after `access `, and what is wrong after `log `; ends on SIGTERM.
import { runAgent } from 'sallyport/agent/agent.ts';
import type { Variant } from 'sallyport/agent/capture/index.ts';
import { staticNames } from 'sallyport/agent/resolver/names.ts';

interface Wanted {
  readonly variant: Variant;
  readonly folder: string;
  readonly resources: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

const wanted = JSON.parse(process.argv[2] ?? '{}') as Wanted;
const names = staticNames(wanted.names);
const stopping = new AbortController();
const agent = await runAgent(
  {
    identity: { name: 'web-1', namespace: 'default', ips: ['10.99.0.2'], labels: { app: 'web' } },
    source: { kind: 'files', folder: wanted.resources },
    mode: { kind: 'capture', variant: wanted.variant },
    names: { application: names, envoy: names },
    upstream: { kind: 'nobody' },
    folder: wanted.folder,
    concurrency: 1,
    stopDrainSeconds: 1,
    onAccess: (line) => console.log(`access ${line}`),
    onLog: ({ level, component, message }) => console.log(`log ${level} ${component} ${message}`),
  },
  stopping.signal,
);
process.once('SIGTERM', () => void agent.stop());
await agent.untilReady(20_000);
console.log('ready');
