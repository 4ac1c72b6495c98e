import { setTimeout as sleep } from 'node:timers/promises';
import { createConfiguration } from 'sallyport/pipeline/configuration.ts';
import { createPipeline } from 'sallyport/pipeline/index.ts';
import { serveAds } from 'sallyport/pipeline/serve.ts';
import { startChild } from './child.ts';
import { columns } from './columns.ts';

/** What the agents' process tells. */
export interface NameAgentsAnswer {
  /** Responses that changed something, over all agents. */
  readonly changes: number;
  /** When the last one came, in milliseconds since the epoch. */
  readonly at: number;
  readonly cpuMs: number;
}

export interface NamesOptions {
  readonly names: number;
  readonly agents: number;
  readonly rounds: number;
}

/** What one changed name costs, as the median of the rounds. */
export interface NamesResult {
  readonly form: 'rows' | 'table';
  /** To one agent: all names when it connects, and one change. */
  readonly firstBytes: number;
  readonly bytes: number;
  readonly resources: number;
  /** Processor time: of the control plane for the change and all agents, of one agent. */
  readonly serverMs: number;
  readonly agentMs: number;
  /** From the change to the last agent. */
  readonly arrivedMs: number;
}

const PATIENCE_MS = 120_000;

/** One change of one name among many, to agents that take rows and to agents that take tables, over real gRPC. */
export async function measureNames(options: NamesOptions): Promise<readonly NamesResult[]> {
  return [await measure('rows', options), await measure('table', options)];
}

async function measure(form: NamesResult['form'], { names, agents, rounds }: NamesOptions): Promise<NamesResult> {
  const pipeline = createPipeline({ clusterDomain: 'cluster.local', clusterId: 'Kubernetes', rootNamespace: 'istio-system' });
  const configuration = createConfiguration(pipeline, { keepAges: true });
  const put = (from: number, to: number, third: number): void => {
    const files = Array.from({ length: to - from }, (_, i) => fileOf(from + i, third));
    configuration.receive({ source: 'bench', put: files, remove: [], synced: true, issues: [] });
  };
  put(0, names, 0);
  const server = serveAds(pipeline, { log: () => {} });
  const port = await server.listen(0);
  const child = startChild(new URL('./name-agents-process.ts', import.meta.url), [String(port), String(agents), form]);
  const ask = (): Promise<NameAgentsAnswer> => child.hear<NameAgentsAnswer>({ ask: 'changes' });
  const settled = async (): Promise<NameAgentsAnswer> => {
    const until = performance.now() + PATIENCE_MS;
    for (let before = await ask(); ; ) {
      if (performance.now() > until) throw new Error(`the agents have not settled: ${JSON.stringify(before)}`);
      await sleep(150);
      const now = await ask();
      const all = server.status().every(({ types }) => types.every(({ pending, unanswered }) => !pending && unanswered === 0));
      if (server.stats.streams === agents && all && now.changes > 0 && now.changes === before.changes) return now;
      before = now;
    }
  };
  try {
    await settled();
    const firstBytes = server.stats.bytes / agents;
    const seen: Omit<NamesResult, 'form' | 'firstBytes'>[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const [before, stats, cpu] = [await ask(), { ...server.stats }, process.cpuUsage()];
      const startedAt = performance.timeOrigin + performance.now();
      put(round, round + 1, round);
      // Long enough for everybody, and without our own questions in between, which cost as well.
      const until = performance.now() + PATIENCE_MS;
      for (let after = before; after.changes < before.changes + agents; after = await ask()) {
        if (performance.now() > until) throw new Error(`not every agent has heard of the change: ${JSON.stringify(after)}`);
        await sleep(40);
      }
      const { user, system } = process.cpuUsage(cpu);
      const after = await ask();
      seen.push({
        bytes: (server.stats.bytes - stats.bytes) / agents,
        resources: (server.stats.resources - stats.resources) / agents,
        serverMs: (user + system) / 1_000,
        agentMs: (after.cpuMs - before.cpuMs) / agents,
        arrivedMs: after.at - startedAt,
      });
    }
    const median = (of: keyof (typeof seen)[number]): number =>
      seen.map((one) => one[of]).sort((a, b) => a - b)[seen.length >> 1] ?? 0;
    return {
      form,
      firstBytes,
      bytes: median('bytes'),
      resources: median('resources'),
      serverMs: median('serverMs'),
      agentMs: median('agentMs'),
      arrivedMs: median('arrivedMs'),
    };
  } finally {
    await child.end();
    await server.close(0);
  }
}

function fileOf(i: number, third: number): { readonly path: string; readonly text: string } {
  const text = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: h${i}, namespace: shop}
spec:
  hosts: [h${i}.ext.example.com]
  addresses: [10.${third}.${i >> 8}.${i & 255}]
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`;
  return { path: `h${i}.yaml`, text };
}

export function namesText(results: readonly NamesResult[], { names, agents }: NamesOptions): string {
  const head = ['', 'all names', 'one change', 'resources', 'control plane', 'one agent', 'at the last agent'];
  const lines = results.map(({ form, firstBytes, bytes, resources, serverMs, agentMs, arrivedMs }) => [
    form === 'rows' ? 'rows' : 'whole table',
    `${Math.round(firstBytes)} B`,
    `${Math.round(bytes)} B`,
    String(resources),
    `${serverMs.toFixed(1)} ms CPU`,
    `${agentMs.toFixed(2)} ms CPU`,
    `${arrivedMs.toFixed(1)} ms`,
  ]);
  return `${names} names, ${agents} agents\n${columns([head, ...lines])}`;
}
