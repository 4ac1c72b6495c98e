import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { attachNamespace, execIn } from '../agent/capture/index.ts';
import { SallyportError } from '../lib/error.ts';
import { interrupted } from './agent.ts';
import { type AgentCommandOptions, addAgentOptions, modeOf } from './agent-options.ts';
import { examples } from './options.ts';
import { runtimeDir } from './runtime-dir.ts';
import type { Terminal } from './terminal.ts';
import { keepWorkload } from './workload.ts';
import { findWorkload, type WorkloadFile } from './workload-file.ts';

interface ExecOptions extends AgentCommandOptions {
  readonly workload?: string;
  readonly user?: string;
}

/** Who the command is when root runs it: somebody who may do nothing. */
const NOBODY = '65534:65534';
const STARTED_MS = 60_000;

export function addExec(program: Command, terminal: Terminal): void {
  const command = program
    .command('exec')
    .summary('run a command whose traffic goes through a sidecar')
    .description(
      'Runs a command inside a running workload, or, if none is running, inside one that is made for it and ends with it.\nThe command can neither step around its proxy nor see its sockets.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--workload <name>', 'the running workload to enter (default: the only one)')
    .option('--user <uid[:gid]>', `who the command runs as, when run by root (default: ${NOBODY})`);
  addAgentOptions(command).action(async (words: string[], options: ExecOptions) => {
    process.exitCode = await exec(words, options, terminal);
  });
  examples(command, [
    'sallyport exec -- curl -si http://api.example.com/',
    'sallyport exec --workload web -- sh',
    'sallyport exec --mode proxy -- curl -si http://api.example.com/',
  ]);
}

async function exec(words: readonly string[], options: ExecOptions, terminal: Terminal): Promise<number> {
  const runtime = runtimeDir(options.runtimeDir);
  const running = await findWorkload(runtime, options.workload);
  if (running !== undefined) return enter(running, words, options);
  if (modeOf(options) === 'none')
    throw new SallyportError(
      'USAGE',
      'exec runs a command behind a sidecar: give it mode capture or proxy, and no --type router',
    );
  const stop = new AbortController();
  const name = `exec-${process.pid}`;
  let failed: unknown;
  const kept = keepWorkload({ ...options, name }, quiet(terminal), stop.signal).catch((error: unknown) => {
    failed = error;
  });
  try {
    const started = await untilReady(
      () => findWorkload(runtime, name).catch(() => undefined),
      () => failed,
    );
    return await enter(started, words, options);
  } finally {
    stop.abort();
    await kept;
  }
}

async function untilReady(find: () => Promise<WorkloadFile | undefined>, failed: () => unknown): Promise<WorkloadFile> {
  const until = performance.now() + STARTED_MS;
  while (performance.now() < until) {
    if (failed() !== undefined) throw failed();
    const workload = await find();
    if (workload !== undefined && (await isHealthy(workload))) return workload;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new SallyportError(
    'UNREACHABLE',
    `the workload was not ready after ${STARTED_MS / 1000} s; is a control plane running? (sallyport run -f DIR)`,
  );
}

/** The agent answers on its health port, inside its network namespace, once the proxy has its configuration. */
async function isHealthy(workload: WorkloadFile): Promise<boolean> {
  const probe = [
    process.execPath,
    '-e',
    `fetch("http://127.0.0.1:${workload.health}/healthz/ready").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`,
  ];
  const { mode } = workload;
  const [file = '', ...args] = mode.kind === 'capture' ? attachNamespace(mode).inside(probe) : probe;
  const child = spawn(file, args, { stdio: 'ignore' });
  const [code] = await once(child, 'close');
  return code === 0;
}

async function enter(workload: WorkloadFile, words: readonly string[], options: ExecOptions): Promise<number> {
  const { mode } = workload;
  if (mode.kind === 'capture') {
    const user = mode.variant === 'root' ? { user: userOf(options.user ?? NOBODY) } : {};
    return execIn(attachNamespace(mode), words, { ...user, hide: workload.hide, signal: interrupted() });
  }
  const proxy = `http://127.0.0.1:${mode.port}`;
  const [file = '', ...args] = words;
  const env = {
    ...process.env,
    http_proxy: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    HTTPS_PROXY: proxy,
    no_proxy: 'localhost,127.0.0.1,::1',
  };
  const child = spawn(file, args, { stdio: 'inherit', env });
  const [code, signal] = await once(child, 'close').catch((cause: Error) => {
    throw new SallyportError('USAGE', `${file} cannot be started: ${cause.message}`, { cause });
  });
  return code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

function userOf(text: string): { readonly uid: number; readonly gid: number } {
  const found = /^(\d+)(?::(\d+))?$/.exec(text);
  if (found === null) throw new SallyportError('USAGE', `--user ${text}: write the numbers UID or UID:GID`);
  return { uid: Number(found[1]), gid: Number(found[2] ?? found[1]) };
}

/** A workload made for one command says nothing of itself: the output belongs to the command. */
function quiet(terminal: Terminal): Terminal {
  return { ...terminal, out: () => {}, err: () => {} };
}
