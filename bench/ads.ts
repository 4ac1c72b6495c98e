import { setTimeout as sleep } from 'node:timers/promises';
import { addEntry, otherEndpoint, otherTimeout, removeEntry, type Step } from './changes.ts';
import { buildClient, type Client, type Seen, startClient } from './client.ts';
import type { LoadOptions } from './load.ts';
import type { Report } from './messages.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const LOADS: Readonly<Record<string, LoadOptions>> = {
  c1k: { entries: 1_000, sidecars: true },
  c10k: { entries: 10_000, sidecars: true },
  c1kns: { entries: 1_000, sidecars: false },
};
export const loadNames: readonly string[] = Object.keys(LOADS);

/** Times in milliseconds; `ms` until the last proxy has acknowledged. */
export interface CaseResult extends Report {
  readonly name: 'cold' | 'endpoint' | 'add' | 'remove' | 'timeout' | 'reconnect';
  readonly ms: number;
  readonly firstMs: number;
  /** Part of `ms` until the graph had settled; only for changes of documents. */
  readonly settledMs?: number;
  readonly wire: number;
  readonly messages: number;
  readonly proxies: number;
}

export interface LoadResult {
  /** E.g. `c10k P=50`. */
  readonly load: string;
  /** From the start of the process until proxies may connect. */
  readonly ready: { readonly ms: number; readonly cpu: number; readonly rss: number };
  readonly cases: readonly CaseResult[];
  /** Memory in MiB: when all was over and the heap had had time to shrink, and the most there was. */
  readonly rss: { readonly steady: number; readonly peak: number };
}

/** Each change is made several times, and the middle one counts: the first meets code that has never run. */
const ROUNDS = 9;
/** Until the heap is looked at: garbage that nobody has asked to be collected yet is not what a server needs. */
const REST_MS = 20_000;
const STEPS: readonly (readonly [CaseResult['name'], (n: number) => Step])[][] = [
  [['endpoint', otherEndpoint]],
  [
    ['add', addEntry],
    ['remove', removeEntry],
  ],
  [['timeout', otherTimeout]],
];

/** Runs one load with one number of proxies: cases 2 to 6 of spec/performance.md, each change counted from its document's arrival. */
export async function measureAds(load: string, proxies: number): Promise<LoadResult> {
  const options = LOADS[load];
  if (options === undefined) throw new Error(`there is no load ${load}: choose ${loadNames.join(', ')}`);
  const server = await startServer(options);
  const { port, startedAt, at, cpu, rss } = server.ready;
  const client = startClient(buildClient(), port, proxies);
  try {
    const affected = options.sidecars ? Math.max(1, affectedOf(proxies)) : proxies;
    const cases: CaseResult[] = [await cold(server, client, proxies)];
    for (const steps of STEPS) {
      const rounds: CaseResult[][] = [];
      for (let n = 1; n <= ROUNDS; n += 1) {
        const round: CaseResult[] = [];
        for (const [name, step] of steps) round.push(await change(server, client, name, step(n), affected));
        rounds.push(round);
      }
      for (const i of steps.keys()) cases.push(middle(rounds.map((round) => round[i] as CaseResult)));
    }
    cases.push(await reconnect(server, client, proxies));
    await sleep(REST_MS);
    const end = await server.ask({ ask: 'report' }, 'report');
    const memory = { steady: end.rss, peak: end.peakRss };
    return { load: `${load} P=${proxies}`, ready: { ms: at - startedAt, cpu, rss }, cases, rss: memory };
  } finally {
    await client.stop();
    await server.stop();
  }
}

/** Proxies in namespaces that see namespace 0: itself and those 1 and 7 before it. */
function affectedOf(proxies: number): number {
  return Array.from({ length: proxies }, (_, i) => i % 50).filter((k) => k === 0 || k === 49 || k === 43).length;
}

function middle(results: readonly CaseResult[]): CaseResult {
  return results.toSorted((a, b) => a.ms - b.ms)[Math.floor(results.length / 2)] as CaseResult;
}

async function cold(server: ServerProcess, client: Client, proxies: number): Promise<CaseResult> {
  await mark(server, client);
  const start = Date.now();
  await client.connect();
  // Clusters, endpoints, listeners and routes at the least.
  const seen = await client.quiet(4_000, 240_000, 4 * proxies);
  return result('cold', start, seen, await server.ask({ ask: 'report' }, 'report'));
}

async function change(
  server: ServerProcess,
  client: Client,
  name: CaseResult['name'],
  step: Step,
  affected: number,
): Promise<CaseResult> {
  await sleep(500);
  await mark(server, client);
  const { at, took } = await server.ask({ ask: 'step', step }, 'stepped');
  const seen = await client.quiet(700, 60_000, affected);
  return { ...result(name, at, seen, await server.ask({ ask: 'report' }, 'report')), settledMs: took };
}

/**
 * A server that honours `initial_resource_versions` sends nothing, and then the client knows of no end: the server says
 * when all streams are back and have said what they have to say.
 */
async function reconnect(server: ServerProcess, client: Client, proxies: number): Promise<CaseResult> {
  await sleep(500);
  await mark(server, client);
  const start = Date.now();
  await client.reconnect();
  const { lastRequestAt, timedOut } = await server.ask({ ask: 'settled', streams: proxies, quietMs: 700 }, 'settled');
  const report = await server.ask({ ask: 'report' }, 'report');
  const seen = await client.quiet(0, 1, 0);
  return result('reconnect', start, { ...seen, first: start, last: lastRequestAt, timedOut, down: 0 }, report);
}

async function mark(server: ServerProcess, client: Client): Promise<void> {
  await client.mark();
  await server.ask({ ask: 'mark' }, 'marked');
}

function result(name: CaseResult['name'], start: number, seen: Seen, report: Report): CaseResult {
  if (seen.timedOut || seen.down > 0 || report.failures > 0)
    throw new Error(`${name}: ${JSON.stringify({ ...seen, failures: report.failures })}`);
  const { wire, messages, proxies } = seen;
  const { cpu, rss, peakRss, work, resourcesSent, bytesSent, pushes, failures } = report;
  const counted = { cpu, rss, peakRss, work, resourcesSent, bytesSent, pushes, failures };
  return { name, ms: seen.last - start, firstMs: seen.first - start, wire, messages, proxies, ...counted };
}
