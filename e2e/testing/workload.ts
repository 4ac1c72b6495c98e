import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attachNamespace, type Entrance, variantFor } from 'sallyport/agent/capture/index.ts';
import { findTool } from 'sallyport/agent/tools.ts';
import type { Call, CallerLine } from './caller.ts';
import { type ControlPlane, type RunLine, SALLYPORT } from './control-plane.ts';
import { type Talker, talker } from './lines.ts';

/** A captured workload of `sallyport agent --reach lab` with stand-ins for the world outside and an application that calls. */
export interface Workload {
  readonly entrance: Entrance;
  readonly agent: Talker<RunLine>;
  /** One call on a connection of its own. Never throws: what went wrong stands in `error`. */
  call(url: string, options?: Pick<Call, 'headers'>): Promise<CallerLine>;
  /** The address that answered, or the status, or the error. */
  answerOf(url: string, options?: Pick<Call, 'headers'>): Promise<string>;
  /** A long-lived answer that ticks ten times a second. */
  stream(url: string): Promise<Stream>;
  close(): Promise<void>;
}

export interface Stream {
  readonly ended: boolean;
  /** Resolves after that many ticks from now. */
  ticks(n: number): Promise<void>;
}

export interface WorkloadOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

export async function startWorkload(control: ControlPlane, options: WorkloadOptions): Promise<Workload> {
  const { name = 'web', namespace = 'shop', names } = options;
  const folder = await mkdtemp(join(tmpdir(), 'workload-'));
  const table = join(folder, 'names.json');
  await writeFile(table, JSON.stringify(names));
  const who = ['--name', name, '-n', namespace, '--reach', 'lab', '--names', table, '--runtime-dir', control.runtime];
  const agent = talker<RunLine>([...SALLYPORT, 'agent', ...who, '-o', 'json']);
  await agent.until(({ event }) => event === 'ready', { ms: 60_000 });
  const file = JSON.parse(await readFile(join(control.runtime, 'workloads', `${name}.json`), 'utf8'));
  const entrance = attachNamespace({ variant: variantFor(), holder: file.mode.holder });
  const program = (path: string) => [process.execPath, fileURLToPath(import.meta.resolve(path))];
  const standIn = talker<{ readonly listening: true }>(entrance.inside([...program('./stand-in.ts'), ...certificate(folder)]));
  const caller = talker<CallerLine>(entrance.inside(program('./caller.ts')));
  while (!standIn.said().includes('listening')) await new Promise((resolve) => setTimeout(resolve, 20));

  let last = 0;
  const send = (call: Omit<Call, 'id'>): number => {
    last += 1;
    caller.child.stdin!.write(`${JSON.stringify({ id: last, ...call })}\n`);
    return last;
  };
  const call: Workload['call'] = (url, more = {}) => {
    const from = caller.lines.length;
    const id = send({ url, ...more });
    return caller.until((line) => line.id === id, { from });
  };
  return {
    entrance,
    agent,
    call,
    answerOf: async (url, more) => {
      const { status, body = '', error } = await call(url, more);
      return error ?? (status === 200 ? (JSON.parse(body) as { at: string }).at.replace('::ffff:', '') : String(status));
    },
    stream: async (url) => {
      const id = send({ url, stream: true });
      const said = () => caller.lines.filter((line) => line.id === id);
      await caller.until((line) => line.id === id);
      return {
        get ended() {
          return said().some((line) => line.ended || line.error !== undefined);
        },
        ticks: async (n) => {
          const want = said().length + n;
          await caller.until((line) => line.id === id && (line.tick ?? 0) >= want, { ms: 15_000 });
        },
      };
    },
    close: async () => {
      for (const one of [caller, standIn, agent]) await one.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function certificate(folder: string): [string, string] {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const args = [...kind, '-subj', '/CN=stand-in', '-keyout', key, '-out', cert];
  execFileSync(findTool('openssl') ?? 'openssl', args, { stdio: 'ignore' });
  return [key, cert];
}
