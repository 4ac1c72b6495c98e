import { startChild } from './child.ts';
import { columns } from './columns.ts';
import type { ClientReport, ClientRequest, DnsServerAnswer } from './dns-messages.ts';

/** What one kind of question costs the agent's DNS server. */
export interface DnsServerResult {
  readonly kind: string;
  readonly answers: number;
  readonly lost: number;
  readonly seconds: number;
  /** Of the server's process; a second of it is a core that did nothing else for a second. */
  readonly cpuSeconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytes: number;
}

export interface DnsServerOptions {
  readonly names: number;
  readonly seconds: number;
  /** Questions that are open at once. */
  readonly open: number;
}

/** The questions of a kind, as name and type; `i` counts from 0 to the number of names. */
const KINDS: Readonly<Record<string, (i: number) => readonly [string, 'A' | 'AAAA']>> = {
  'table, A': (i) => [`h${i}.ext.example.com`, 'A'],
  'table, AAAA': (i) => [`h${i}.ext.example.com`, 'AAAA'],
  'table, no address of the type': (i) => [`four${i % 100}.example.com`, 'AAAA'],
  'table, wildcard': (i) => [`a.b${i}.w.example.com`, 'A'],
  'table, behind the search domain (CNAME)': (i) => [`h${i}.ext.example.com.shop.svc.cluster.local`, 'A'],
  'kept from upstream': (i) => [`k${i % 1_000}.elsewhere.example`, 'A'],
};

/**
 * Asks the agent's DNS server over real UDP sockets, from a process of its own, with so many questions open all the time. Server and client share
 * the machine, so that answers per second of the server's processor time say what one core can do.
 */
export async function measureDnsServer({ names, seconds, open }: DnsServerOptions): Promise<readonly DnsServerResult[]> {
  const nodeOptions = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
  const server = startChild(new URL('./dns-server-process.ts', import.meta.url), [String(names)], nodeOptions);
  const client = startChild(new URL('./dns-client-process.ts', import.meta.url), []);
  const cpuOf = async (): Promise<number> => (await server.hear<DnsServerAnswer>({ ask: 'cpu' })).cpuSeconds;
  try {
    const { port } = await server.hear<DnsServerAnswer>();
    const results: DnsServerResult[] = [];
    for (const [kind, question] of Object.entries(KINDS)) {
      const questions = Array.from({ length: names }, (_, i) => question(i));
      const run = (forSeconds: number): Promise<ClientReport> =>
        client.hear<ClientReport>({ port, questions, open, seconds: forSeconds } satisfies ClientRequest);
      await run(1);
      const before = await cpuOf();
      const report = await run(seconds);
      results.push({ kind, cpuSeconds: (await cpuOf()) - before, ...report });
    }
    return results;
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
}

/** Answers from the table that one core is to give in a second. */
const GOAL = 20_000;

export function dnsServerText(results: readonly DnsServerResult[]): string {
  const head = ['question', 'answers/s', 'per core-second', 'p50 ms', 'p99 ms', 'octets', 'lost'];
  const lines = results.map(({ kind, answers, seconds, cpuSeconds, p50Ms, p99Ms, bytes, lost }) => [
    kind,
    String(Math.round(answers / seconds)),
    String(Math.round(answers / cpuSeconds)),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    String(Math.round(bytes / Math.max(1, answers))),
    String(lost),
  ]);
  const [first] = results;
  const perCore = first === undefined ? 0 : first.answers / first.cpuSeconds;
  const verdict = `${perCore >= GOAL ? 'reached' : 'missed '} ${Math.round(perCore)} answers per core-second from the table, at least ${GOAL}`;
  return `${columns([head, ...lines])}\n${verdict}`;
}
