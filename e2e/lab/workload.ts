import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attachNamespace } from 'sallyport/agent/capture/index.ts';
import { runtimeDir as placesIn } from 'sallyport/cli/runtime-dir.ts';
import { findWorkload, type WorkloadFile } from 'sallyport/cli/workload-file.ts';
import type { AccessLog, AccessRecord } from './access-log.ts';
import { sallyportCommand } from './environment.ts';
import { type KeptChild, keep, type Said } from './kept-child.ts';
import type { StandIn } from './world.ts';

export interface Workload {
  readonly said: readonly Said[];
  readonly pid: number;
  close(): Promise<void>;
}

export interface WorkloadOptions {
  readonly args: readonly string[];
  readonly runtimeDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly name: string;
  readonly access: AccessLog;
  readonly world: readonly StandIn[];
  readonly certificates: string;
  /** Where stand-ins listen: on every address of the namespace, or on their own addresses of this machine. */
  readonly listen: 'everywhere' | 'own addresses';
}

const STARTS_MS = 60_000;

/** Runs `sallyport agent` as a child process, and the stand-ins where its proxy can reach them. */
export async function startWorkload(options: WorkloadOptions): Promise<Workload> {
  const { access, env } = options;
  const said: Said[] = [];
  const hear = (one: Said): void => {
    if (one.event === 'access') access.add(one['line'] as AccessRecord);
    else said.push(one);
  };
  const agent = keep({ title: 'agent', command: sallyportCommand(['agent', '-o', 'json', ...options.args]), env, hear });
  let standIns: KeptChild | undefined;
  const close = async (): Promise<void> => {
    await standIns?.end();
    await agent.end();
  };
  try {
    standIns = startStandIns(await entered(options, agent), options);
    await standIns.until('ready', STARTS_MS);
    await agent.until('ready', STARTS_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return { said, pid: agent.pid, close };
}

/** The file by which other commands find the workload is there as soon as its namespace is. */
async function entered({ runtimeDir, name }: WorkloadOptions, agent: KeptChild): Promise<WorkloadFile> {
  const until = performance.now() + STARTS_MS;
  while (agent.isRunning && performance.now() < until) {
    const found = await findWorkload(placesIn(runtimeDir), name).catch(() => undefined);
    if (found !== undefined) return found;
    await sleep(25);
  }
  // Says why.
  await agent.until('entered', 0);
  throw new Error('the agent wrote no workload file');
}

function startStandIns({ mode }: WorkloadFile, { world, certificates, listen, env }: WorkloadOptions): KeptChild {
  const program = [
    process.execPath,
    fileURLToPath(import.meta.resolve('./stand-ins.ts')),
    JSON.stringify(world),
    certificates,
    listen,
  ];
  const command = mode.kind === 'capture' ? attachNamespace(mode).inside(program) : program;
  return keep({ title: 'stand-ins', command, env });
}
